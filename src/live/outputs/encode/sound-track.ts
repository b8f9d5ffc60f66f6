import type { Writable } from 'node:stream';
import { SAMPLE_BYTES, SAMPLE_RATE, type Sound } from '../../../media/live/audio-tap.js';

/** Tolerance in samples before silence is inserted or sound is cut. */
const TOLERANCE = SAMPLE_RATE / 50;
/** Most bytes buffered for a slow encoder: about five seconds. */
const MAX_BUFFERED_BYTES = 2 ** 20;
const SILENCE = Buffer.alloc((SAMPLE_RATE / 10) * SAMPLE_BYTES);

/** A sound track without gaps: missing parts become silence, overlapping or early parts are cut. */
export class SoundTrack {
  private samples = 0;

  /** @param origin time of the first sample in seconds */
  constructor(
    private readonly to: Writable,
    private readonly origin: number,
  ) {}

  /** Adds a block of sound at its time. */
  push({ pts, data }: Sound): void {
    const ahead = Math.round((pts - this.origin) * SAMPLE_RATE) - this.samples;
    if (ahead > TOLERANCE) this.fill(ahead);
    const cut = ahead < -TOLERANCE ? -ahead * SAMPLE_BYTES : 0;
    if (cut < data.length) this.write(data.subarray(cut));
  }

  /** Fills the track up to a time, with silence where there is no sound. */
  fillTo(pts: number): void {
    const missing = Math.round((pts - this.origin) * SAMPLE_RATE) - this.samples;
    if (missing > TOLERANCE) this.fill(missing);
  }

  private fill(samples: number): void {
    for (let left = samples * SAMPLE_BYTES; left > 0; left -= SILENCE.length) {
      if (!this.write(SILENCE.subarray(0, Math.min(left, SILENCE.length)))) return;
    }
  }

  /** Sound that does not fit into the buffer is dropped and becomes silence later. */
  private write(data: Buffer): boolean {
    if (this.to.writableLength > MAX_BUFFERED_BYTES || this.to.destroyed) return false;
    this.to.write(data);
    this.samples += data.length / SAMPLE_BYTES;
    return true;
  }
}

import type { Writable } from 'node:stream';
import { SAMPLE_BYTES, SAMPLE_RATE, type Sound } from '../../media/live/audio-tap.js';

/** Samples by which a piece may be off before silence is put in or something is cut. */
const TOLERANCE = SAMPLE_RATE / 50;
/** Bytes that may wait for a slow encoder: about five seconds. */
const MOST_WAITING = 2 ** 20;
const QUIET = Buffer.alloc((SAMPLE_RATE / 10) * SAMPLE_BYTES);

/** A track of sound without gaps: what is missing becomes silence, what overlaps or came too early is cut. */
export class SoundTrack {
  private samples = 0;

  /** @param origin time of the first sample in seconds */
  constructor(
    private readonly to: Writable,
    private readonly origin: number,
  ) {}

  /** Adds a piece of sound where its time says. */
  push({ pts, data }: Sound): void {
    const ahead = Math.round((pts - this.origin) * SAMPLE_RATE) - this.samples;
    if (ahead > TOLERANCE) this.fill(ahead);
    const cut = ahead < -TOLERANCE ? -ahead * SAMPLE_BYTES : 0;
    if (cut < data.length) this.write(data.subarray(cut));
  }

  /** Makes sure that there is sound up to a time: silence where there is none. */
  reach(pts: number): void {
    const missing = Math.round((pts - this.origin) * SAMPLE_RATE) - this.samples;
    if (missing > TOLERANCE) this.fill(missing);
  }

  private fill(samples: number): void {
    for (let left = samples * SAMPLE_BYTES; left > 0; left -= QUIET.length) {
      if (!this.write(QUIET.subarray(0, Math.min(left, QUIET.length)))) return;
    }
  }

  /** What does not fit is left out, and becomes silence later. */
  private write(data: Buffer): boolean {
    if (this.to.writableLength > MOST_WAITING || this.to.destroyed) return false;
    this.to.write(data);
    this.samples += data.length / SAMPLE_BYTES;
    return true;
  }
}

import { messageOf } from '../../errors.js';
import type { Size } from '../../frame.js';
import type { Ffmpeg } from '../../media/ffmpeg/binaries.js';
import type { AudioTap, Sound } from '../../media/live/audio-tap.js';
import { liveFailureOf } from '../../media/live/failure.js';
import { LatestSlot } from '../../media/live/latest-slot.js';
import { sharp } from '../../media/sharp.js';
import type { LiveFrame } from '../show/types.js';
import { Encoding } from './encoding.js';
import type { OutputPlan } from './plan.js';

/** Milliseconds between attempts: the first, and the most; each twice the one before. */
const BACK_OFF = { first: 1000, most: 10_000 } as const;
/** Milliseconds to finish: what is sent may be cut off, what is kept not. */
const HASTE_MS = 3000;
const PATIENCE_MS = 60_000;
/** Seconds of sound that wait for the frames they belong to, which come later by the time of painting. */
const HELD_SECONDS = 3;

/** What an output gets. */
export interface OutputOptions {
  /** Size of the frames in pixels. */
  readonly size: Size;
  /** Frames a second, about. */
  readonly fps: number;
  /** The sound of the source. */
  readonly audio?: AudioTap | undefined;
  /** Told of each change of `state`. */
  readonly onState?: ((state: string) => void) | undefined;
}

/**
 * Somewhere that frames go. It never delays the show: while one frame is being encoded only the newest waits. A target
 * that fails is tried again, and the rest goes on.
 */
export class Output {
  /** `connecting`, `live`, `retrying in 2 s: reason`, `failed: reason` or `closed`. */
  state = 'connecting';
  /** Frames that were not written. */
  dropped = 0;
  /** The finished file, where there is one. */
  file: string | undefined;
  private readonly newest = new LatestSlot<LiveFrame>();
  private readonly held: Sound[] = [];
  private readonly running: Promise<void>;
  private readonly deafen: () => void;
  private encoding: Encoding | undefined;
  private wake: () => void = () => undefined;
  private closing = false;

  constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly plan: OutputPlan,
    private readonly picture: Size,
    private readonly options: OutputOptions,
  ) {
    this.deafen = options.audio?.listen((sound) => this.hear(sound)) ?? (() => undefined);
    this.running = this.run();
  }

  /** What it is, without secrets. */
  get name(): string {
    return this.plan.name;
  }

  /** Takes a frame; returns at once. Its pixels are read later and must not change. */
  write(frame: LiveFrame): void {
    if (this.newest.put(frame)) this.dropped++;
  }

  /** Finishes what was begun. Never rejects: `state` tells. */
  async close(): Promise<void> {
    this.closing = true;
    this.newest.end();
    this.deafen();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let delay: number = BACK_OFF.first;
    let written = false;
    for (;;) {
      const first = await this.newest.take();
      if (!first) break;
      const { frames, reason } = await this.encode(first, written);
      written ||= frames > 0;
      if (reason === undefined) break;
      if (!this.plan.retries) return this.fail(reason);
      if (this.closing) return this.become('closed');
      if (this.state === 'live') delay = BACK_OFF.first;
      this.become(`retrying in ${delay / 1000} s: ${reason}`);
      await this.wait(delay);
      delay = Math.min(BACK_OFF.most, delay * 2);
    }
    try {
      this.file = await this.plan.finish?.(written);
      this.become('closed');
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  /** Encodes until there are no more frames (no reason then) or the encoder is gone. */
  private async encode(first: LiveFrame, again: boolean): Promise<{ frames: number; reason: string | undefined }> {
    let frames = 0;
    let gone = false;
    const heard = this.options.audio !== undefined;
    const encoding = await Encoding.start(this.ffmpeg, {
      size: this.picture,
      target: this.plan.target,
      options: this.plan.options(again),
      track: this.plan.sound === 'always' || (this.plan.sound === 'source' && heard),
      heard,
      origin: first.pts,
      onLive: () => this.become('live'),
    });
    void encoding.exited.then(() => {
      gone = true;
      this.newest.notify();
    });
    for (const sound of this.held.splice(0)) encoding.hear(sound);
    this.encoding = encoding;
    for (let frame: LiveFrame | undefined = first; frame && !gone; frame = await this.newest.take(() => gone)) {
      await encoding.write(await rgb(frame, this.picture), frame.pts);
      frames++;
    }
    this.encoding = undefined;
    const died = gone;
    const exit = died ? await encoding.exited : await encoding.finish(this.plan.retries ? HASTE_MS : PATIENCE_MS);
    if (!died && !exit.failure) return { frames, reason: undefined };
    return { frames, reason: encoding.stalled ? 'it takes no more frames' : liveFailureOf(exit).reason };
  }

  private hear(sound: Sound): void {
    if (this.encoding) {
      this.encoding.hear(sound);
      return;
    }
    this.held.push(sound);
    while (this.held[0] && this.held[0].pts < sound.pts - HELD_SECONDS) this.held.shift();
  }

  private fail(reason: string): void {
    this.newest.end();
    const remains = this.plan.remains ? `; what there is, is kept as ${this.plan.remains()}` : '';
    this.become(`failed: ${reason}${remains}`);
  }

  private become(state: string): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state);
  }

  private async wait(milliseconds: number): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

/** A frame as RGB24 of a size; where the background was cut out it is black. */
async function rgb(frame: LiveFrame, { width, height }: Size): Promise<Uint8Array> {
  if (frame.channels === 3 && frame.width === width && frame.height === height) return frame.data;
  const raw = { width: frame.width, height: frame.height, channels: frame.channels } as const;
  let image = sharp(frame.data, { raw });
  if (frame.channels === 4) image = image.flatten({ background: '#000' });
  return image.resize(width, height, { fit: 'fill' }).raw().toBuffer();
}

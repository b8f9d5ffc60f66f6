import { BackOff } from '../../back-off.js';
import { messageOf } from '../../errors.js';
import type { Size } from '../../frame.js';
import type { Ffmpeg } from '../../media/ffmpeg/binaries.js';
import type { AudioTap, Sound } from '../../media/live/audio-tap.js';
import { liveFailureOf } from '../../media/live/failure.js';
import { LatestSlot } from '../../media/live/latest-slot.js';
import { sharp } from '../../media/sharp.js';
import type { LiveFrame, OutputFigures } from '../show/types.js';
import { Encoding } from './encode/encoding.js';
import type { OutputPlan } from './plan.js';

/** Milliseconds between attempts: the first and the longest pause. */
const PAUSES = [1000, 10_000] as const;
/** Milliseconds allowed for finishing: a stream may be cut off, a file not. */
const SEND_FINISH_MS = 3000;
const FILE_FINISH_MS = 60_000;
/** Seconds of sound buffered until its frames arrive, which painting delays. */
const HELD_SECONDS = 3;

/** Options of an output. */
export interface OutputOptions {
  /** Size of the frames in pixels. */
  readonly size: Size;
  /** Approximate frame rate. */
  readonly fps: number;
  /** The sound of the source. */
  readonly audio?: AudioTap | undefined;
  /** Called on each change of `state`. */
  readonly onState?: ((state: string) => void) | undefined;
}

/**
 * An output of a show. It never delays the show: while one frame is being encoded only the newest waits. A target that
 * fails is retried; other outputs are not affected.
 */
export class Output {
  /** `connecting`, `live`, `retrying in 2 s: reason`, `failed: reason` or `closed`. */
  state = 'connecting';
  /** Whether there was something to write and the target was never open. */
  get unreached(): boolean {
    return this.tried && !this.reached;
  }

  /** Frames that were not written. */
  dropped = 0;
  private began: number | undefined;
  private ended = 0;
  /** Bytes on disk as they were found last, and those that earlier encoders have written. */
  private found: number | undefined;
  private earlier: number | undefined;
  /** The finished file, where there is one. */
  file: string | undefined;
  private readonly newest = new LatestSlot<LiveFrame>();
  private readonly held: Sound[] = [];
  private readonly running: Promise<void>;
  private readonly deafen: () => void;
  private encoding: Encoding | undefined;
  private readonly backOff = new BackOff(...PAUSES);
  private closing = false;
  private tried = false;
  private reached = false;

  constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly plan: OutputPlan,
    private readonly picture: Size,
    private readonly options: OutputOptions,
  ) {
    this.deafen = options.audio?.listen((sound) => this.takeSound(sound)) ?? (() => undefined);
    this.running = this.run();
  }

  /** Its name, without secrets. */
  get name(): string {
    return this.plan.name;
  }

  /** What is told of it; what is on disk, as it was the time before. */
  get figures(): Omit<OutputFigures, 'kind'> {
    const { state, dropped, plan } = this;
    plan.bytes?.().then(
      (bytes) => {
        this.found = bytes;
      },
      () => undefined,
    );
    const bytes = plan.bytes ? this.found : this.written;
    const seconds = this.ended - (this.began ?? this.ended);
    return { state, seconds, dropped, ...(bytes === undefined ? {} : { bytes }) };
  }

  /** Bytes that were written, where ffmpeg knows. */
  private get written(): number | undefined {
    const now = this.encoding?.bytes;
    return now === undefined ? this.earlier : (this.earlier ?? 0) + now;
  }

  /** Queues a frame; returns at once. Its pixels are read later and must not change. */
  write(frame: LiveFrame): void {
    this.began ??= frame.pts;
    this.ended = frame.pts;
    if (this.newest.put(frame)) this.dropped++;
  }

  /** Finishes the output. Never rejects: see `state`. */
  async close(): Promise<void> {
    this.closing = true;
    this.newest.end();
    this.deafen();
    this.backOff.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let written = false;
    for (;;) {
      const first = await this.newest.take();
      if (!first) break;
      const { frames, reason } = await this.encode(first, written);
      written ||= frames > 0;
      if (reason === undefined) break;
      if (!this.plan.retries) return this.fail(reason);
      if (this.closing) return this.setState('closed');
      if (this.state === 'live') this.backOff.reset();
      this.setState(`retrying in ${this.backOff.delay / 1000} s: ${reason}`);
      await this.backOff.wait();
    }
    try {
      this.file = await this.plan.finish?.(written);
      this.setState('closed');
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  /** Encodes until there are no more frames (without a reason) or the encoder has exited (with the reason). */
  private async encode(first: LiveFrame, again: boolean): Promise<{ frames: number; reason: string | undefined }> {
    this.tried = true;
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
      onLive: () => this.setState('live'),
    });
    void encoding.exited.then(() => {
      gone = true;
      this.newest.notify();
    });
    for (const sound of this.held.splice(0)) encoding.writeSound(sound);
    this.encoding = encoding;
    for (let frame: LiveFrame | undefined = first; frame && !gone; frame = await this.newest.take(() => gone)) {
      await encoding.write(await rgb(frame, this.picture), frame.pts);
      frames++;
    }
    this.earlier = this.written;
    this.encoding = undefined;
    const died = gone;
    const exit = died
      ? await encoding.exited
      : await encoding.finish(this.plan.retries ? SEND_FINISH_MS : FILE_FINISH_MS);
    if (!died && !exit.failure) return { frames, reason: undefined };
    return { frames, reason: encoding.stalled ? 'it takes no more frames' : liveFailureOf(exit).reason };
  }

  private takeSound(sound: Sound): void {
    if (this.encoding) {
      this.encoding.writeSound(sound);
      return;
    }
    this.held.push(sound);
    while (this.held[0] && this.held[0].pts < sound.pts - HELD_SECONDS) this.held.shift();
  }

  private fail(reason: string): void {
    this.newest.end();
    const remains = this.plan.remains ? `; what there is, is kept as ${this.plan.remains()}` : '';
    this.setState(`failed: ${reason}${remains}`);
  }

  private setState(state: string): void {
    if (state === this.state) return;
    this.state = state;
    if (state === 'live') this.reached = true;
    this.options.onState?.(state);
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

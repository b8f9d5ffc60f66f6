import { deferred } from '../../deferred.js';
import { MediaError, type StylecastError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { type Ffmpeg, findFfmpeg } from '../ffmpeg/binaries.js';
import { denoiseFilter } from '../ffmpeg/filters.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { AudioTap, SAMPLE_BYTES, SAMPLE_RATE } from './audio-tap.js';
import { LiveConnection, QUIET_MS } from './connection.js';
import { type Trouble, troubleOf } from './failure.js';
import type { Feed, LiveSourceOptions, SourceState } from './feed.js';
import { FrameQueue } from './frame-queue.js';
import { type LiveInputs, liveInputs, type SourceSpec } from './input.js';

/** Milliseconds between attempts to come back: the first, and the most; each twice the one before. */
const BACK_OFF = { first: 500, most: 5000 } as const;
/** Bytes of sound that wait for the first frame: ten seconds. */
const MOST_EARLY = 10 * SAMPLE_RATE * SAMPLE_BYTES;
const DEFAULT_FPS = 30;
/** How a stream fails that is not on air. */
const OFF_AIR = new Set([
  'LIVE_REFUSED',
  'LIVE_UNREACHABLE',
  'LIVE_NOT_FOUND',
  'LIVE_TIMEOUT',
  'LIVE_LOST',
  'LIVE_OVER',
]);
/** What ffmpeg says where a stream has no sound. */
const NO_SOUND = /matches no streams|does not contain any stream/i;
/** Rates above are time bases that a stream without a rate gives instead. */
const HIGHEST_FPS = 240;

type StreamSpec = Exclude<SourceSpec, { kind: 'browser' }>;

/** Frames and sound that ffmpeg takes from a camera, stream, file, screen or pattern; comes back after a loss. */
export class StreamFeed implements Feed {
  frames!: FrameQueue;
  fps = DEFAULT_FPS;
  audio: AudioTap | undefined;
  state: SourceState = 'connecting';
  private readonly opened = deferred<void>();
  private connection: LiveConnection | undefined;
  private closing = false;
  private pause: { wake: () => void } | undefined;
  private way = 0;
  private sound: boolean;
  /** What a connection's zero is in the source's own time; undefined until its first frame. */
  private base: number | undefined;
  private samples = 0;
  private early: Buffer[] = [];
  private began: number | undefined;
  private running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly spec: StreamSpec,
    private readonly options: LiveSourceOptions,
    private readonly denoise: string | undefined,
  ) {
    this.sound = options.audio ?? false;
  }

  /** Resolves with the first frame. @throws StylecastError when there is none */
  static async open(spec: StreamSpec, options: LiveSourceOptions): Promise<StreamFeed> {
    const ffmpeg = await findFfmpeg();
    const denoise = options.denoise ? await denoiseFilter(ffmpeg) : undefined;
    const feed = new StreamFeed(ffmpeg, spec, options, denoise);
    feed.running = feed.run();
    const stop = () => void feed.close();
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    await feed.opened.promise;
    return feed;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.connection?.kill();
    this.pause?.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let delay: number = BACK_OFF.first;
    while (!this.closing) {
      const { exit, error, frames, final } = await this.attempt();
      if (this.closing) break;
      if (final) {
        this.become('ended');
        break;
      }
      if (frames === 0 && exit && this.another(exit)) continue;
      if (this.frames) this.become('lost', `${error.message} Trying again.`);
      else if (this.mayComeOnAir(error)) this.report(`${error.message} Waiting for it.`);
      else {
        this.opened.reject(error);
        return;
      }
      if (frames > 0) delay = BACK_OFF.first;
      await this.wait(delay);
      delay = Math.min(BACK_OFF.most, delay * 2);
    }
    this.frames?.end();
    this.opened.reject(new MediaError('SOURCE_CLOSED', 'The source was closed before its first frame.'));
  }

  /** Opens the source and stays with it until it is gone. */
  private async attempt(): Promise<Outcome> {
    let inputs: LiveInputs;
    try {
      const { fps = DEFAULT_FPS } = this.options;
      // Asked each time: a camera that was plugged in again may have another number.
      inputs = await liveInputs(this.spec, { fps, ffmpeg: this.ffmpeg, platform: process.platform });
    } catch (error) {
      return { error: error as Error, frames: 0, final: false };
    }
    if (this.closing) return { error: new Error('closed'), frames: 0, final: false };
    this.base = undefined;
    this.samples = 0;
    this.early = [];
    this.ways = inputs.ways.length;
    this.ends = inputs.ends;
    const connection = new LiveConnection(this.ffmpeg, inputs.ways[this.way] ?? inputs.ways[0]!, {
      size: this.frames?.size,
      height: this.options.height,
      fps: this.options.fps,
      denoise: this.denoise,
      sound: this.sound,
      onFormat: (size, fps) => this.begin(size, fps),
      onFrame: (data, time, capturedAt) => this.take(data, time, capturedAt),
      onSound: (data) => this.hear(data),
    });
    this.connection = connection;
    const exit = await connection.exited;
    const { frames, quiet } = connection;
    const trouble = quiet ? SILENT : troubleOf(exit);
    const error = new MediaError(trouble.code, `Live from ${inputs.name}: ${trouble.reason}.`, {
      // Without the cause, which would tell the passwords.
      hint: trouble.hint,
    });
    return { exit, error, frames, final: inputs.ends && frames > 0 && !exit.signal };
  }

  /** Whether a stream that gave nothing yet is worth waiting for: a mistake in its address is not. */
  private mayComeOnAir(error: Error): boolean {
    return (
      (this.options.wait ?? false) &&
      this.spec.kind === 'url' &&
      !this.ends &&
      error instanceof MediaError &&
      OFF_AIR.has(error.code)
    );
  }

  /** Tells the reason of still connecting, each reason once. */
  private report(reason: string): void {
    if (reason !== this.reported) this.options.onState?.(this.state, reason);
    this.reported = reason;
  }

  private reported = '';
  private ways = 1;
  private ends = false;

  /** Whether there is another way to open the source, after one that gave no frame. */
  private another(exit: FfmpegExit): boolean {
    if (this.sound && exit.tail.some((line) => NO_SOUND.test(line))) {
      this.sound = false;
      return true;
    }
    if (this.frames || this.way + 1 >= this.ways) return false;
    this.way++;
    return true;
  }

  private begin(size: Size, fps: number | undefined): FrameQueue {
    if (!this.frames) {
      this.frames = new FrameQueue(size);
      const told = fps !== undefined && fps <= HIGHEST_FPS ? fps : DEFAULT_FPS;
      this.fps = Math.min(told, this.options.fps ?? HIGHEST_FPS);
      if (this.sound) this.audio = new AudioTap();
    }
    return this.frames;
  }

  private take(data: Uint8Array<ArrayBuffer>, time: number, capturedAt: number): void {
    if (this.base === undefined) {
      this.began ??= capturedAt;
      const { lastTime } = this.frames;
      const since = (capturedAt - this.began) / 1000;
      this.base = (lastTime === undefined ? since : Math.max(since, lastTime + 1 / this.fps)) - time;
      this.become('live');
      this.opened.resolve();
      for (const sound of this.early.splice(0)) this.hear(sound);
    }
    this.frames.offer(data, this.base + time, capturedAt);
  }

  private hear(data: Buffer): void {
    if (this.base === undefined || !this.audio) {
      if (this.early.reduce((sum, { length }) => sum + length, data.length) <= MOST_EARLY) this.early.push(data);
      return;
    }
    this.audio.push({ pts: this.base + this.samples / SAMPLE_RATE, data });
    this.samples += data.length / SAMPLE_BYTES;
  }

  private become(state: SourceState, reason?: string): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state, reason);
  }

  private async wait(milliseconds: number): Promise<void> {
    await new Promise<void>((wake) => {
      const timer = setTimeout(wake, milliseconds);
      this.pause = {
        wake: () => {
          clearTimeout(timer);
          wake();
        },
      };
    });
    this.pause = undefined;
  }
}

/** How an attempt ended. */
interface Outcome {
  readonly exit?: FfmpegExit;
  readonly error: Error | StylecastError;
  readonly frames: number;
  /** Whether the source came to its end. */
  readonly final: boolean;
}

const SILENT: Trouble = {
  code: 'LIVE_TIMEOUT',
  reason: `no frame for ${QUIET_MS / 1000} s`,
  hint: 'Check that the camera or the sender runs.',
};

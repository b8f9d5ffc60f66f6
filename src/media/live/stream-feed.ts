import { BackOff } from '../../back-off.js';
import { deferred } from '../../deferred.js';
import { MediaError, type StylecastError } from '../../errors.js';
import type { Size } from '../../frame.js';
import { type Ffmpeg, findFfmpeg } from '../ffmpeg/binaries.js';
import type { Explanation } from '../ffmpeg/known-failures.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { denoiseFilter } from '../raw/filters.js';
import { AudioTap, SAMPLE_BYTES, SAMPLE_RATE } from './audio-tap.js';
import { QUIET_MS, StreamConnection } from './connection.js';
import { liveFailureOf } from './failure.js';
import type { Feed, LiveSourceOptions, SourceState } from './feed.js';
import { FrameQueue } from './frame-queue.js';
import { type LiveInputs, liveInputs, type SourceSpec } from './input.js';

/** Milliseconds between attempts to reconnect: the first and the longest pause. */
const PAUSES = [500, 5000] as const;
/** Bytes of sound buffered until the first frame: ten seconds. */
const MAX_EARLY_BYTES = 10 * SAMPLE_RATE * SAMPLE_BYTES;
const DEFAULT_FPS = 30;
/** Failures of a stream that is not live yet. */
const OFF_AIR = new Set([
  'LIVE_REFUSED',
  'LIVE_UNREACHABLE',
  'LIVE_NOT_FOUND',
  'LIVE_TIMEOUT',
  'LIVE_LOST',
  'LIVE_OVER',
]);
/** ffmpeg's messages for a stream without sound. */
const NO_SOUND = /matches no streams|does not contain any stream/i;
/** Higher rates are in truth time bases, which streams without a frame rate report instead. */
const HIGHEST_FPS = 240;

type StreamSpec = Exclude<SourceSpec, { kind: 'browser' }>;

/** Frames and sound that ffmpeg takes from a camera, stream, file, screen or pattern; reconnects after a loss. */
export class StreamFeed implements Feed {
  frames!: FrameQueue;
  fps = DEFAULT_FPS;
  audio: AudioTap | undefined;
  state: SourceState = 'connecting';
  private readonly opened = deferred<void>();
  private connection: StreamConnection | undefined;
  private closing = false;
  private readonly backOff = new BackOff(...PAUSES);
  private candidate = 0;
  private sound: boolean;
  /** Time zero of the connection on the source's clock; undefined until its first frame. */
  private base: number | undefined;
  private samples = 0;
  private earlySound: Buffer[] = [];
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
    this.backOff.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.closing) {
      const { exit, error, frames, final } = await this.attempt();
      if (this.closing) break;
      if (final) {
        this.setState('ended');
        break;
      }
      if (frames === 0 && exit && this.tryNextWay(exit)) continue;
      if (this.frames) this.setState('lost', `${error.message} Trying again.`);
      else if (this.mayComeOnAir(error)) this.report(`${error.message} Waiting for it.`);
      else {
        this.opened.reject(error);
        return;
      }
      if (frames > 0) this.backOff.reset();
      await this.backOff.wait();
    }
    this.frames?.end();
    this.opened.reject(new MediaError('SOURCE_CLOSED', 'The source was closed before its first frame.'));
  }

  /** Opens the source and reads it until it ends. */
  private async attempt(): Promise<Outcome> {
    let inputs: LiveInputs;
    try {
      const { fps = DEFAULT_FPS } = this.options;
      // Looked up each time: a camera that was plugged in again may have another number.
      inputs = await liveInputs(this.spec, { fps, ffmpeg: this.ffmpeg, platform: process.platform });
    } catch (error) {
      return { error: error as Error, frames: 0, final: false };
    }
    if (this.closing) return { error: new Error('closed'), frames: 0, final: false };
    this.base = undefined;
    this.samples = 0;
    this.earlySound = [];
    this.candidates = inputs.candidates.length;
    this.ends = inputs.ends;
    const connection = new StreamConnection(this.ffmpeg, inputs.candidates[this.candidate] ?? inputs.candidates[0]!, {
      size: this.frames?.size,
      height: this.options.height,
      fps: this.options.fps,
      denoise: this.denoise,
      sound: this.sound,
      onFormat: (size, fps) => this.begin(size, fps),
      onFrame: (data, time, capturedAt) => this.take(data, time, capturedAt),
      onSound: (data) => this.takeSound(data),
    });
    this.connection = connection;
    const exit = await connection.exited;
    const { frames, quiet } = connection;
    const failure = quiet ? SILENT : liveFailureOf(exit);
    const error = new MediaError(failure.code, `Live from ${inputs.name}: ${failure.reason}.`, {
      // Without the cause, which would reveal passwords.
      hint: failure.hint,
    });
    return { exit, error, frames, final: inputs.ends && frames > 0 && !exit.signal };
  }

  /** Whether to wait for a stream that gave nothing yet: not where its address is wrong. */
  private mayComeOnAir(error: Error): boolean {
    return (
      (this.options.wait ?? false) &&
      this.spec.kind === 'url' &&
      !this.ends &&
      error instanceof MediaError &&
      OFF_AIR.has(error.code)
    );
  }

  /** Reports why it is still connecting, each reason once. */
  private report(reason: string): void {
    if (reason !== this.reported) this.options.onState?.(this.state, reason);
    this.reported = reason;
  }

  private reported = '';
  private candidates = 1;
  private ends = false;

  /** Selects the next way to open the source after one that gave no frame; false where there is none. */
  private tryNextWay(exit: FfmpegExit): boolean {
    if (this.sound && exit.tail.some((line) => NO_SOUND.test(line))) {
      this.sound = false;
      return true;
    }
    if (this.frames || this.candidate + 1 >= this.candidates) return false;
    this.candidate++;
    return true;
  }

  private begin(size: Size, fps: number | undefined): FrameQueue {
    if (!this.frames) {
      this.frames = new FrameQueue(size);
      const declared = fps !== undefined && fps <= HIGHEST_FPS ? fps : DEFAULT_FPS;
      this.fps = Math.min(declared, this.options.fps ?? HIGHEST_FPS);
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
      this.setState('live');
      this.opened.resolve();
      for (const sound of this.earlySound.splice(0)) this.takeSound(sound);
    }
    this.frames.put(data, this.base + time, capturedAt);
  }

  private takeSound(data: Buffer): void {
    if (this.base === undefined || !this.audio) {
      if (this.earlySound.reduce((sum, { length }) => sum + length, data.length) <= MAX_EARLY_BYTES)
        this.earlySound.push(data);
      return;
    }
    this.audio.push({ pts: this.base + this.samples / SAMPLE_RATE, data });
    this.samples += data.length / SAMPLE_BYTES;
  }

  private setState(state: SourceState, reason?: string): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state, reason);
  }
}

/** How an attempt ended. */
interface Outcome {
  readonly exit?: FfmpegExit;
  readonly error: Error | StylecastError;
  readonly frames: number;
  /** Whether the source has ended for good. */
  readonly final: boolean;
}

const SILENT: Explanation = {
  code: 'LIVE_TIMEOUT',
  reason: `no frame for ${QUIET_MS / 1000} s`,
  hint: 'Check that the camera or the sender runs.',
};

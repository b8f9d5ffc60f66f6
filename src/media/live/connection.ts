import { deferred } from '../../deferred.js';
import type { Rational, Size } from '../../frame.js';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { passthrough } from '../ffmpeg/binaries.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { wallClock } from '../live-frame.js';
import { FrameAssembler, type FrameStore } from '../raw/frame-assembler.js';
import { readShowinfo } from '../raw/showinfo.js';
import { CHANNELS, SAMPLE_RATE } from './audio-tap.js';
import type { LiveInput } from './input.js';

/** Milliseconds without a frame after which a source counts as lost. */
export const QUIET_MS = 10_000;
/** Frames that may wait for their time stamp; with more, the connection is given up. */
const MAX_UNTIMED = 30;

/** Options of `StreamConnection`. */
export interface StreamConnectionOptions {
  /** The size that all frames must have; default: that of the source, or of `height`. */
  readonly size: Size | undefined;
  /** Maximum height in pixels. */
  readonly height: number | undefined;
  /** Maximum frame rate, in frames per second. */
  readonly fps: number | undefined;
  /** The denoising filter in ffmpeg's syntax; undefined for none. */
  readonly denoise: string | undefined;
  readonly sound: boolean;
  /** Called before the first frame; returns the store that provides buffers. */
  readonly onFormat: (size: Size, fps: number | undefined) => FrameStore;
  /** @param time seconds on the connection's own clock, which `onSound` shares */
  readonly onFrame: (data: Uint8Array<ArrayBuffer>, time: number, capturedAt: number) => void;
  readonly onSound: (data: Buffer) => void;
}

/** One run of ffmpeg on a live source, from its first frame to its exit. */
export class StreamConnection {
  /** Frames received. */
  frames = 0;
  /** Whether it was ended because no frame came for `QUIET_MS`. */
  quiet = false;
  /** How it ended; never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private readonly child: FfmpegProcess;
  private readonly raw: FrameAssembler;
  private readonly store = deferred<FrameStore>();
  private readonly times: number[] = [];
  private readonly untimed: { data: Uint8Array<ArrayBuffer>; capturedAt: number }[] = [];
  private timeBase: Rational = { num: 1, den: 1000 };
  private frameRate: number | undefined;
  private size: Size | undefined;
  private lastTime = 0;
  private watchdog: NodeJS.Timeout;

  constructor(
    ffmpeg: Ffmpeg,
    input: LiveInput,
    private readonly options: StreamConnectionOptions,
  ) {
    this.raw = new FrameAssembler(this.store.promise, (data) => {
      // With the time of its last byte.
      this.untimed.push({ data, capturedAt: wallClock() });
      this.pairFrames();
    });
    this.child = new FfmpegProcess(ffmpeg, {
      inputs: input.inputs,
      output: this.raw,
      pipes: options.sound ? 1 : 0,
      outputOptions: [
        ...(options.sound ? [...soundOptions(input.sound), 'pipe:3'] : []),
        ...['-map', '0:v:0', '-vf', liveFilters(options).join(','), ...passthrough(ffmpeg)],
        // With more threads even the raw encoder delays output by a frame.
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-threads', '1', '-flush_packets', '1'],
      ],
      onLine: (line) => this.read(line),
    });
    if (options.sound) {
      void this.child.pipe(3).then((pipe) => pipe?.on('data', (data: Buffer) => this.options.onSound(data)));
    }
    this.watchdog = this.watch();
    this.exited = this.child.exited.finally(() => {
      clearTimeout(this.watchdog);
      this.raw.destroy();
    });
  }

  /** Ends the connection at once. */
  kill(): void {
    this.child.kill();
  }

  private watch(): NodeJS.Timeout {
    return setTimeout(() => {
      this.quiet = true;
      this.kill();
    }, QUIET_MS);
  }

  private read(line: string): boolean {
    const info = readShowinfo(line);
    if (info === undefined) return false;
    if (info === 'other') return true;
    if ('timeBase' in info) {
      this.timeBase = info.timeBase;
      this.frameRate = info.frameRate;
      return true;
    }
    if (!this.size) {
      this.size = info.size;
      this.store.resolve(this.options.onFormat(info.size, this.frameRate));
    } else if (info.size.width !== this.size.width || info.size.height !== this.size.height) {
      // The stream changed its size: the next connection scales it to the size of the first frame.
      this.kill();
      return true;
    }
    const { num, den } = this.timeBase;
    this.lastTime = info.ticks === undefined ? this.lastTime + 1 / (this.frameRate ?? 25) : (info.ticks * num) / den;
    this.times.push(this.lastTime);
    this.pairFrames();
    return true;
  }

  /** Frames and their time stamps arrive through different pipes: they are paired by order. */
  private pairFrames(): void {
    while (this.untimed.length > 0 && this.times.length > 0) {
      const { data, capturedAt } = this.untimed.shift()!;
      this.frames++;
      this.watchdog.refresh();
      this.options.onFrame(data, this.times.shift()!, capturedAt);
    }
    if (this.untimed.length > MAX_UNTIMED) this.kill();
  }
}

/** Sound without gaps from time zero of the connection, so that the index of a sample gives its time. */
function soundOptions(input: number): string[] {
  return [
    ...['-map', `${input}:a:0`, '-af', 'aresample=async=1:first_pts=0'],
    ...['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', String(CHANNELS), '-flush_packets', '1'],
  ];
}

/** Filters between decoder and frames: frame-rate limit, scaling, denoising, square pixels, RGB. */
function liveFilters({
  size,
  height,
  fps,
  denoise,
}: Pick<StreamConnectionOptions, 'size' | 'height' | 'fps' | 'denoise'>): string[] {
  return [
    ...(fps === undefined ? [] : [limitRate(fps)]),
    ...(size ? letterbox(size) : scaleDown(height)),
    // After scaling: fewer pixels, with less noise in them.
    ...(denoise === undefined ? [] : [denoise]),
    'setsar=1',
    'format=rgb24',
    'showinfo=checksum=0',
  ];
}

/**
 * Drops frames beyond `fps` a second, but never duplicates any. `ld(0)` is when the next one is due; it may come up to
 * 0.3 of an interval early, or the jitter of a camera of exactly that rate would cost frames.
 */
function limitRate(fps: number): string {
  return `select='if(gte(t+0.3/${fps},ld(0)),1+0*st(0,max(ld(0)+1/${fps},t)),0)'`;
}

/** An even size with square pixels, which every encoder takes. */
function scaleDown(height: number | undefined): string[] {
  const lines = height === undefined ? 'ih' : `min(ih,${height})`;
  return [`scale=w='max(2,trunc(oh*dar/2+0.5)*2)':h='max(2,trunc(${lines}/2)*2)'`];
}

/** A reconnected stream of another aspect ratio is letterboxed into the known size. */
function letterbox({ width, height }: Size): string[] {
  return [
    `scale=w=${width}:h=${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
  ];
}

import type { Rational, Size } from '../../frame.js';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { passthrough } from '../ffmpeg/binaries.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { type FrameStore, RawFrames } from '../ffmpeg/raw-frames.js';
import { readShowinfo } from '../ffmpeg/showinfo.js';
import { CHANNELS, SAMPLE_RATE } from './audio-tap.js';
import type { LiveInput } from './input.js';

/** Milliseconds without a frame after which a source counts as lost. */
export const QUIET_MS = 10_000;
/** Frames whose time has not been told yet. */
const MOST_UNTOLD = 30;

/** What a connection is to give. */
export interface ConnectionOptions {
  /** The size that all frames must have; default: that of the source, or of `height`. */
  readonly size: Size | undefined;
  /** Pixels, at most. */
  readonly height: number | undefined;
  /** Frames a second, at most. */
  readonly fps: number | undefined;
  /** A filter that takes the noise off YUV, in ffmpeg's words. */
  readonly denoise: string | undefined;
  readonly sound: boolean;
  /** Told before the first frame; gives the buffers. */
  readonly onFormat: (size: Size, fps: number | undefined) => FrameStore;
  /** @param time seconds since the connection's own zero, as that of `onSound` */
  readonly onFrame: (data: Uint8Array<ArrayBuffer>, time: number, capturedAt: number) => void;
  readonly onSound: (data: Buffer) => void;
}

/** One run of ffmpeg on a live source: from the first frame until it dies. */
export class LiveConnection {
  /** Frames that came. */
  frames = 0;
  /** Whether it was ended because nothing came any more. */
  quiet = false;
  /** How it ended; never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private readonly child: FfmpegProcess;
  private readonly raw: RawFrames;
  private readonly times: number[] = [];
  private readonly untold: { data: Uint8Array<ArrayBuffer>; capturedAt: number }[] = [];
  private timeBase: Rational = { num: 1, den: 1000 };
  private frameRate: number | undefined;
  private size: Size | undefined;
  private lastTime = 0;
  private watchdog: NodeJS.Timeout;

  constructor(
    ffmpeg: Ffmpeg,
    input: LiveInput,
    private readonly options: ConnectionOptions,
  ) {
    this.raw = new RawFrames((data, capturedAt) => {
      this.untold.push({ data, capturedAt });
      this.match();
    });
    this.child = new FfmpegProcess(ffmpeg, {
      inputs: input.inputs,
      output: this.raw,
      pipes: options.sound ? 1 : 0,
      outputOptions: [
        ...(options.sound ? [...soundOptions(input.sound), 'pipe:3'] : []),
        ...['-map', '0:v:0', '-vf', liveFilters(options).join(','), ...passthrough(ffmpeg)],
        // With more threads even the raw encoder holds a frame back.
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

  /** Ends it at once. */
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
      this.raw.begin(this.options.onFormat(info.size, this.frameRate));
    } else if (info.size.width !== this.size.width || info.size.height !== this.size.height) {
      // The stream became another on the way: the next connection fits it into the size that is known.
      this.kill();
      return true;
    }
    const { num, den } = this.timeBase;
    this.lastTime = info.ticks === undefined ? this.lastTime + 1 / (this.frameRate ?? 25) : (info.ticks * num) / den;
    this.times.push(this.lastTime);
    this.match();
    return true;
  }

  /** Frames come through one pipe, their times through another: they are paired by order. */
  private match(): void {
    while (this.untold.length > 0 && this.times.length > 0) {
      const { data, capturedAt } = this.untold.shift()!;
      this.frames++;
      this.watchdog.refresh();
      this.options.onFrame(data, this.times.shift()!, capturedAt);
    }
    if (this.untold.length > MOST_UNTOLD) this.kill();
  }
}

/** Sound without gaps from the connection's zero on, so that a sample's number is its time. */
function soundOptions(input: number): string[] {
  return [
    ...['-map', `${input}:a:0`, '-af', 'aresample=async=1:first_pts=0'],
    ...['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', String(CHANNELS), '-flush_packets', '1'],
  ];
}

/** Filters between the decoder and frames: a limit of the rate, a size, less noise, square pixels, RGB. */
export function liveFilters({
  size,
  height,
  fps,
  denoise,
}: Pick<ConnectionOptions, 'size' | 'height' | 'fps' | 'denoise'>): string[] {
  return [
    ...(fps === undefined ? [] : [limit(fps)]),
    ...(size ? letterbox(size) : shrink(height)),
    // After scaling: there are fewer pixels then, and they hold less noise.
    ...(denoise === undefined ? [] : [denoise]),
    'setsar=1',
    'format=rgb24',
    'showinfo=checksum=0',
  ];
}

/**
 * Leaves frames out where there are more than `fps` a second, but never makes any. `ld(0)` is when the next one is due;
 * three tenths of an interval are forgiven, or the jitter of a camera of exactly that rate would cost frames.
 */
function limit(fps: number): string {
  return `select='if(gte(t+0.3/${fps},ld(0)),1+0*st(0,max(ld(0)+1/${fps},t)),0)'`;
}

/** An even size with square pixels, which every encoder takes. */
function shrink(height: number | undefined): string[] {
  const lines = height === undefined ? 'ih' : `min(ih,${height})`;
  return [`scale=w='max(2,trunc(oh*dar/2+0.5)*2)':h='max(2,trunc(${lines}/2)*2)'`];
}

/** A returning stream of another shape goes into the known one, with black beside it. */
function letterbox({ width, height }: Size): string[] {
  return [
    `scale=w=${width}:h=${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
  ];
}

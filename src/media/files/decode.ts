import { Writable } from 'node:stream';
import { deferred } from '../../deferred.js';
import { MediaError } from '../../errors.js';
import type { Frame, Pts, Rational, Size } from '../../frame.js';
import { frameBytes } from '../../frame.js';
import { findFfmpeg, passthrough } from '../ffmpeg/binaries.js';
import { ffmpegError } from '../ffmpeg/failure.js';
import { decoderFilters } from '../ffmpeg/filters.js';
import type { MediaInfo } from '../ffmpeg/probe.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { FfmpegProcess } from '../ffmpeg/process.js';

/** Options of `VideoSource`. */
export interface DecodeOptions {
  /** Size of the frames in pixels; default: the source's as shown. */
  readonly size?: Size;
  /** Seconds from the start of the file at which to begin. */
  readonly start?: number;
  /** Seconds to decode. */
  readonly duration?: number;
  /** Denoise before anything else (hqdn3d). */
  readonly denoise?: boolean;
  /** Further ffmpeg filters, applied after scaling; they must output RGB24. */
  readonly filters?: readonly string[];
  /** Returns a buffer of at least the requested size to decode into; default: a new one. */
  readonly allocate?: (bytes: number) => Uint8Array<ArrayBuffer>;
  /** Aborting ends the frames at once, also where a stream has stalled. */
  readonly signal?: AbortSignal;
}

/** How decoding ended. */
export interface DecodeEnd {
  /** Frames that were delivered. */
  readonly frames: number;
  /** The decoder's error, if the file was damaged; undefined after a clean end. */
  readonly damage: string | undefined;
}

/** Milliseconds to wait for a frame's time stamp, which ffmpeg prints before it writes the frame. */
const TIMESTAMP_TIMEOUT_MS = 5000;

/** Frames decoded ahead of the reader. */
const FRAMES_AHEAD = 2;

/**
 * A video file or URL as RGB24 frames with the source's own time stamps.
 *
 * The pixels come through a raw pipe, which carries no time; `showinfo` prints each frame's pts on stderr before the
 * frame is written, and the two are paired by order. Reading it once starts ffmpeg; leaving the loop early kills it.
 */
export class VideoSource implements AsyncIterable<Frame> {
  /** Size of every frame in pixels. */
  readonly size: Size;
  /** How it ended; set once iteration is over. */
  end: DecodeEnd | undefined;
  /** What was done to the picture that the user should know of; complete once the first frame is there. */
  readonly notes: string[] = [];

  constructor(
    readonly info: MediaInfo,
    private readonly options: DecodeOptions = {},
  ) {
    this.size = options.size ?? { width: info.video.width, height: info.video.height };
  }

  /** @throws MediaError when ffmpeg cannot start, is killed or lacks a filter, or the file gives no frame at all */
  async *[Symbol.asyncIterator](): AsyncIterator<Frame> {
    const { info, options, size } = this;
    const ffmpeg = await findFfmpeg();
    const chain = await decoderFilters(ffmpeg, info.video, size, options.denoise ?? false);
    this.notes.push(...chain.notes);
    const stamps = new TimestampReader(info.video.timeBase, info.video.frameRate);
    const assembler = new FrameAssembler(frameBytes(size.width, size.height), options.allocate);
    const child = new FfmpegProcess(ffmpeg, {
      inputs: [{ source: info.path, options: ['-copyts', ...trim(options)] }],
      output: assembler,
      outputOptions: [
        ...[
          '-map',
          `0:${info.video.index}`,
          '-vf',
          [...chain.filters, ...(options.filters ?? []), 'showinfo=checksum=0'].join(','),
        ],
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', ...passthrough(ffmpeg)],
      ],
      onLine: (line) => stamps.read(line),
    });
    let frames = 0;
    const stop = () => child.kill();
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener('abort', stop);
    try {
      void child.exited.then(() => stamps.close());
      for await (const data of assembler.frames()) {
        const pts = await stamps.next();
        if (!pts) throw countMismatch(info.path, frames);
        frames++;
        yield { data, width: size.width, height: size.height, pts };
      }
      const exit = await child.exited;
      if (options.signal?.aborted) return;
      this.end = { frames, damage: damage(exit, info.path) };
      if (exit.signal) throw ffmpegError(exit, `decoding ${info.path}`);
      if (frames === 0) throw noFrames(info.path, exit, options);
      if (stamps.waiting > 0) throw countMismatch(info.path, frames);
    } finally {
      options.signal?.removeEventListener('abort', stop);
      child.kill();
      assembler.destroy();
      await child.exited;
    }
  }
}

/** Seeking options of an input. */
function trim(options: { readonly start?: number; readonly duration?: number }): string[] {
  return [
    ...(options.start ? ['-ss', String(options.start)] : []),
    ...(options.duration ? ['-t', String(options.duration)] : []),
  ];
}

/** Splits a raw byte stream into frames and holds at most `FRAMES_AHEAD` of them. */
class FrameAssembler extends Writable {
  private buffer: Uint8Array<ArrayBuffer> | undefined;
  private filled = 0;
  private readonly ready: Uint8Array<ArrayBuffer>[] = [];
  private wake = deferred<void>();
  private resume: (() => void) | undefined;
  private over = false;

  constructor(
    private readonly bytes: number,
    private readonly allocate = (size: number) => new Uint8Array(new ArrayBuffer(size)),
  ) {
    // Without emitClose: fluent-ffmpeg takes a closed output for a failure if ffmpeg is not gone 20 ms later.
    super({ highWaterMark: 1, autoDestroy: false, emitClose: false });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    let offset = 0;
    while (offset < chunk.length) {
      this.buffer ??= this.allocate(this.bytes);
      const length = Math.min(chunk.length - offset, this.bytes - this.filled);
      this.buffer.set(chunk.subarray(offset, offset + length), this.filled);
      offset += length;
      this.filled += length;
      if (this.filled === this.bytes) {
        this.ready.push(this.buffer);
        this.buffer = undefined;
        this.filled = 0;
        this.wake.resolve();
      }
    }
    if (this.ready.length >= FRAMES_AHEAD) this.resume = done;
    else done();
  }

  override _final(done: () => void): void {
    this.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.close();
    done(error);
  }

  async *frames(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const frame = this.ready.shift();
      if (frame) {
        if (this.ready.length < FRAMES_AHEAD) this.release();
        yield frame;
      } else if (this.over) return;
      else await this.wake.promise;
      if (this.ready.length === 0 && !this.over) this.wake = deferred();
    }
  }

  private close(): void {
    this.over = true;
    this.wake.resolve();
    this.release();
  }

  private release(): void {
    const resume = this.resume;
    this.resume = undefined;
    resume?.();
  }
}

/** The time stamps that `showinfo` prints on stderr. */
class TimestampReader {
  private readonly queue: Pts[] = [];
  private wake = deferred<void>();
  private closed = false;
  private last: number | undefined;

  constructor(
    private timeBase: Rational,
    private readonly frameRate: Rational | undefined,
  ) {}

  get waiting(): number {
    return this.queue.length;
  }

  /** Reads a line of stderr; true if it was one of showinfo's. */
  read(line: string): boolean {
    if (!line.startsWith('[Parsed_showinfo')) return /^\s+side data - /.test(line);
    const base = /config in time_base: (\d+)\/(\d+)/.exec(line);
    if (base) this.timeBase = { num: Number(base[1]), den: Number(base[2]) };
    const stamp = /\] n:\s*\d+ pts:\s*(-?\d+|NOPTS) /.exec(line);
    if (stamp) {
      const value = stamp[1] === 'NOPTS' ? this.extrapolate() : Number(stamp[1]);
      this.last = value;
      this.queue.push({ value, timeBase: this.timeBase });
      this.wake.resolve();
    }
    return true;
  }

  async next(): Promise<Pts | undefined> {
    const timer = this.queue.length === 0 ? setTimeout(() => this.close(), TIMESTAMP_TIMEOUT_MS) : undefined;
    while (this.queue.length === 0 && !this.closed) {
      this.wake = deferred();
      await this.wake.promise;
    }
    clearTimeout(timer);
    return this.queue.shift();
  }

  close(): void {
    this.closed = true;
    this.wake.resolve();
  }

  /** For streams without time stamps (raw H.264): one frame after the last. */
  private extrapolate(): number {
    if (this.last === undefined) return 0;
    const rate = this.frameRate ?? { num: 25, den: 1 };
    return this.last + Math.round((rate.den * this.timeBase.den) / (rate.num * this.timeBase.num));
  }
}

/** The error of a decoder that could not read everything, or undefined. */
function damage(exit: FfmpegExit, path: string): string | undefined {
  const complaint = exit.tail.find(
    (line) =>
      // Skips ffmpeg's description of streams and tags, and the name of the file itself.
      !/^\s|^(?:In|Out)put #/.test(line) &&
      /error while decoding|invalid data|partial file|truncat|corrupt|invalid nal|end of file|missing picture/i.test(
        line.replaceAll(path, ''),
      ),
  );
  return complaint?.replace(/^\[[^\]]*\] /, '') ?? exit.failure?.message;
}

function noFrames(path: string, exit: FfmpegExit, options: DecodeOptions): MediaError {
  if (options.start !== undefined && !exit.failure) {
    return new MediaError('MEDIA_NO_FRAMES', `${path} has no frames after ${options.start} s.`, {
      hint: 'Use a smaller --start.',
    });
  }
  const why = exit.tail.at(-1) ?? exit.failure?.message ?? 'ffmpeg gave no reason';
  return new MediaError('MEDIA_NO_FRAMES', `No frame of ${path} could be decoded: ${why}`, {
    hint: 'The file is damaged, or this ffmpeg lacks its codec.',
  });
}

function countMismatch(path: string, frames: number): MediaError {
  return new MediaError('MEDIA_NO_TIME', `ffmpeg gave ${path} frame ${frames} without its time stamp.`, {
    hint: 'Try another ffmpeg version with FFMPEG_PATH, and report this with the output of "ffmpeg -version".',
  });
}

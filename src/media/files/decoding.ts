import { deferred } from '../../deferred.js';
import { MediaError } from '../../errors.js';
import type { Pts, Rational } from '../../frame.js';
import { type Ffmpeg, passthrough } from '../ffmpeg/binaries.js';
import { ffmpegInput } from '../ffmpeg/path.js';
import { type FfmpegExit, FfmpegProcess } from '../ffmpeg/process.js';
import { FrameAssembler } from '../raw/frame-assembler.js';
import { readShowinfo } from '../raw/showinfo.js';

/** Milliseconds after which a frame's time stamp, which was printed before the frame, is not coming any more. */
const PATIENCE = 15_000;

/** Frames decoded ahead of the reader. */
const AHEAD = 2;

/** What one run of the decoder does. */
export interface DecodingJob {
  readonly path: string;
  /** Index of the stream in the file. */
  readonly stream: number;
  /** Before the input. */
  readonly options: readonly string[];
  /** In ffmpeg's words; they leave RGB24 of `bytes` bytes a frame. */
  readonly filters: readonly string[];
  readonly bytes: number;
  readonly allocate: ((bytes: number) => Uint8Array<ArrayBuffer>) | undefined;
  /** Of the stream, for frames without a time stamp. */
  readonly timeBase: Rational;
  readonly frameRate: Rational | undefined;
}

/** A decoded picture with its own time stamp. */
export interface DecodedFrame {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly pts: Pts;
}

/**
 * One run of ffmpeg that decodes a stream.
 *
 * The pixels come through a raw pipe, which carries no time; `showinfo` prints each frame's pts on stderr before the
 * frame is written, and the two are paired by order.
 */
export class Decoding {
  /** How often size or format of the frames have changed on the way. */
  changes = 0;
  /** Whether frames carried captions, which are lost with them. */
  captions = false;
  private readonly child: FfmpegProcess;
  private readonly assembler: FrameAssembler;
  private readonly stamps: Stamps;
  private readonly ready: Uint8Array<ArrayBuffer>[] = [];
  private wake = deferred<void>();
  private resume = deferred<void>();
  private over = false;
  /** Whether the reader has had every frame: else times may be left over. */
  private drained = false;
  private frames = 0;

  constructor(
    ffmpeg: Ffmpeg,
    private readonly job: DecodingJob,
  ) {
    const { bytes, allocate = (size: number) => new Uint8Array(new ArrayBuffer(size)) } = job;
    this.stamps = new Stamps(job.timeBase, job.frameRate);
    this.assembler = new FrameAssembler(Promise.resolve({ allocate: () => allocate(bytes) }), (data) => {
      this.ready.push(data);
      this.wake.resolve();
      if (this.ready.length < AHEAD) return undefined;
      this.resume = deferred();
      return this.resume.promise;
    });
    this.assembler.once('finish', () => this.end());
    const { source, options } = ffmpegInput(job.path);
    this.child = new FfmpegProcess(ffmpeg, {
      inputs: [{ source, options: ['-copyts', ...job.options, ...options] }],
      output: this.assembler,
      outputOptions: [
        ...['-map', `0:${job.stream}`, '-vf', [...job.filters, 'showinfo=checksum=0'].join(',')],
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', ...passthrough(ffmpeg)],
      ],
      onLine: (line) => this.read(line),
    });
    void this.child.exited.then(() => this.stamps.close());
  }

  /** The next frame in the order shown; undefined at the end. @throws MediaError `MEDIA_NO_TIME` */
  async next(): Promise<DecodedFrame | undefined> {
    while (this.ready.length === 0 && !this.over) {
      this.wake = deferred();
      await this.wake.promise;
    }
    const data = this.ready.shift();
    if (!data) {
      this.drained = true;
      return undefined;
    }
    if (this.ready.length < AHEAD) this.resume.resolve();
    const pts = await this.stamps.next();
    if (!pts) throw countMismatch(this.job.path, this.frames);
    this.frames++;
    return { data, pts };
  }

  /** How it ended. @throws MediaError `MEDIA_NO_TIME` when it printed more times than it gave frames */
  async exit(): Promise<FfmpegExit> {
    const exit = await this.child.exited;
    const left = this.drained && this.stamps.waiting > 0;
    if (!exit.signal && this.frames > 0 && left) throw countMismatch(this.job.path, this.frames);
    return exit;
  }

  /** Ends it at once, if it still runs. */
  async close(): Promise<void> {
    this.kill();
    this.assembler.destroy();
    this.end();
    await this.child.exited;
  }

  /** Ends it soon. */
  kill(): void {
    this.child.kill();
  }

  private end(): void {
    this.over = true;
    this.wake.resolve();
    this.resume.resolve();
  }

  private configured = 0;

  private read(line: string): boolean {
    const info = readShowinfo(line);
    if (info === undefined) return false;
    if (info === 'other') {
      if (/closed captions/i.test(line)) this.captions = true;
      return true;
    }
    if ('timeBase' in info) {
      this.stamps.timeBase = info.timeBase;
      // ffmpeg reconfigures its filters where the frames change.
      this.changes = this.configured++;
    } else this.stamps.add(info.ticks);
    return true;
  }
}

/** Time stamps as `showinfo` prints them. */
class Stamps {
  private readonly queue: Pts[] = [];
  private wake = deferred<void>();
  private closed = false;
  private last: number | undefined;

  constructor(
    public timeBase: Rational,
    private readonly frameRate: Rational | undefined,
  ) {}

  get waiting(): number {
    return this.queue.length;
  }

  add(ticks: number | undefined): void {
    this.last = ticks ?? this.extrapolate();
    this.queue.push({ value: this.last, timeBase: this.timeBase });
    this.wake.resolve();
  }

  async next(): Promise<Pts | undefined> {
    const timer = this.queue.length === 0 ? setTimeout(() => this.close(), PATIENCE) : undefined;
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

function countMismatch(path: string, frames: number): MediaError {
  return new MediaError('MEDIA_NO_TIME', `ffmpeg gave ${path} frame ${frames} without its time stamp.`, {
    hint: 'Try another ffmpeg version with FFMPEG_PATH, and report this with the output of "ffmpeg -version".',
  });
}

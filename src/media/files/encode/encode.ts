import type { Writable } from 'node:stream';
import type { Frame, Rational, Size } from '../../../frame.js';
import { findFfmpeg, passthrough } from '../../ffmpeg/binaries.js';
import { ffmpegError } from '../../ffmpeg/failure.js';
import { UNFINISHED } from '../../ffmpeg/known-failures.js';
import { ffmpegUrl } from '../../ffmpeg/path.js';
import { FfmpegProcess } from '../../ffmpeg/process.js';
import { cutOf, jumps } from '../../probe/cut.js';
import type { MediaInfo } from '../../probe/info.js';
import { encoderFilters, outputColour, primariesNote } from '../../raw/filters.js';
import { ivfFrameHeader, ivfHeader, ivfTimeBase, rescale } from '../../raw/ivf.js';
import { chooseCodec } from '../../tracks/container.js';
import { withAlpha } from '../transparency.js';
import { besidePicture } from './beside.js';
import { type LastShown, lastShown } from './companions.js';
import { chooseEncoder } from './encoder.js';
import { countedFrames, finishing, lost, type ShownTime, shownTime } from './formats/finish.js';
import { GifFrames, gifNotes } from './formats/gif.js';
import { type EncodeOptions, type FrameFormat, UNTAGGED } from './options.js';

/** What a sink knows of its file. */
interface SinkParts {
  readonly timeBase: Rational;
  /** Seconds of the frames' clock that are zero in the file. */
  readonly origin: number;
  readonly release: EncodeOptions['release'];
  readonly last: LastShown | undefined;
  readonly finish: ((shown: ShownTime) => Promise<void>) | undefined;
  readonly cleanUp: () => Promise<void>;
}

/**
 * Frames into a video file, beside everything else that the source held: sound, subtitles, chapters, attachments,
 * metadata, copied bit for bit where the format can hold them.
 */
export class VideoSink {
  /** What could not be kept as it was. */
  readonly notes: string[] = [];
  /** Time stamp of the last frame in seconds, in the output's time; undefined before the first. */
  lastTime: number | undefined;
  private firstTime: number | undefined;
  private lastTicks = Number.NEGATIVE_INFINITY;
  /** Ticks between the last two frames. */
  private interval = 0;
  private frames = 0;
  /** Frames that ffmpeg says it has encoded. */
  private encoded: number | undefined;
  private pending: Promise<void> = Promise.resolve();
  private failure: unknown;

  private constructor(
    private readonly path: string,
    private readonly child: FfmpegProcess,
    private readonly stdin: Writable,
    private readonly parts: SinkParts,
    /** Whether the source's transparency goes into the file. */
    readonly alpha: boolean,
  ) {}

  /**
   * Starts the encoder. `path` is written as it goes; `size` is that of the frames in pixels.
   *
   * @param source where the frames come from; its other streams are kept
   * @throws OptionError for an unknown format or a codec that it cannot hold; MediaError when ffmpeg is missing
   */
  static async open(
    path: string,
    source: MediaInfo | FrameFormat,
    size: Size,
    options: EncodeOptions = {},
  ): Promise<VideoSink> {
    const codec = chooseCodec(path, options.codec);
    const ffmpeg = await findFfmpeg();
    const file = 'video' in source ? source : undefined;
    const video = file?.video ?? { ...UNTAGGED, ...size };
    const cut = file && cutOf(file, options);
    const { crf, encoderPreset: preset, pixelFormat } = options;
    const encoder = await chooseEncoder(ffmpeg, codec, size, {
      ...(crf === undefined ? {} : { crf }),
      ...(preset ? { preset } : {}),
      ...(pixelFormat ? { pixelFormat } : {}),
      fullChroma: file !== undefined && /444|rgb|bgr|gbr/.test(video.pixelFormat),
      // What is on a clock of several parts cannot be paired.
      alpha: file?.transparent === true && options.alpha !== false && !jumps(file.clock),
    });
    const gif = codec === 'gif' ? new GifFrames(ffmpeg, path, encoder.alpha) : undefined;
    const { alpha } = encoder;
    const colour = outputColour(video, size, encoder.pixelFormat);
    const timeBase = ivfTimeBase('video' in source ? source.video.timeBase : source.timeBase);
    const beside = await besidePicture(ffmpeg, path, file, cut, { map: alpha ? '[picture]' : '0:v:0', timeBase });
    const filters = encoderFilters(colour, encoder.pixelFormat, video.sampleAspectRatio);
    const child = new FfmpegProcess(ffmpeg, {
      // Absolute time stamps on all inputs, each with its zero where the result begins, keep everything in step.
      inputs: [{ source: 'pipe:0', options: ['-copyts', '-f', 'ivf', '-c:v', 'rawvideo'] }, ...beside.inputs],
      pipes: beside.pipes,
      output: ffmpegUrl(gif?.path ?? path),
      outputOptions: [
        ...(alpha && file && cut ? ['-filter_complex', withAlpha(file, cut, size, filters)] : []),
        ...beside.options,
        ...['-c:v:0', encoder.name, ...encoder.options, ...colour.tags],
        ...(alpha ? [] : ['-filter:v:0', filters.join(',')]),
        ...passthrough(ffmpeg),
        ...['-enc_time_base:v:0', `${timeBase.num}:${timeBase.den}`],
        ...['-stats', '-f', gif ? 'matroska' : beside.muxer],
      ],
      onLine: (line) => sink?.counts(line) ?? false,
    });
    let sink: VideoSink | undefined;
    const stdin = await child.stdin();
    void child.exited.then(() => beside.remove());
    if (!stdin) throw ffmpegError(await child.exited, `starting to encode ${path}`);
    await beside.feed(child);
    sink = new VideoSink(
      path,
      child,
      stdin,
      {
        timeBase,
        origin: cut?.origin ?? 0,
        release: options.release,
        last: file && cut && lastShown(file, cut),
        finish: finishing(ffmpeg, path, beside.muxer, gif),
        cleanUp: async () => gif?.remove(),
      },
      alpha,
    );
    if (gif) sink.notes.push(...gifNotes(file?.video.frameRate));
    if (file) sink.notes.push(...primariesNote(file.video.colour, codec, beside.muxer));
    sink.notes.push(...encoder.notes, ...beside.notes);
    stdin.write(ivfHeader(size.width, size.height, timeBase));
    return sink;
  }

  /**
   * Takes a frame. Resolves when ffmpeg has read the one before it, so that at most one waits.
   *
   * @throws MediaError when the encoder has failed
   */
  async write(frame: Frame): Promise<void> {
    await this.pending;
    if (this.failure) throw await this.explain();
    // Encoders refuse two frames at one time: broken sources are nudged by a tick.
    const zero = Math.round((this.parts.origin * this.parts.timeBase.den) / this.parts.timeBase.num);
    const ticks = Math.max(rescale(frame.pts, this.parts.timeBase) - zero, this.lastTicks + 1);
    if (Number.isFinite(this.lastTicks)) this.interval = ticks - this.lastTicks;
    this.lastTicks = ticks;
    this.lastTime = (ticks * this.parts.timeBase.num) / this.parts.timeBase.den;
    this.firstTime ??= this.lastTime;
    this.frames++;
    this.pending = this.send(frame, ticks);
  }

  /**
   * Finishes the file.
   *
   * @throws MediaError when the encoder failed; the incomplete file is left for the caller to remove
   */
  async close(): Promise<void> {
    await this.pending;
    this.stdin.end();
    const exit = await this.child.exited;
    const cut = exit.tail.some((line) => UNFINISHED.test(line));
    if (exit.failure || this.failure || cut) throw await this.explain();
    if (this.encoded !== undefined && this.encoded !== this.frames) throw lost(this.path, this.encoded, this.frames);
    await this.parts.finish?.(this.shown()).finally(() => this.parts.cleanUp());
  }

  private shown(): ShownTime {
    const { last, timeBase } = this.parts;
    return shownTime(last, {
      first: this.firstTime ?? 0,
      last: this.lastTime ?? 0,
      interval: (this.interval * timeBase.num) / timeBase.den,
    });
  }

  private counts(line: string): boolean {
    const found = countedFrames(line);
    if (found !== undefined) this.encoded = found;
    return found !== undefined;
  }

  /** Stops at once and leaves an incomplete file. */
  async abort(): Promise<void> {
    this.child.kill();
    await this.child.exited;
    await this.parts.cleanUp();
  }

  /** As `abort` where the file was not finished with `close`; else nothing. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  private async send(frame: Frame, ticks: number): Promise<void> {
    try {
      this.stdin.write(ivfFrameHeader(frame.data.length, ticks));
      await new Promise<void>((done, failed) => {
        this.stdin.write(frame.data, (error) => (error ? failed(error) : done()));
      });
      this.parts.release?.(frame.data);
    } catch (error) {
      this.failure = error;
    }
  }

  private async explain(): Promise<Error> {
    return ffmpegError(await this.child.exited, `encoding ${this.path}`);
  }
}

import type { Writable } from 'node:stream';
import type { Frame, Rational, Size } from '../../frame.js';
import { endsEditListEarly, findFfmpeg, passthrough } from '../ffmpeg/binaries.js';
import { ffmpegError } from '../ffmpeg/failure.js';
import { encoderFilters, outputColour } from '../ffmpeg/filters.js';
import { ivfFrameHeader, ivfHeader, ivfTimeBase, rescale } from '../ffmpeg/ivf.js';
import type { MediaInfo } from '../ffmpeg/probe.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import type { VideoCodec } from './container.js';
import { chooseCodec, type Part, planStreams } from './container.js';
import { showLastFrame } from './edit-list.js';
import type { EncoderPreset } from './encoder.js';
import { chooseEncoder } from './encoder.js';

/** Options of `VideoSink`. */
export interface EncodeOptions {
  /** Default: H.264, or VP9 for .webm. */
  readonly codec?: VideoCodec;
  /** Constant rate factor: lower is better and larger; 0 is lossless for H.264. */
  readonly crf?: number;
  /** Speed against size; default `veryfast`. */
  readonly encoderPreset?: EncoderPreset;
  /** The part of the source that the frames come from, in seconds: sound and subtitles are cut alike. */
  readonly start?: number;
  readonly duration?: number;
  /** Called with each buffer once ffmpeg has read it. */
  readonly release?: (data: Uint8Array<ArrayBuffer>) => void;
}

/** The format of frames that do not come from a file. */
export interface FrameFormat {
  readonly timeBase: Rational;
}

/** What is assumed of such frames: RGB, square pixels. */
const UNTAGGED = {
  pixelFormat: 'rgb24',
  hdr: undefined,
  sampleAspectRatio: { num: 1, den: 1 },
  colour: { matrix: undefined, primaries: undefined, transfer: undefined, range: undefined },
} as const;

/**
 * Writes frames into a video file, together with everything else in the source: sound, subtitles, chapters,
 * attachments and metadata, copied bit for bit where the format can hold them.
 */
export class VideoSink {
  /** What could not be kept as it was. */
  readonly notes: string[] = [];
  /** Time stamp of the last frame in seconds, in the output's time; undefined before the first. */
  lastTime: number | undefined;
  private lastTicks = Number.NEGATIVE_INFINITY;
  /** Ticks between the last two frames. */
  private interval = 0;
  private pending: Promise<void> = Promise.resolve();
  private failure: unknown;

  private constructor(
    private readonly path: string,
    private readonly child: FfmpegProcess,
    private readonly stdin: Writable,
    private readonly timeBase: Rational,
    private readonly offset: number,
    private readonly release: EncodeOptions['release'],
    private readonly mendEditList: boolean,
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
    const encoder = await chooseEncoder(ffmpeg, codec, size, {
      ...(options.crf === undefined ? {} : { crf: options.crf }),
      ...(options.encoderPreset ? { preset: options.encoderPreset } : {}),
      fullChroma: file !== undefined && /444|rgb|bgr|gbr/.test(video.pixelFormat),
    });
    const part = file && partOf(file, options);
    const plan = planStreams(path, file, part);
    const colour = outputColour(video, size);
    const timeBase = ivfTimeBase('video' in source ? source.video.timeBase : source.timeBase);
    const filters = encoderFilters(colour, encoder.pixelFormat, video.sampleAspectRatio);
    // Absolute time stamps on both inputs keep sound and picture in sync; a cut starts at zero instead.
    const offset = part?.from ?? 0;
    const child = new FfmpegProcess(ffmpeg, {
      inputs: [
        { source: 'pipe:0', options: ['-copyts', '-f', 'ivf', '-c:v', 'rawvideo'] },
        ...(file ? [{ source: file.path, options: part ? seek(part.from) : [] }] : []),
      ],
      output: path,
      outputOptions: [
        ...plan.options,
        ...['-c:v:0', encoder.name, ...encoder.options, '-filter:v:0', filters.join(','), ...colour.tags],
        ...['-metadata:s:v:0', 'rotate=', '-max_muxing_queue_size', '9999'],
        ...passthrough(ffmpeg),
        ...['-enc_time_base:v:0', `${timeBase.num}:${timeBase.den}`],
        ...(part ? ['-copypriorss', '0', '-output_ts_offset', String(-part.from)] : []),
        ...(part?.to === undefined ? [] : ['-to', String(part.to)]),
        ...['-f', plan.muxer],
      ],
    });
    const stdin = await child.stdin();
    if (!stdin) throw ffmpegError(await child.exited, `starting to encode ${path}`);
    const mend = endsEditListEarly(ffmpeg) && /^(mp4|mov)$/.test(plan.muxer);
    const sink = new VideoSink(path, child, stdin, timeBase, offset, options.release, mend);
    sink.notes.push(...encoder.notes, ...plan.notes);
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
    // Encoders refuse two frames with one time stamp: in broken sources the second is moved by a tick.
    const ticks = Math.max(rescale(frame.pts, this.timeBase), this.lastTicks + 1);
    if (Number.isFinite(this.lastTicks)) this.interval = ticks - this.lastTicks;
    this.lastTicks = ticks;
    this.lastTime = (ticks * this.timeBase.num) / this.timeBase.den - this.offset;
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
    // ffmpeg before 6 ends with exit code 0 when the last bytes could not be written.
    const cut = exit.tail.some((line) => /Error (writing trailer|closing file)|No space left on device/i.test(line));
    if (exit.failure || this.failure || cut) throw await this.explain();
    const shown = (this.interval * this.timeBase.num) / this.timeBase.den;
    if (this.mendEditList) await showLastFrame(this.path, shown || 0.04);
  }

  /** Stops at once and leaves an incomplete file. */
  async abort(): Promise<void> {
    this.child.kill();
    await this.child.exited;
  }

  private async send(frame: Frame, ticks: number): Promise<void> {
    try {
      this.stdin.write(ivfFrameHeader(frame.data.length, ticks));
      await new Promise<void>((done, failed) => {
        this.stdin.write(frame.data, (error) => (error ? failed(error) : done()));
      });
      this.release?.(frame.data);
    } catch (error) {
      this.failure = error;
    }
  }

  private async explain(): Promise<Error> {
    return ffmpegError(await this.child.exited, `encoding ${this.path}`);
  }
}

/** The requested part, in the source's own time; undefined for all of it. */
function partOf(file: MediaInfo, { start = 0, duration }: EncodeOptions): Part | undefined {
  if (start === 0 && duration === undefined) return undefined;
  const from = file.startTime + start;
  return { from, to: duration === undefined ? undefined : from + duration };
}

/** Seeks to an absolute time or a little before it; earlier packets and samples are dropped later. */
function seek(from: number): string[] {
  return ['-seek_timestamp', '1', '-noaccurate_seek', '-ss', String(from)];
}

import type { Writable } from 'node:stream';
import { MediaError } from '../../errors.js';
import type { Frame, Rational, Size } from '../../frame.js';
import { endsEditListEarly, findFfmpeg, hasOption, passthrough } from '../ffmpeg/binaries.js';
import { ffmpegError } from '../ffmpeg/failure.js';
import { ffmpegInput, ffmpegUrl } from '../ffmpeg/path.js';
import { FfmpegProcess } from '../ffmpeg/process.js';
import { type Cut, cutOf, jumps, leadOf, type Part, seekBefore } from '../probe/cut.js';
import type { MediaInfo } from '../probe/probe.js';
import { encoderFilters, outputColour } from '../raw/filters.js';
import { ivfFrameHeader, ivfHeader, ivfTimeBase, rescale } from '../raw/ivf.js';
import { chaptersText } from '../tracks/chapters.js';
import type { VideoCodec } from '../tracks/container.js';
import { chooseCodec } from '../tracks/container.js';
import { CoverFiles } from '../tracks/covers.js';
import { cutSubtitles } from '../tracks/cut-subtitles.js';
import { tickOf } from '../tracks/packet-clock.js';
import { planStreams } from '../tracks/streams.js';
import { laterTimecode } from '../tracks/timecode.js';
import { showLastFrame } from './edit-list.js';
import type { EncoderPreset } from './encoder.js';
import { chooseEncoder } from './encoder.js';

/** How to encode, and which part of the source the frames come from: everything beside them is cut alike. */
export interface EncodeOptions extends Part {
  /** Default: H.264, or VP9 for .webm. */
  readonly codec?: VideoCodec;
  /** Constant rate factor: lower is better and larger; 0 is lossless for H.264. */
  readonly crf?: number;
  /** Speed against size; default `veryfast`. */
  readonly encoderPreset?: EncoderPreset;
  /** Called with each buffer once ffmpeg has read it. */
  readonly release?: (data: Uint8Array<ArrayBuffer>) => void;
}

/** Frames that come from no file. */
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
 * Frames into a video file, beside everything else that the source held: sound, subtitles, chapters, attachments,
 * metadata, copied bit for bit where the format can hold them.
 */
export class VideoSink {
  /** What could not be kept as it was. */
  readonly notes: string[] = [];
  /** Time stamp of the last frame in seconds, in the output's time; undefined before the first. */
  lastTime: number | undefined;
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
    private readonly timeBase: Rational,
    private readonly origin: number,
    private readonly release: EncodeOptions['release'],
    private readonly mendEditList: boolean,
    private readonly lastFrame: number | undefined,
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
    const cut = file && cutOf(file, options);
    const retime = await hasOption(ffmpeg, 'bsf=setts', 'duration');
    const plan = planStreams(path, file, cut, { retime, level: ffmpeg.level });
    const colour = outputColour(video, size);
    const timeBase = ivfTimeBase('video' in source ? source.video.timeBase : source.timeBase);
    const filters = encoderFilters(colour, encoder.pixelFormat, video.sampleAspectRatio);
    const attachments = file?.others.filter(({ type }) => type === 'attachment').length ?? 0;
    const covers = file && (await CoverFiles.take(ffmpeg, file, plan.attached, attachments));
    const texts = file && cut ? await Promise.all(plan.texts.map((text) => cutSubtitles(ffmpeg, file, text, cut))) : [];
    if (file && cut && moved(cut) && file.chapters.length > 0) {
      texts.push({ format: 'ffmetadata', text: chaptersText(file.chapters, cut) });
    }
    const chapters = texts.length > plan.texts.length ? String(texts.length + 1) : '1';
    const child = new FfmpegProcess(ffmpeg, {
      // Absolute time stamps on all inputs, each with its zero where the result begins, keep everything in step.
      inputs: [
        { source: 'pipe:0', options: ['-copyts', '-f', 'ivf', '-c:v', 'rawvideo'] },
        ...(file && cut ? [companions(file, cut)] : []),
        ...texts.map(({ format }, i) => ({ source: `pipe:${3 + i}`, options: ['-f', format] })),
      ],
      pipes: texts.length,
      output: ffmpegUrl(path),
      outputOptions: [
        ...plan.options,
        ...(covers?.options ?? []),
        ...(file ? ['-map_chapters', chapters] : []),
        ...['-c:v:0', encoder.name, ...encoder.options, '-filter:v:0', filters.join(','), ...colour.tags],
        ...['-metadata:s:v:0', 'rotate=', '-max_muxing_queue_size', '9999'],
        ...(file && cut ? timecode(file, cut) : []),
        ...(file && cut && retime ? lastFrame(file, cut, tickOf(ffmpeg.level, plan.muxer, undefined, timeBase)) : []),
        ...passthrough(ffmpeg),
        ...['-enc_time_base:v:0', `${timeBase.num}:${timeBase.den}`],
        // What is on a clock of several parts is cut packet by packet.
        ...(cut && Number.isFinite(cut.end) && !jumps(file?.clock) ? ['-t', (cut.end - cut.start).toFixed(6)] : []),
        ...['-stats', '-f', plan.muxer],
      ],
      onLine: (line) => sink?.counts(line) ?? false,
    });
    let sink: VideoSink | undefined;
    const stdin = await child.stdin();
    void child.exited.then(() => covers?.remove());
    if (!stdin) throw ffmpegError(await child.exited, `starting to encode ${path}`);
    for (const [i, { text }] of texts.entries()) (await child.pipe(3 + i))?.end(text);
    const mend = endsEditListEarly(ffmpeg) && /^(mp4|mov)$/.test(plan.muxer);
    sink = new VideoSink(path, child, stdin, timeBase, cut?.origin ?? 0, options.release, mend, file?.clock?.lastFrame);
    sink.notes.push(...encoder.notes, ...plan.notes, ...(covers?.notes ?? []));
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
    const zero = Math.round((this.origin * this.timeBase.den) / this.timeBase.num);
    const ticks = Math.max(rescale(frame.pts, this.timeBase) - zero, this.lastTicks + 1);
    if (Number.isFinite(this.lastTicks)) this.interval = ticks - this.lastTicks;
    this.lastTicks = ticks;
    this.lastTime = (ticks * this.timeBase.num) / this.timeBase.den;
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
    // ffmpeg before 6 ends with exit code 0 when the last bytes could not be written.
    const cut = exit.tail.some((line) => /Error (writing trailer|closing file)|No space left on device/i.test(line));
    if (exit.failure || this.failure || cut) throw await this.explain();
    if (this.encoded !== undefined && this.encoded !== this.frames) throw lost(this.path, this.encoded, this.frames);
    const shown = this.lastFrame ?? (this.interval * this.timeBase.num) / this.timeBase.den;
    if (this.mendEditList) await showLastFrame(this.path, shown || 0.04);
  }

  /** Reads how many frames are in the file, from a line such as `frame=   25 fps=…`. */
  private counts(line: string): boolean {
    const found = /^frame=\s*(\d+)/.exec(line);
    if (found) this.encoded = Number(found[1]);
    return found !== null;
  }

  /** Stops at once and leaves an incomplete file. */
  async abort(): Promise<void> {
    this.child.kill();
    await this.child.exited;
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
      this.release?.(frame.data);
    } catch (error) {
      this.failure = error;
    }
  }

  private async explain(): Promise<Error> {
    return ffmpegError(await this.child.exited, `encoding ${this.path}`);
  }
}

/** The source once more, for what travels beside the picture. */
function companions(file: MediaInfo, cut: Cut): { source: string; options: string[] } {
  const { source, options } = ffmpegInput(file.path);
  // Packets of sound may lie before the picture that they belong to.
  const seek = cut.asked ? seekBefore(file, cut, leadOf(file) + 1) : undefined;
  return {
    source,
    options: [
      ...(seek === undefined ? [] : ['-noaccurate_seek', '-ss', seek.toFixed(6)]),
      ...(cut.origin === 0 ? [] : ['-itsoffset', (-cut.origin).toFixed(6)]),
      ...options,
    ],
  };
}

/** Whether times change, and so those of the chapters. */
function moved(cut: Cut): boolean {
  return cut.asked || cut.origin !== 0;
}

/** The timecode of the first frame, where there is one. */
function timecode({ video, others, startTime }: MediaInfo, cut: Cut): string[] {
  const told = video.tags.timecode ?? others.find(({ tags }) => tags?.timecode)?.tags?.timecode;
  if (told === undefined || !cut.asked || !video.frameRate) return [];
  const later = laterTimecode(told, cut.start - startTime, video.frameRate);
  return later === undefined ? [] : ['-metadata:s:v:0', `timecode=${later}`, '-metadata', 'timecode='];
}

/** Sets how long the last frame is shown: as long as in the source, or to the end of the cut. The others are not asked. */
function lastFrame({ clock, video, startTime, duration }: MediaInfo, cut: Cut, tick: string): string[] {
  const end = video.endTime ?? startTime + (duration ?? 0);
  const shown = clock?.lastFrame ?? (video.frameRate ? video.frameRate.den / video.frameRate.num : undefined);
  const expression =
    cut.end < end ? `max(1,${(cut.end - cut.start).toFixed(6)}/${tick}-PTS)` : shown && `${shown.toFixed(6)}/${tick}`;
  return expression ? ['-bsf:v:0', `setts=pts=PTS:dts=DTS:duration='round(${expression})'`] : [];
}

function lost(path: string, encoded: number, frames: number): MediaError {
  return new MediaError('MEDIA_FRAMES_LOST', `ffmpeg took ${encoded} of ${frames} frames into ${path}.`, {
    hint: 'Try another --codec or output format, and report this with the output of "ffmpeg -version".',
  });
}

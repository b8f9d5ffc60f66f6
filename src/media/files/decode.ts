import { MediaError } from '../../errors.js';
import type { Frame, Pts, Size } from '../../frame.js';
import { frameBytes, seconds } from '../../frame.js';
import { findFfmpeg } from '../ffmpeg/binaries.js';
import { ffmpegError } from '../ffmpeg/failure.js';
import { CORRUPT_PACKET, DAMAGED } from '../ffmpeg/known-failures.js';
import { inUsersWords } from '../ffmpeg/path.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { FrameClock } from '../probe/clock.js';
import { type Cut, cutOf, isBefore, jumps, leadOf, type Part, seekBefore } from '../probe/cut.js';
import type { MediaInfo } from '../probe/info.js';
import { decoderFilters } from '../raw/filters.js';
import { type DecodedFrame, Decoding } from './decoding.js';
import { alphaDecoder, overWhite } from './transparency.js';

/** How to decode, and what part: frames are those that begin in it. */
export interface DecodeOptions extends Part {
  /** Size of the frames in pixels; default: the source's as shown. */
  readonly size?: Size;
  /** Denoise before anything else (hqdn3d). */
  readonly denoise?: boolean;
  /** Whether the sink keeps the transparency of the source: then edges keep their colours. */
  readonly alphaKept?: boolean;
  /** Further filters in ffmpeg's words, after scaling; they must leave RGB24. */
  readonly filters?: readonly string[];
  /** Gives a buffer of at least the wanted bytes to decode into; default: a new one. */
  readonly allocate?: (bytes: number) => Uint8Array<ArrayBuffer>;
  /** Aborting ends the frames at once, also where a stream has stalled. */
  readonly signal?: AbortSignal;
}

/** How decoding ended. */
export interface DecodeEnd {
  /** Frames that were delivered. */
  readonly frames: number;
  /** What ffmpeg complained about, if the file was damaged; undefined after a clean end. */
  readonly damage: string | undefined;
}

const PAINTED_OVER =
  'The source is transparent in places: it is painted over white. .webm (VP9), .mov (--codec prores), .gif and .webp would keep that.';

/** How much earlier the reading begins where it began too late. */
const EARLIER = 8;

/**
 * A video file or URL as RGB24 frames with the source's own time stamps, on its mended clock where it was read. Leaving
 * the loop early ends ffmpeg.
 */
export class VideoSource implements AsyncIterable<Frame> {
  /** Size of every frame in pixels. */
  readonly size: Size;
  /** How it ended; set once iteration is over. */
  end: DecodeEnd | undefined;
  /** What was done to the picture on the way and the user should know; complete once the first frame is there. */
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
    const { signal } = options;
    const cut = cutOf(info, options);
    const joints = (info.clock?.stretches.length ?? 1) - 1;
    if (joints > 0)
      this.notes.push(
        `The clock of ${info.path} is set anew ${joints === 1 ? 'once' : `${joints} times`}: it goes on where it was.`,
      );
    const run = await this.begin(cut);
    const stop = () => run.kill();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    const clock = new FrameClock(info.clock?.stretches ?? [], info.video.index);
    let frames = 0;
    let whole = true;
    try {
      for (let frame = run.first; frame; frame = await run.decoding.next()) {
        const pts = mended(frame.pts, clock);
        const tick = pts.timeBase.num / pts.timeBase.den;
        if (isBefore(seconds(pts), cut.start, tick)) continue;
        whole = isBefore(seconds(pts), cut.end, tick);
        if (!whole) break;
        frames++;
        yield { data: frame.data, width: size.width, height: size.height, pts };
      }
      if (!whole) run.kill();
      const exit = await run.decoding.exit();
      if (signal?.aborted) return;
      if (run.decoding.captions) {
        this.notes.push(
          'The closed captions inside the picture are lost: only subtitles in a stream of their own are kept.',
        );
      }
      if (run.decoding.changes > 0) {
        this.notes.push(`The picture changes on the way: all of it is scaled to ${size.width}x${size.height}.`);
      }
      this.end = { frames, damage: complaint(exit, info) ?? (whole ? exit.failure?.message : undefined) };
      if (whole && exit.signal) throw ffmpegError(exit, `decoding ${info.path}`);
      if (frames === 0) throw noFrames(info, whole ? exit : { ...exit, failure: undefined }, options);
    } finally {
      signal?.removeEventListener('abort', stop);
      await run.close();
    }
  }

  /** Starts to decode so that no frame of the cut is missing; some that lie before it may come first. */
  private async begin(cut: Cut): Promise<Run> {
    const { info, options, size } = this;
    const { video } = info;
    if (video.dolbyOnly) throw dolbyVision(info.path);
    const ffmpeg = await findFfmpeg();
    const kept = options.alphaKept ?? false;
    const backdrop = info.transparent ? overWhite(kept) : [];
    const chain = await decoderFilters(ffmpeg, video, size, { denoise: options.denoise ?? false, backdrop });
    if (info.transparent && !kept) this.notes.push(PAINTED_OVER);
    this.notes.push(...chain.notes);
    for (let lead = leadOf(info); ; lead = Math.max(1, lead * EARLIER)) {
      const seek = cut.asked ? seekBefore(info, cut, lead) : undefined;
      const decoding = new Decoding(ffmpeg, {
        path: info.copy ?? info.path,
        stream: video.index,
        options: [...alphaDecoder(info), ...(seek === undefined ? [] : ['-noaccurate_seek', '-ss', seek.toFixed(6)])],
        filters: [...skip(info, cut), ...chain.filters, ...(options.filters ?? [])],
        bytes: frameBytes(size.width, size.height),
        allocate: options.allocate,
        timeBase: video.timeBase,
        frameRate: video.frameRate,
      });
      const stop = () => decoding.kill();
      if (options.signal?.aborted) stop();
      options.signal?.addEventListener('abort', stop);
      const first = await decoding
        .next()
        .catch(async (error) => {
          await decoding.close();
          throw error;
        })
        .finally(() => options.signal?.removeEventListener('abort', stop));
      const run = { decoding, first, kill: stop, close: () => decoding.close() };
      // What cannot be sought in exactly leads to a later place: frames of the cut may lie before it.
      if (seek === undefined || (first && seconds(first.pts) <= cut.start) || options.signal?.aborted) return run;
      await decoding.close();
    }
  }
}

/** A decoder that has given its first frame. */
interface Run {
  readonly decoding: Decoding;
  readonly first: DecodedFrame | undefined;
  kill(): void;
  close(): Promise<void>;
}

/** Leaves out what lies before a cut, but for the very first frame: it tells where the reading began. */
function skip(info: MediaInfo, cut: Cut): string[] {
  if (!cut.asked || jumps(info.clock)) return [];
  const { num, den } = info.video.timeBase;
  return [`select='eq(n,0)+isnan(t)+gte(t,${(cut.start - num / den / 2).toFixed(9)})'`];
}

/** A time stamp on the mended clock. */
function mended(pts: Pts, clock: FrameClock): Pts {
  const offset = clock.offset(seconds(pts));
  const { num, den } = pts.timeBase;
  return offset === 0 ? pts : { ...pts, value: pts.value + Math.round((offset * den) / num) };
}

/** The complaint of a decoder that could not read everything, or undefined. */
function complaint(exit: FfmpegExit, { path, clock }: MediaInfo): string | undefined {
  const line = exit.tail.find(
    (text) =>
      // Where recordings were joined a packet is cut off: that is no damage.
      !(jumps(clock) && CORRUPT_PACKET.test(text)) &&
      // Neither what ffmpeg says of the file's streams and tags nor its name.
      !/^\s|^(?:In|Out)put #/.test(text) &&
      DAMAGED.test(text.replaceAll(path, '')),
  );
  return line && inUsersWords(line.replace(/^\[[^\]]*\] /, ''), path);
}

function noFrames(info: MediaInfo, exit: FfmpegExit, { start = 0, duration }: DecodeOptions): MediaError {
  const { path } = info;
  if ((start > 0 || duration !== undefined) && !exit.failure) {
    const round = (time: number) => Math.round(time * 1000) / 1000;
    const where = duration === undefined ? `after ${start} s` : `between ${start} and ${round(start + duration)} s`;
    const late = info.duration !== undefined && start >= info.duration;
    const other = duration === undefined ? 'Use a smaller --start.' : 'Choose another --start, or a longer --duration.';
    const hint = late ? `It lasts ${round(info.duration)} s: use a smaller --start.` : other;
    return new MediaError('MEDIA_NO_FRAMES', `${path} has no frames ${where}.`, { hint });
  }
  const why = exit.tail.at(-1) ?? exit.failure?.message ?? 'ffmpeg gave no reason';
  return new MediaError('MEDIA_NO_FRAMES', `No frame of ${path} could be decoded: ${inUsersWords(why, path)}`, {
    hint: 'The file is damaged, or this ffmpeg lacks its codec.',
  });
}

function dolbyVision(path: string): MediaError {
  return new MediaError(
    'MEDIA_DOLBY_VISION',
    `${path} has the colours of Dolby Vision only (profile 5), which look green and violet as others.`,
    {
      hint: 'Convert it first, for example with "ffmpeg -i in.mp4 -vf libplacebo=colorspace=bt709 out.mp4", or get it as HDR10.',
    },
  );
}

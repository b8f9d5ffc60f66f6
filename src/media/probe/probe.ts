import { promises as fs } from 'node:fs';
import { MediaError } from '../../errors.js';
import type { Rational } from '../../frame.js';
import { isUrl, localPath } from '../ffmpeg/path.js';
import type { Clock } from './clock.js';
import { askFfprobe, type ProbeChapter, type ProbeProgram, type ProbeStream } from './ffprobe.js';

/** Colour description of a video stream in ffmpeg's names; undefined where the file does not say. */
export interface Colour {
  readonly matrix: string | undefined;
  readonly primaries: string | undefined;
  readonly transfer: string | undefined;
  readonly range: 'tv' | 'pc' | undefined;
}

/** The video stream that will be stylized. */
export interface VideoInfo {
  /** Index of the stream in the file. */
  readonly index: number;
  readonly codec: string;
  readonly pixelFormat: string;
  /** Size as shown, in pixels: after rotation. */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn that the file asks for: 0, 90, 180 or 270 degrees. */
  readonly rotation: number;
  /** Shape of a pixel as shown (width : height), after rotation. */
  readonly sampleAspectRatio: Rational;
  readonly timeBase: Rational;
  readonly frameRate: Rational | undefined;
  /** Time stamp of the first frame in seconds, if known. */
  readonly startTime: number | undefined;
  /** When the last frame has been shown, in seconds of the same clock, if known. */
  readonly endTime: number | undefined;
  /** Number of frames: exact where the container counts them, else estimated from the duration. */
  readonly frames: number | undefined;
  readonly interlaced: boolean;
  /** Perceptual quantizer (`pq`), hybrid log-gamma (`hlg`), or neither. */
  readonly hdr: 'pq' | 'hlg' | undefined;
  readonly colour: Colour;
  /** Whether players choose it unasked. */
  readonly default: boolean;
  /** What the file says of the picture, such as `timecode`. */
  readonly tags: Tags;
  /** What lies beside the frames, such as `Spherical Mapping`, in ffprobe's words. */
  readonly sideData: readonly string[];
  /** Whether its colours are Dolby Vision's own, without a layer that others can show. */
  readonly dolbyOnly: boolean;
}

/** A stream that travels beside the picture: sound, subtitles, an attachment, cover art, data. */
export interface OtherStream {
  readonly index: number;
  readonly type: 'audio' | 'subtitle' | 'attachment' | 'cover' | 'video' | 'data';
  readonly codec: string;
  /** Four characters that tell what ffmpeg does not know, such as `tmcd`. */
  readonly codecTag?: string | undefined;
  readonly tags?: Tags;
  readonly sampleRate?: number | undefined;
  /** Bits of a sample of sound that is not compressed. */
  readonly bits?: number | undefined;
  /** Whether it belongs to another programme of a broadcast than the picture. */
  readonly elsewhere?: boolean;
}

/** A chapter in seconds of the file's own time stamps. */
export interface Chapter {
  readonly start: number;
  readonly end: number;
  readonly tags: Tags;
}

/** Names and values as ffprobe gives them. */
export type Tags = Readonly<Record<string, string>>;

/** What ffprobe says of a file or stream. */
export interface MediaInfo {
  readonly path: string;
  /** Demuxer names, for example `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  /** Length in seconds, if known. */
  readonly duration: number | undefined;
  /** Time stamp of the earliest stream in seconds. */
  readonly startTime: number;
  /** Whether its frames have time stamps: raw streams have none, and cannot be sought in. */
  readonly timed: boolean;
  readonly video: VideoInfo;
  readonly others: readonly OtherStream[];
  readonly chapters: readonly Chapter[];
  readonly tags: Tags;
  /** How its clock runs and how long its last frame is shown, from `readClock`; absent where nobody looked. */
  readonly clock?: Clock;
}

/**
 * Asks ffprobe about a video file or URL.
 *
 * @throws MediaError `MEDIA_NOT_FOUND`, `MEDIA_IS_FOLDER`, `MEDIA_EMPTY`, `MEDIA_UNREADABLE` (ffprobe cannot open it),
 * `MEDIA_NO_VIDEO` or `MEDIA_FFMPEG_KILLED`
 */
export async function probe(input: string): Promise<MediaInfo> {
  const path = localPath(input);
  await checkFile(path);
  const { streams = [], format = {}, chapters = [], programs = [] } = await askFfprobe(path);
  const pictures = streams.filter((stream) => stream.codec_type === 'video' && !stream.disposition?.attached_pic);
  const video = pictures.find((stream) => stream.width && stream.height);
  if (!video) {
    const found = streams.map((stream) => stream.codec_type ?? 'unknown').join(', ') || 'no streams';
    throw new MediaError('MEDIA_NO_VIDEO', `${path} has no video stream (found: ${found}).`, {
      hint: 'For a picture use "stylecast image".',
    });
  }
  const duration = positive(format.duration) ?? positive(video.duration);
  return {
    path,
    format: format.format_name ?? '',
    duration,
    startTime: Number(format.start_time ?? 0) || 0,
    timed: Number.isFinite(Number(format.start_time)),
    video: describeVideo(video, duration),
    others: streams.filter((stream) => stream !== video).map((stream) => describeOther(stream, video, programs)),
    chapters: chapters.map(describeChapter),
    tags: format.tags ?? {},
  };
}

async function checkFile(path: string): Promise<void> {
  if (isUrl(path)) return;
  if (path === '-') {
    throw new MediaError('MEDIA_STDIN', 'The input is "-", the standard input, which can be read only once.', {
      hint: 'A file is read several times, for its picture, its sound and its clock: save it to a file first.',
    });
  }
  const stat = await fs.stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new MediaError('MEDIA_NOT_FOUND', `${path} does not exist.`, { hint: 'Check the path.', cause });
    }
    throw new MediaError('MEDIA_UNREADABLE', `${path} cannot be read: ${cause.message}`, { cause });
  });
  if (stat.isDirectory()) {
    throw new MediaError('MEDIA_IS_FOLDER', `${path} is a folder; expected a video file.`, {
      hint: 'Give one file at a time.',
    });
  }
  if (stat.isFile() && stat.size === 0) {
    throw new MediaError('MEDIA_EMPTY', `${path} is empty (0 bytes); expected a video file.`, {
      hint: 'Check that the copy or download of it finished.',
    });
  }
}

function describeVideo(stream: ProbeStream, duration: number | undefined): VideoInfo {
  const rotation = turn(stream);
  const sideways = rotation % 180 !== 0;
  const frameRate = rational(stream.avg_frame_rate, '/');
  const aspect = rational(stream.sample_aspect_ratio, ':') ?? { num: 1, den: 1 };
  const length = positive(stream.duration) ?? duration;
  const estimate = length && frameRate ? Math.max(1, Math.round((length * frameRate.num) / frameRate.den)) : undefined;
  const transfer = known(stream.color_transfer);
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    pixelFormat: stream.pix_fmt ?? 'unknown',
    width: (sideways ? stream.height : stream.width) ?? 0,
    height: (sideways ? stream.width : stream.height) ?? 0,
    rotation,
    sampleAspectRatio: sideways ? { num: aspect.den, den: aspect.num } : aspect,
    timeBase: rational(stream.time_base, '/') ?? { num: 1, den: 90000 },
    frameRate,
    frames: positive(stream.nb_frames) ?? estimate,
    startTime: finite(stream.start_time),
    endTime: endOf(stream),
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    hdr: transfer === 'smpte2084' ? 'pq' : transfer === 'arib-std-b67' ? 'hlg' : undefined,
    colour: {
      matrix: known(stream.color_space),
      primaries: known(stream.color_primaries),
      transfer,
      range: stream.color_range === 'tv' || stream.color_range === 'pc' ? stream.color_range : undefined,
    },
    tags: stream.tags ?? {},
    default: stream.disposition?.default === 1,
    dolbyOnly: (stream.side_data_list ?? []).some((data) => data.dv_bl_signal_compatibility_id === 0),
    sideData: (stream.side_data_list ?? []).flatMap(({ side_data_type }) => side_data_type ?? []),
  };
}

function describeOther(stream: ProbeStream, video: ProbeStream, programs: readonly ProbeProgram[]): OtherStream {
  const holds = (program: ProbeProgram, { index }: ProbeStream) =>
    program.streams?.some((each) => each.index === index);
  const type = stream.codec_type;
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    type:
      type === 'audio' || type === 'subtitle' || type === 'attachment'
        ? type
        : type === 'video'
          ? stream.disposition?.attached_pic
            ? 'cover'
            : 'video'
          : 'data',
    codecTag: stream.codec_tag_string,
    tags: stream.tags ?? {},
    sampleRate: positive(stream.sample_rate),
    bits: stream.sample_fmt?.startsWith('s16') ? 16 : stream.sample_fmt?.startsWith('u8') ? 8 : 24,
    elsewhere:
      programs.some((each) => holds(each, video)) &&
      !programs.some((each) => holds(each, video) && holds(each, stream)),
  };
}

function describeChapter({ start_time, end_time, tags = {} }: ProbeChapter): Chapter {
  return { start: Number(start_time), end: Number(end_time), tags };
}

/** Clockwise degrees from the display matrix, or from the `rotate` tag of older files. */
function turn(stream: ProbeStream): number {
  const matrix = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  const degrees = matrix === undefined ? Number(stream.tags?.rotate ?? 0) : -matrix;
  return (((Math.round(degrees / 90) * 90) % 360) + 360) % 360;
}

/** Matroska says when a stream ends, others how long it is. */
function endOf({ start_time, duration, tags = {} }: ProbeStream): number | undefined {
  const [hours, minutes, seconds] = (tags.DURATION ?? '').split(':').map(Number);
  const end = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return end > 0 ? end : finite(String(Number(start_time) + Number(duration)));
}

function rational(text: string | undefined, separator: string): Rational | undefined {
  const [num, den] = (text ?? '').split(separator).map(Number);
  return num && den && num > 0 && den > 0 ? { num, den } : undefined;
}

function finite(text: string | undefined): number | undefined {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : undefined;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

function known(name: string | undefined): string | undefined {
  return name === undefined || name === 'unknown' || name === 'unspecified' ? undefined : name;
}

import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { promisify } from 'node:util';
import { MediaError, messageOf } from '../../errors.js';
import type { Rational } from '../../frame.js';
import { findFfprobe } from './binaries.js';

const run = promisify(execFile);

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
  /** Clockwise rotation that the file asks for: 0, 90, 180 or 270 degrees. */
  readonly rotation: number;
  /** Shape of a pixel as shown (width : height), after rotation. */
  readonly sampleAspectRatio: Rational;
  readonly timeBase: Rational;
  readonly frameRate: Rational | undefined;
  /** Number of frames: exact where the container stores it, else estimated from the duration. */
  readonly frames: number | undefined;
  readonly interlaced: boolean;
  /** Perceptual quantizer (`pq`), hybrid log-gamma (`hlg`), or neither. */
  readonly hdr: 'pq' | 'hlg' | undefined;
  readonly colour: Colour;
}

/** A stream other than the stylized picture: sound, subtitles, an attachment, cover art, data. */
export interface OtherStream {
  readonly index: number;
  readonly type: 'audio' | 'subtitle' | 'attachment' | 'cover' | 'video' | 'data';
  readonly codec: string;
}

/** What ffprobe reports about a file or stream. */
export interface MediaInfo {
  readonly path: string;
  /** Demuxer names, for example `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  /** Length in seconds, if known. */
  readonly duration: number | undefined;
  /** Time stamp of the earliest stream in seconds. */
  readonly startTime: number;
  readonly video: VideoInfo;
  readonly others: readonly OtherStream[];
}

/** The parts of ffprobe's JSON that are read here. */
interface ProbeStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  pix_fmt?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  time_base?: string;
  avg_frame_rate?: string;
  nb_frames?: string;
  duration?: string;
  field_order?: string;
  color_space?: string;
  color_primaries?: string;
  color_transfer?: string;
  color_range?: string;
  disposition?: { attached_pic?: number };
  tags?: Record<string, string>;
  side_data_list?: { rotation?: number }[];
}

/**
 * Asks ffprobe about a video file or URL.
 *
 * @throws MediaError `MEDIA_NOT_FOUND`, `MEDIA_IS_FOLDER`, `MEDIA_EMPTY`, `MEDIA_UNREADABLE` (ffprobe cannot open it),
 * `MEDIA_NO_VIDEO` or `MEDIA_FFMPEG_KILLED`
 */
export async function probe(path: string): Promise<MediaInfo> {
  await checkFile(path);
  const { streams = [], format = {} } = await askFfprobe(path);
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
    video: describeVideo(video, duration),
    others: streams.filter((stream) => stream !== video).map(describeOther),
  };
}

/** Whether a path is a URL that ffmpeg opens itself, not a file. */
export function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

async function checkFile(path: string): Promise<void> {
  if (isUrl(path)) return;
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

async function askFfprobe(path: string): Promise<{
  streams?: ProbeStream[];
  format?: { format_name?: string; duration?: string; start_time?: string };
}> {
  const ffprobe = await findFfprobe();
  try {
    const { stdout } = await run(ffprobe, ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', path], {
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout);
  } catch (cause) {
    const { signal } = cause as { signal?: NodeJS.Signals };
    if (signal) {
      throw new MediaError('MEDIA_FFMPEG_KILLED', `ffprobe was killed (${signal}) while reading ${path}.`, {
        hint: 'The one of the npm package crashes on some files: install ffmpeg, which brings its own.',
        cause,
      });
    }
    const stderr = (cause as { stderr?: string }).stderr?.trim().split('\n') ?? [];
    const reason = stderr.at(-1)?.replace(`${path}: `, '') || messageOf(cause).split('\n')[0];
    const cut = stderr.some((line) => line.includes('moov atom not found'));
    throw new MediaError('MEDIA_UNREADABLE', `${path} is not a video that ffmpeg can open: ${reason}`, {
      hint: cut
        ? 'Its index is missing: the recording or download was cut off, or it is no video at all. Get the file again.'
        : 'Check that it plays elsewhere; a renamed or half-downloaded file does not.',
      cause,
    });
  }
}

function describeVideo(stream: ProbeStream, duration: number | undefined): VideoInfo {
  const rotation = rotationOf(stream);
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
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    hdr: transfer === 'smpte2084' ? 'pq' : transfer === 'arib-std-b67' ? 'hlg' : undefined,
    colour: {
      matrix: known(stream.color_space),
      primaries: known(stream.color_primaries),
      transfer,
      range: stream.color_range === 'tv' || stream.color_range === 'pc' ? stream.color_range : undefined,
    },
  };
}

function describeOther(stream: ProbeStream): OtherStream {
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
  };
}

/** Clockwise degrees from the display matrix, or from the `rotate` tag of older files. */
function rotationOf(stream: ProbeStream): number {
  const matrix = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  const degrees = matrix === undefined ? Number(stream.tags?.rotate ?? 0) : -matrix;
  return (((Math.round(degrees / 90) * 90) % 360) + 360) % 360;
}

function rational(text: string | undefined, separator: string): Rational | undefined {
  const [num, den] = (text ?? '').split(separator).map(Number);
  return num && den && num > 0 && den > 0 ? { num, den } : undefined;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

function known(name: string | undefined): string | undefined {
  return name === undefined || name === 'unknown' || name === 'unspecified' ? undefined : name;
}

import type { Rational } from '../../frame.js';
import type { ProbeChapter, ProbeProgram, ProbeStream } from './ffprobe.js';
import type { Chapter, OtherStream, VideoInfo } from './info.js';

/** The video stream in our words; `duration` is the file's. */
export function describeVideo(stream: ProbeStream, duration: number | undefined): VideoInfo {
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
    alpha: hasAlpha(stream),
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
    stereo: (stream.side_data_list ?? []).find(({ side_data_type }) => side_data_type === 'Stereo 3D')?.type,
    sideData: (stream.side_data_list ?? []).flatMap(({ side_data_type }) => side_data_type ?? []),
  };
}

/** Formats with an alpha plane, or with a palette in which a colour may be clear. */
const WITH_ALPHA = /^(yuva|gbrap|rgba|bgra|argb|abgr|ya\d|pal8|vuya|ayuv)/;

function hasAlpha({ pix_fmt = '', tags = {} }: ProbeStream): boolean {
  // Of VP8 and VP9 the plain picture is probed: the alpha plane lies beside it.
  return WITH_ALPHA.test(pix_fmt) || (tags.alpha_mode ?? tags.ALPHA_MODE) === '1';
}

/** A stream beside `video`. */
export function describeOther(stream: ProbeStream, video: ProbeStream, programs: readonly ProbeProgram[]): OtherStream {
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
    purposes: Object.entries(stream.disposition ?? {}).flatMap(([name, set]) => (set === 1 ? name : [])),
    sampleRate: positive(stream.sample_rate),
    bits: stream.sample_fmt?.startsWith('s16') ? 16 : stream.sample_fmt?.startsWith('u8') ? 8 : 24,
    elsewhere:
      programs.some((each) => holds(each, video)) &&
      !programs.some((each) => holds(each, video) && holds(each, stream)),
  };
}

/** A chapter in our words. */
export function describeChapter({ start_time, end_time, tags = {} }: ProbeChapter): Chapter {
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

/** A number above zero, or undefined. */
export function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

function known(name: string | undefined): string | undefined {
  return name === undefined || name === 'unknown' || name === 'unspecified' ? undefined : name;
}

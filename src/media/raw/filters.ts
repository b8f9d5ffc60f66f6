import { MediaError } from '../../errors.js';
import type { Size } from '../../frame.js';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import { canFilter, findFfmpeg, hasFilter } from '../ffmpeg/binaries.js';
import type { Colour, VideoInfo } from '../probe/info.js';

/** Colour of the output: the matrix and range of the conversion, and the tags written into the file. */
export interface OutputColour {
  /** Matrix for RGB to YUV, in swscale's names. */
  readonly matrix: string;
  readonly range: 'tv' | 'pc';
  /** `-colorspace` and its like; empty where the source has no colour tags. */
  readonly tags: readonly string[];
}

/** Filters between the decoder and RGB24, and what to tell the user about them. */
export interface FilterChain {
  readonly filters: readonly string[];
  readonly notes: readonly string[];
}

/** swscale rounds chroma roughly unless asked; these flags keep a round trip within a level. */
export const SCALE_FLAGS = 'flags=bicubic+accurate_rnd+full_chroma_int';

/** Temporal only: changes as small as noise are averaged away, edges stay sharp. */
const DENOISE = { name: 'hqdn3d', options: '0:0:8:8' } as const;

/** Whether the ffmpeg of this machine has the denoising filter; builds without GPL lack it. */
export async function canDenoise(): Promise<boolean> {
  return hasFilter(await findFfmpeg(), DENOISE.name);
}

/**
 * The denoising filter, for any YUV format.
 *
 * @throws MediaError `MEDIA_FILTER` where this ffmpeg lacks it
 */
export async function denoiseFilter(ffmpeg: Ffmpeg): Promise<string> {
  const { name, options } = DENOISE;
  if (await hasFilter(ffmpeg, name)) return `${name}=${options}`;
  throw new MediaError('MEDIA_FILTER', `${ffmpeg.path} has no filter ${name}, which takes the noise off.`, {
    hint: 'Leave out --denoise, or install an ffmpeg that was built with --enable-gpl.',
  });
}

/** What players assume of a file that does not say: BT.709 from 720 lines on, BT.601 below. */
function guessMatrix(height: number): string {
  return height >= 720 ? 'bt709' : 'smpte170m';
}

/** ffprobe's names of values that ffmpeg's options call otherwise. */
const OPTION_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  transfer: { bt470m: 'gamma22', bt470bg: 'gamma28' },
  matrix: { gbr: 'rgb' },
  primaries: {},
};

/** A colour value as ffprobe names it, in the words of ffmpeg's options `-colorspace`, `-color_primaries`, `-color_trc`. */
export function colourOption(kind: 'matrix' | 'primaries' | 'transfer', name: string): string {
  return OPTION_NAMES[kind]![name] ?? name;
}

/** Matrices that swscale does not know, and what it takes for them. */
const UNKNOWN_MATRICES: Readonly<Record<string, string>> = {
  ...{ ycgco: 'bt709', 'chroma-derived-nc': 'bt709', 'chroma-derived-c': 'bt709', ictcp: 'bt709', smpte2085: 'bt709' },
  bt2020c: 'bt2020nc',
};

/** Whether zscale turns a matrix into BT.709: it wants to know all of the colours for some. */
async function canConvert(ffmpeg: Ffmpeg, { matrix, primaries, transfer }: Colour): Promise<boolean> {
  if (!(await hasFilter(ffmpeg, 'zscale'))) return false;
  const told = [
    `colorspace=${matrix}`,
    `color_primaries=${primaries ?? 'unknown'}`,
    `color_trc=${transfer ?? 'unknown'}`,
  ];
  return canFilter(ffmpeg, `format=yuv420p,setparams=${told.join(':')},zscale=min=${matrix}:m=bt709`);
}

/** swscale's name of a matrix; undefined for those it cannot apply (`gbr` is RGB already). */
function swscaleMatrix(colour: Colour, height: number): string | undefined {
  const matrix = colour.matrix;
  if (matrix === undefined) return guessMatrix(height);
  if (matrix === 'bt2020c') return 'bt2020nc';
  if (['bt709', 'fcc', 'bt470bg', 'smpte170m', 'smpte240m', 'bt2020nc'].includes(matrix)) return matrix;
  return undefined;
}

/**
 * The filters that turn the decoded picture into RGB24 of `size`: deinterlacing (bwdif), tone mapping of PQ and HLG to
 * BT.709 (zscale and tonemap; Möbius curve), denoising (hqdn3d), scaling and colour conversion.
 *
 * @param backdrop filters that lay a transparent picture in RGBA over something, before all others
 * @throws MediaError as `denoiseFilter`
 */
export async function decoderFilters(
  ffmpeg: Ffmpeg,
  video: VideoInfo,
  size: Size,
  { denoise = false, backdrop = [] }: { readonly denoise?: boolean; readonly backdrop?: readonly string[] } = {},
): Promise<FilterChain> {
  const filters: string[] = [];
  const notes: string[] = [];
  let matrix = swscaleMatrix(video.colour, video.height);
  if (backdrop.length > 0) {
    filters.push(`scale=${SCALE_FLAGS}${matrix ? `:in_color_matrix=${matrix}` : ''}:out_range=pc`, ...backdrop);
    matrix = undefined;
  }
  if (video.interlaced) {
    filters.push((await hasFilter(ffmpeg, 'bwdif')) ? 'bwdif=mode=send_frame' : 'yadif=mode=send_frame');
    notes.push('The source is interlaced: it is deinterlaced, one frame out for each frame in.');
  }
  if (video.hdr) {
    const name = video.hdr === 'pq' ? 'HDR10 (PQ)' : 'HLG';
    if ((await hasFilter(ffmpeg, 'zscale')) && (await hasFilter(ffmpeg, 'tonemap'))) {
      const input = `tin=${video.colour.transfer}:min=${video.colour.matrix ?? 'bt2020nc'}:pin=${video.colour.primaries ?? 'bt2020'}`;
      filters.push(
        // In one step: an intermediate frame would lose the colour description that is given here for the file.
        `zscale=${input}:p=bt709:m=gbr:t=linear:npl=203`,
        'format=gbrpf32le',
        // Keeps everything up to half of reference white (203 nits) as it is; Hable's curve halves the light.
        'tonemap=mobius:param=0.5:desat=0',
        'zscale=t=bt709:m=bt709:r=tv',
        'format=yuv444p',
      );
      matrix = 'bt709';
      notes.push(`The source is ${name}: it is tone-mapped to BT.709.`);
    } else {
      notes.push(`The source is ${name}, and this ffmpeg lacks zscale: it is not tone-mapped and will look pale.`);
    }
  }
  const own = video.colour.matrix;
  if (!video.hdr && own !== undefined && backdrop.length === 0 && UNKNOWN_MATRICES[own]) {
    if (await canConvert(ffmpeg, video.colour)) {
      filters.push(`zscale=min=${own}:m=bt709`, 'format=yuv444p');
      matrix = 'bt709';
    } else {
      matrix = UNKNOWN_MATRICES[own]!;
      notes.push(
        `The source's matrix is ${own}, which this ffmpeg cannot read: it is read as ${matrix}, a little off.`,
      );
    }
  }
  if (denoise) filters.push(await denoiseFilter(ffmpeg));
  const from = matrix ? `:in_color_matrix=${matrix}` : '';
  filters.push(`scale=w=${size.width}:h=${size.height}:${SCALE_FLAGS}${from}:out_range=pc`, 'format=rgb24');
  return { filters, notes };
}

/** What encoders and formats of today do not write of a source's colours. */
export function primariesNote({ primaries }: Colour, codec: string, muxer: string): string[] {
  if (primaries !== 'ebu3213' || (codec === 'hevc' && /^(mp4|mov|mpegts)$/.test(muxer))) return [];
  return ["The source's primaries (EBU 3213) cannot be told in the result: players will take them for others."];
}

/** Formats without a matrix. */
const RGB = /^(rgb|bgr|argb|abgr|gbr)/;

/**
 * The output's colour: the source's own, BT.709 after tone mapping or where the source was RGB.
 *
 * @param pixelFormat of the output
 */
export function outputColour(
  video: Pick<VideoInfo, 'hdr' | 'colour' | 'pixelFormat' | 'height'>,
  size: Size,
  pixelFormat = 'yuv420p',
): OutputColour {
  if (RGB.test(pixelFormat)) {
    const { primaries, transfer } = video.hdr ? { primaries: 'bt709', transfer: 'bt709' } : video.colour;
    return { matrix: 'rgb', range: 'pc', tags: tags(undefined, undefined, primaries, transfer) };
  }
  const range = video.hdr ? 'tv' : (video.colour.range ?? (video.pixelFormat.startsWith('yuvj') ? 'pc' : 'tv'));
  const known = video.hdr ? undefined : swscaleMatrix(video.colour, video.height);
  if (!known || video.colour.matrix === 'gbr') {
    // The matrix is another, the colours are the same.
    const { primaries = 'bt709', transfer = 'bt709' } = video.hdr ? {} : video.colour;
    return tagged('bt709', range, primaries, transfer);
  }
  // Without tags players guess by the height: that stays right until a new size makes them guess otherwise.
  if (video.colour.matrix === undefined && guessMatrix(size.height) !== known)
    return tagged(known, range, known, known);
  return {
    matrix: known,
    range,
    tags: tags(video.colour.matrix && known, range, video.colour.primaries, video.colour.transfer),
  };
}

/** Filters between RGB24 and the encoder. */
export function encoderFilters(
  colour: OutputColour,
  pixelFormat: string,
  aspect: { num: number; den: number },
): string[] {
  if (RGB.test(pixelFormat)) return [`format=${pixelFormat}`, shape(aspect)];
  return [
    `scale=in_range=pc:out_color_matrix=${colour.matrix}:out_range=${colour.range}:${SCALE_FLAGS}`,
    `format=${pixelFormat}`,
    shape(aspect),
  ];
}

/** Without `max` it rounds to parts of 100: 1215/1216 became 1/1. */
function shape({ num, den }: { num: number; den: number }): string {
  return `setsar=${num}/${den}:max=65535`;
}

function tagged(matrix: string, range: 'tv' | 'pc', primaries: string, transfer: string): OutputColour {
  return { matrix, range, tags: tags(matrix, range, primaries, transfer) };
}

function tags(
  matrix: string | undefined,
  range: string | undefined,
  primaries: string | undefined,
  transfer: string | undefined,
): string[] {
  return [
    ...(matrix ? ['-colorspace', colourOption('matrix', matrix)] : []),
    ...(primaries ? ['-color_primaries', colourOption('primaries', primaries)] : []),
    ...(transfer ? ['-color_trc', colourOption('transfer', transfer)] : []),
    ...(range ? ['-color_range', range] : []),
  ];
}

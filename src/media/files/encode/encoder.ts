import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError, OptionError } from '../../../errors.js';
import type { Size } from '../../../frame.js';
import { type Ffmpeg, hasOption, helpOf } from '../../ffmpeg/binaries.js';
import type { VideoCodec } from '../../tracks/container.js';
import { CODECS, ENCODER_PRESETS, type EncoderPreset, type SoftwareEncoder } from './codecs.js';

const run = promisify(execFile);

/** @throws OptionError `ENCODER_PRESET` for a name that is none, or a codec that has no presets */
export function checkPreset(codec: VideoCodec, name: string): void {
  if (!(ENCODER_PRESETS as readonly string[]).includes(name)) {
    throw new OptionError(
      'ENCODER_PRESET',
      `There is no encoder preset "${name}"; expected ${ENCODER_PRESETS.join(', ')}.`,
      { hint: 'veryfast is a good choice.' },
    );
  }
  if (CODECS[codec].presets) return;
  throw new OptionError('ENCODER_PRESET', `${codec} has no encoder presets; "${name}" was given.`, {
    hint: 'Leave --encoder-preset out.',
  });
}

/** @throws OptionError `CRF` for a constant rate factor outside the codec's range, or a codec that has none */
export function checkCrf(codec: VideoCodec, crf: number): void {
  const { crf: range } = CODECS[codec];
  if (!range) {
    throw new OptionError('CRF', `${codec} has no crf; ${crf} was given.`, { hint: 'Leave --crf out.' });
  }
  if (crf >= 0 && crf <= range.most) return;
  throw new OptionError('CRF', `crf is ${crf}; expected a number from 0 (best) to ${range.most} for ${codec}.`, {
    hint: 'Correct --crf or leave it out.',
  });
}

/** An encoder that works here, with its options. */
export interface Encoder {
  readonly name: string;
  readonly pixelFormat: string;
  /** Whether it keeps transparency. */
  readonly alpha: boolean;
  readonly options: readonly string[];
  readonly notes: readonly string[];
}

/** What is wanted of an encoder. */
export interface EncoderWishes {
  readonly crf?: number;
  readonly preset?: EncoderPreset;
  /** Colours as fine as the picture (4:4:4), where the encoder can. */
  readonly fullChroma?: boolean;
  /** Transparency, where the encoder can. */
  readonly alpha?: boolean;
  /** In ffmpeg's words; default: by the above. */
  readonly pixelFormat?: string;
}

/**
 * Chooses the encoder for a codec, with 4:2:0 (ProRes: 4:2:2) unless the size is odd, which some can hold only in 4:4:4,
 * or the source was 4:4:4.
 *
 * @throws MediaError `MEDIA_ENCODER` when no encoder of that codec works; OptionError `PIXEL_FORMAT`
 */
export async function chooseEncoder(
  ffmpeg: Ffmpeg,
  codec: VideoCodec,
  size: Size,
  wishes: EncoderWishes,
): Promise<Encoder> {
  const { software, hardware, crf: range } = CODECS[codec];
  const odd = size.width % 2 !== 0 || size.height % 2 !== 0;
  const crf = wishes.crf ?? range?.usual ?? 0;
  for (const encoder of software) {
    if (isTooSmall(size, encoder) || (odd && encoder.odd === 'none') || !(await isThere(ffmpeg, encoder))) continue;
    const pixelFormat = wishes.pixelFormat ?? formatFor(encoder, odd, wishes);
    if (wishes.pixelFormat) {
      await checkFormat(ffmpeg, encoder.name, wishes.pixelFormat);
      if (encoder.odd === 'full') checkHalves(size, wishes.pixelFormat);
    }
    const speed = ENCODER_PRESETS.indexOf(wishes.preset ?? 'veryfast');
    const options = encoder.options(crf, speed, pixelFormat);
    const notes = odd && encoder.odd === 'full' && !wishes.pixelFormat ? [oddNote(size)] : [];
    return {
      name: encoder.name,
      pixelFormat,
      alpha: wishes.alpha === true && pixelFormat === encoder.alpha,
      options,
      notes,
    };
  }
  const first = software[0]!;
  for (const name of hardware) {
    if (await canEncode(ffmpeg, name)) {
      const note = `This ffmpeg lacks ${first.name}: ${name} is used, and --crf and --encoder-preset only set its bit rate.`;
      const rate = `${Math.round((size.width * size.height * 0.15 * 30 * 2 ** (((range?.usual ?? 0) - crf) / 6)) / 1000)}k`;
      const notes = odd && first.odd === 'full' ? [oddNote(size), note] : [note];
      const pixelFormat = wishes.pixelFormat ?? 'yuv420p';
      if (wishes.pixelFormat) await checkFormat(ffmpeg, name, wishes.pixelFormat);
      return { name, pixelFormat, alpha: false, options: ['-b:v', rate], notes };
    }
  }
  if (software.every((encoder) => isTooSmall(size, encoder))) {
    const least = Math.min(...software.map((encoder) => Math.max(encoder.least!.width, encoder.least!.height)));
    const wanted = `${size.width}x${size.height}`;
    throw new OptionError('SIZE', `${codec} cannot hold ${wanted}; expected at least ${least} pixels a side.`, {
      hint: 'Choose another --codec or a larger --size.',
    });
  }
  const tried = [...software.map(({ name }) => name), ...hardware].join(', ');
  throw new MediaError('MEDIA_ENCODER', `No ${codec} encoder of ${ffmpeg.path} works (tried ${tried}).`, {
    hint: `Choose another --codec, or install an ffmpeg with ${first.name}.`,
  });
}

function isTooSmall({ width, height }: Size, { least }: SoftwareEncoder): boolean {
  return least !== undefined && (width < least.width || height < least.height);
}

function formatFor({ usual, full, alpha, odd: keeps }: SoftwareEncoder, odd: boolean, wishes: EncoderWishes): string {
  if (wishes.alpha && alpha) return alpha;
  return (full && ((odd && keeps === 'full') || wishes.fullChroma) && full) || usual;
}

function oddNote({ width, height }: Size): string {
  return `${width}x${height} is odd: encoded as 4:4:4 to keep the size. Some players want even sizes (--size).`;
}

async function isThere(ffmpeg: Ffmpeg, { name, library, needs }: SoftwareEncoder): Promise<boolean> {
  if (library ? !ffmpeg.configuration.includes(`--enable-${library}`) : !(await helpOf(ffmpeg, `encoder=${name}`)))
    return false;
  return needs === undefined || hasOption(ffmpeg, `encoder=${name}`, needs);
}

/** @throws OptionError `PIXEL_FORMAT` where a size cannot be halved as the format's colours are */
function checkHalves({ width, height }: Size, format: string): void {
  const halved = /420|422|nv12|nv16|p010/.test(format) && width % 2 !== 0;
  if (!halved && !(/420|nv12|p010/.test(format) && height % 2 !== 0)) return;
  throw new OptionError(
    'PIXEL_FORMAT',
    `${format} cannot hold ${width}x${height}, which is odd; expected an even size.`,
    {
      hint: 'Choose an even --size, or a --pixel-format of 4:4:4.',
    },
  );
}

/** @throws OptionError `PIXEL_FORMAT` where an encoder does not take a pixel format */
async function checkFormat(ffmpeg: Ffmpeg, encoder: string, format: string): Promise<void> {
  const listed = /Supported pixel formats: (.*)/.exec(await helpOf(ffmpeg, `encoder=${encoder}`))?.[1]?.trim();
  const formats = listed?.split(/\s+/) ?? [];
  if (formats.length === 0 || formats.includes(format)) return;
  throw new OptionError('PIXEL_FORMAT', `${encoder} cannot write ${format}; expected ${formats.join(', ')}.`, {
    hint: 'Choose another --pixel-format or --codec, or leave --pixel-format out.',
  });
}

/** Whether an encoder encodes one frame here: `-encoders` also lists those whose hardware is absent. */
export async function canEncode(ffmpeg: Ffmpeg, encoder: string): Promise<boolean> {
  const source = ['-f', 'lavfi', '-i', 'color=size=256x256:rate=25', '-frames:v', '1'];
  try {
    await run(ffmpeg.path, ['-v', 'error', ...source, '-c:v', encoder, '-f', 'null', '-'], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

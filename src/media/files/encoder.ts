import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError, OptionError } from '../../errors.js';
import type { Size } from '../../frame.js';
import type { Ffmpeg } from '../ffmpeg/binaries.js';
import type { VideoCodec } from '../tracks/container.js';

const run = promisify(execFile);

/** Speed presets, fastest first, as x264 and x265 name them. */
export const ENCODER_PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
] as const;
/** A speed preset. */
export type EncoderPreset = (typeof ENCODER_PRESETS)[number];

/** @throws OptionError `ENCODER_PRESET` for a name that is none */
export function checkPreset(name: string): void {
  if ((ENCODER_PRESETS as readonly string[]).includes(name)) return;
  throw new OptionError(
    'ENCODER_PRESET',
    `There is no encoder preset "${name}"; expected ${ENCODER_PRESETS.join(', ')}.`,
    {
      hint: 'veryfast is a good choice.',
    },
  );
}

/** @throws OptionError `CRF` for a constant rate factor outside the codec's range */
export function checkCrf(codec: VideoCodec, crf: number): void {
  const most = codec === 'vp9' ? 63 : 51;
  if (crf >= 0 && crf <= most) return;
  throw new OptionError('CRF', `crf is ${crf}; expected a number from 0 (best) to ${most} for ${codec}.`, {
    hint: 'Correct --crf or leave it out.',
  });
}

/** An encoder that works here, with its options. */
export interface Encoder {
  readonly name: string;
  readonly pixelFormat: string;
  readonly options: readonly string[];
  readonly notes: readonly string[];
}

/** Default constant rate factors, of about the same visual quality. */
const DEFAULT_CRF: Readonly<Record<VideoCodec, number>> = { h264: 20, hevc: 24, vp9: 31 };

const SOFTWARE: Readonly<Record<VideoCodec, string>> = { h264: 'libx264', hevc: 'libx265', vp9: 'libvpx-vp9' };

/** Used where the build lacks the software encoder. A listed encoder may still not work, so each is tried. */
const OTHERS: Readonly<Record<VideoCodec, readonly string[]>> = {
  h264: ['h264_videotoolbox', 'h264_nvenc', 'h264_qsv', 'h264_amf', 'libopenh264'],
  hevc: ['hevc_videotoolbox', 'hevc_nvenc', 'hevc_qsv', 'hevc_amf'],
  vp9: ['vp9_qsv'],
};

/**
 * Chooses the encoder for a codec, with 4:2:0 unless the size is odd, which H.264 and HEVC can hold only in 4:4:4, or
 * the source was 4:4:4.
 *
 * @throws MediaError `MEDIA_ENCODER` when no encoder of that codec works
 */
export async function chooseEncoder(
  ffmpeg: Ffmpeg,
  codec: VideoCodec,
  size: Size,
  options: { readonly crf?: number; readonly preset?: EncoderPreset; readonly fullChroma?: boolean },
): Promise<Encoder> {
  const odd = size.width % 2 !== 0 || size.height % 2 !== 0;
  const full = (odd && codec !== 'vp9') || options.fullChroma === true;
  const notes =
    odd && codec !== 'vp9'
      ? [
          `${size.width}x${size.height} is odd: encoded as 4:4:4 to keep the size. Some players want even sizes (--size).`,
        ]
      : [];
  const pixelFormat = full ? 'yuv444p' : 'yuv420p';
  const crf = options.crf ?? DEFAULT_CRF[codec];
  const preset = options.preset ?? 'veryfast';
  const software = SOFTWARE[codec];
  if (ffmpeg.configuration.includes(`--enable-${software.replace('-vp9', '')}`)) {
    return { name: software, pixelFormat, options: softwareOptions(codec, crf, preset), notes };
  }
  for (const name of OTHERS[codec]) {
    if (await canEncode(ffmpeg, name)) {
      const note = `This ffmpeg lacks ${software}: ${name} is used, and --crf and --encoder-preset only set its bit rate.`;
      const rate = `${Math.round((size.width * size.height * 0.15 * 30 * 2 ** ((DEFAULT_CRF[codec] - crf) / 6)) / 1000)}k`;
      return { name, pixelFormat: 'yuv420p', options: ['-b:v', rate], notes: [...notes, note] };
    }
  }
  throw new MediaError(
    'MEDIA_ENCODER',
    `No ${codec} encoder of ${ffmpeg.path} works (tried ${[software, ...OTHERS[codec]].join(', ')}).`,
    {
      hint: `Choose another --codec, or install an ffmpeg with ${software}.`,
    },
  );
}

function softwareOptions(codec: VideoCodec, crf: number, preset: EncoderPreset): string[] {
  if (codec === 'vp9') {
    const speed = Math.max(0, 8 - ENCODER_PRESETS.indexOf(preset));
    const deadline = speed >= 6 ? 'realtime' : 'good';
    return ['-crf', String(crf), '-b:v', '0', '-deadline', deadline, '-cpu-used', String(speed), '-row-mt', '1'];
  }
  const common = ['-crf', String(crf), '-preset', preset];
  return codec === 'hevc' ? [...common, '-tag:v', 'hvc1', '-x265-params', 'log-level=error'] : common;
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

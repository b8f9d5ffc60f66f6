import type { Size } from '../../../frame.js';
import type { VideoCodec } from '../../tracks/container.js';

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

/** One software encoder in ffmpeg's words. */
export interface SoftwareEncoder {
  readonly name: string;
  /** Of `--enable-…` in ffmpeg's configuration; absent: it is ffmpeg's own. */
  readonly library?: string;
  /** An option without which it is too old. */
  readonly needs?: string;
  /** Pixel formats: usual, with colours as fine as the picture, with transparency. */
  readonly usual: string;
  readonly full?: string;
  readonly alpha?: string;
  /** The smallest picture that it takes. */
  readonly least?: Size;
  /** How sizes that are odd are kept: as they are, with `full`, or not at all. */
  readonly odd: 'kept' | 'full' | 'none';
  readonly options: (crf: number, speed: number, pixelFormat: string) => readonly string[];
}

/** What is known of a codec. */
export interface Codec {
  /** By preference. */
  readonly software: readonly SoftwareEncoder[];
  /** Used where the build lacks those. A listed encoder may still not work, so each is tried. */
  readonly hardware: readonly string[];
  /** Constant rate factors, the usual ones of about the same visual quality; absent: it has none. */
  readonly crf?: { readonly usual: number; readonly most: number };
  /** Whether it can be told to be faster or smaller. */
  readonly presets: boolean;
}

const preset = (speed: number) => ENCODER_PRESETS[speed]!;
const vendors = (codec: string) => ['videotoolbox', 'nvenc', 'qsv', 'amf'].map((kind) => `${codec}_${kind}`);

/** libvpx' and libaom's scale of speeds: 8 is fastest. */
const cpuUsed = (speed: number) => String(Math.max(0, 8 - speed));

/** All codecs that can be written. */
export const CODECS: Readonly<Record<VideoCodec, Codec>> = {
  h264: {
    software: [
      {
        name: 'libx264',
        library: 'libx264',
        usual: 'yuv420p',
        full: 'yuv444p',
        odd: 'full',
        options: (crf, speed) => ['-crf', String(crf), '-preset', preset(speed)],
      },
    ],
    hardware: [...vendors('h264'), 'libopenh264'],
    crf: { usual: 20, most: 51 },
    presets: true,
  },
  hevc: {
    software: [
      {
        name: 'libx265',
        library: 'libx265',
        usual: 'yuv420p',
        full: 'yuv444p',
        // It crashes on some narrower ones.
        least: { width: 48, height: 16 },
        odd: 'full',
        options: (crf, speed) => [
          ...['-crf', String(crf), '-preset', preset(speed), '-tag:v', 'hvc1', '-x265-params', 'log-level=error'],
        ],
      },
    ],
    hardware: vendors('hevc'),
    crf: { usual: 24, most: 51 },
    presets: true,
  },
  vp9: {
    software: [
      {
        name: 'libvpx-vp9',
        library: 'libvpx',
        usual: 'yuv420p',
        full: 'yuv444p',
        alpha: 'yuva420p',
        odd: 'kept',
        options: (crf, speed, pixelFormat) => [
          ...['-crf', String(crf), '-b:v', '0', '-deadline', 8 - speed >= 6 ? 'realtime' : 'good'],
          ...['-cpu-used', cpuUsed(speed), '-row-mt', '1'],
          // With frames that are not shown, transparency would be lost.
          ...(pixelFormat === 'yuva420p' ? ['-auto-alt-ref', '0'] : []),
        ],
      },
    ],
    hardware: ['vp9_qsv'],
    crf: { usual: 31, most: 63 },
    presets: true,
  },
  av1: {
    software: [
      {
        name: 'libsvtav1',
        library: 'libsvtav1',
        needs: 'crf',
        usual: 'yuv420p',
        least: { width: 64, height: 64 },
        odd: 'none',
        options: (crf, speed) => ['-crf', String(crf), '-preset', String(12 - speed)],
      },
      {
        name: 'libaom-av1',
        library: 'libaom',
        usual: 'yuv420p',
        full: 'yuv444p',
        odd: 'kept',
        options: (crf, speed) => [
          ...['-crf', String(crf), '-b:v', '0', '-usage', speed < 3 ? 'realtime' : 'good'],
          ...['-cpu-used', cpuUsed(speed), '-row-mt', '1'],
        ],
      },
    ],
    hardware: ['av1_nvenc', 'av1_qsv', 'av1_amf'],
    crf: { usual: 32, most: 63 },
    presets: true,
  },
  prores: {
    software: [
      {
        name: 'prores_ks',
        usual: 'yuv422p10le',
        full: 'yuv444p10le',
        alpha: 'yuva444p10le',
        odd: 'full',
        // 4444, or 422 HQ; the vendor is what other programs look for.
        options: (_, __, pixelFormat) => ['-profile:v', pixelFormat.includes('444') ? '4' : '3', '-vendor', 'apl0'],
      },
    ],
    hardware: ['prores_videotoolbox'],
    presets: false,
  },
  qtrle: {
    software: [{ name: 'qtrle', usual: 'rgb24', alpha: 'argb', odd: 'kept', options: () => [] }],
    hardware: [],
    presets: false,
  },
  webp: {
    software: [
      {
        name: 'libwebp_anim',
        library: 'libwebp',
        // It has a matrix of its own, which it applies best itself.
        usual: 'bgra',
        alpha: 'bgra',
        odd: 'kept',
        options: () => ['-quality', '80', '-loop', '0'],
      },
    ],
    hardware: [],
    presets: false,
  },
  gif: {
    // The frames wait without loss until all colours are known.
    software: [{ name: 'ffv1', usual: 'bgr0', alpha: 'bgra', odd: 'kept', options: () => ['-level', '3', '-g', '1'] }],
    hardware: [],
    presets: false,
  },
};

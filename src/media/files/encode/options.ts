import type { Rational } from '../../../frame.js';
import type { Part } from '../../probe/cut.js';
import type { VideoCodec } from '../../tracks/container.js';
import type { EncoderPreset } from './codecs.js';

/** How to encode, and which part of the source the frames come from: everything beside them is cut alike. */
export interface EncodeOptions extends Part {
  /** Default: H.264, or VP9 for .webm. */
  readonly codec?: VideoCodec;
  /** Constant rate factor: lower is better and larger; 0 is lossless for H.264. */
  readonly crf?: number;
  /** Speed against size; default `veryfast`. */
  readonly encoderPreset?: EncoderPreset;
  /** In ffmpeg's words; default: 4:2:0 of 8 bits, or what the codec is usually given. */
  readonly pixelFormat?: string;
  /** Whether the source's transparency is kept where the format can; default true. */
  readonly alpha?: boolean;
  /** Called with each buffer once ffmpeg has read it. */
  readonly release?: (data: Uint8Array<ArrayBuffer>) => void;
}

/** Frames that come from no file. */
export interface FrameFormat {
  readonly timeBase: Rational;
}

/** What is assumed of such frames: RGB, square pixels. */
export const UNTAGGED = {
  pixelFormat: 'rgb24',
  hdr: undefined,
  sampleAspectRatio: { num: 1, den: 1 },
  colour: { matrix: undefined, primaries: undefined, transfer: undefined, range: undefined },
} as const;

import type { RealDevice } from '../../engine/open.js';
import type { Frame } from '../../frame.js';
import type { EncoderPreset } from '../../media/files/encode/codecs.js';
import type { VideoCodec } from '../../media/tracks/container.js';
import type { Scene } from '../auto/scenes.js';
import type { PipelineStage } from '../ordered.js';
import type { Progress } from '../progress.js';
import type { StyleOptions } from '../style.js';

/** A sink for finished frames: a file, or anything with these methods. */
export interface FrameSink {
  /** Takes over a frame; the next comes when the promise resolves. */
  write(frame: Frame): Promise<void> | void;
  /** Called once, after the last frame. */
  close(): Promise<void> | void;
  /** Called instead of `close` when the work has failed. */
  abort?(error: unknown): Promise<void> | void;
}

/** Options of `stylizeVideo`. */
export interface VideoOptions extends Omit<StyleOptions, 'steady'> {
  /** A file, a URL that ffmpeg opens, or frames from anywhere (all of one size). */
  readonly input: string | AsyncIterable<Frame>;
  /** A file (.mp4, .mov, .mkv, .webm, .ts, .gif, .webp), or a sink of your own. */
  readonly output: string | FrameSink;
  /** Where to begin, in seconds from the start of the file. */
  readonly start?: number;
  /** How much to stylize, in seconds. */
  readonly duration?: number;
  /** Temporal denoising before the network. */
  readonly denoise?: boolean;
  /** Reduce flicker: align the network's sampling grid with camera motion and filter over time; default: true. */
  readonly steady?: boolean;
  /** Default: H.264, or VP9 for .webm; AV1, ProRes and QuickTime's RLE where the format holds them. */
  readonly codec?: VideoCodec;
  /** Constant rate factor; lower is better and larger. */
  readonly crf?: number;
  /** Speed of the encoder against size; default `veryfast`. */
  readonly encoderPreset?: EncoderPreset;
  /** Pixel format of the output in ffmpeg's words, such as `yuv420p10le`; default: 4:2:0 of 8 bits, ProRes 4:2:2 of 10. */
  readonly pixelFormat?: string;
  /** Called with the progress, at most ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each finished frame before it is written; must return at once and copy what it keeps. */
  readonly onFrame?: (frame: Frame) => void;
  /** Called with notes to the user. */
  readonly onNote?: (note: string) => void;
  /** Aborting finishes the file with the frames so far, under a `.partial` name. */
  readonly signal?: AbortSignal;
}

/** The result. */
export interface VideoResult {
  /** The file that was written; undefined for a sink of your own, or when aborted before the first frame. */
  readonly output: string | undefined;
  readonly frames: number;
  /** Size of the written frames in pixels. */
  readonly width: number;
  readonly height: number;
  /** Wall time from the call to the end, in seconds. */
  readonly seconds: number;
  /** Frames per second of wall time. */
  readonly fps: number;
  /** True when the signal ended it early. */
  readonly interrupted: boolean;
  /** Where the network ran. */
  readonly device: RealDevice;
  /** The slowest stage. */
  readonly bottleneck: PipelineStage;
  /** The scenes and their styles, where these were chosen by content. */
  readonly scenes?: readonly Scene[];
  /** Notes to the user. */
  readonly notes: readonly string[];
}

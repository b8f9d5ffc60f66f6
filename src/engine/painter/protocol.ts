import type { Size } from '../../frame.js';
import type { Manifest } from '../../model/manifest/types.js';
import type { Style } from '../../model/style.js';
import type { StateTensor } from '../analysis/recurrent-state.js';
import type { Device, RealDevice } from '../runtime/devices.js';
import type { SessionSpec } from '../runtime/spec.js';
import type { ScenePosition } from '../stabilize/camera-motion.js';
import type { PictureLook } from '../wrap/look.js';
import type { Masking } from '../wrap/mix.js';
import type { NoisePeriod } from '../wrap/noise.js';
import type { PaddedCanvas, Placement } from '../wrap/sampling-grid.js';
import type { TilePlan } from '../wrap/tiles.js';

/** Bytes of a picture, transferred between threads. */
export type PictureBytes = Uint8Array<ArrayBuffer>;

/** A network ready to paint pictures of one size: what the thread of a style opens. */
export interface StyleSpec extends Size {
  /** Paints the picture, or one tile of it. */
  readonly paint: SessionSpec;
  /** For networks that need statistics of the whole picture: computes them from a thumbnail, as inputs of `paint`. */
  readonly statistics?: SessionSpec;
  /** Present when the picture is painted in tiles. */
  readonly tiles?: TilePlan;
  /** Present when the sampling grid is aligned with camera motion, at the size that the network works at; not with tiles. */
  readonly canvas?: PaddedCanvas & { readonly working: Size };
  /**
   * Present when noise varies the strokes and its window is not always at the picture's corner: in tiles or a canvas.
   */
  readonly noise?: NoisePeriod;
  /** Recurrent states; not with tiles. */
  readonly states?: readonly StateTensor[];
  /** Put the original to the left of the result. */
  readonly compare?: boolean;
  /** The pictures are successive frames: filter over time. */
  readonly steady?: boolean;
  /** Present where the look is an input: the manifest that it is fed by. The thread then filters over time itself. */
  readonly look?: Manifest;
}

/** A style for live pictures: its thread prepares it and chooses its device. The look of each picture is an input. */
export interface LiveStyle {
  readonly style: Style;
  /** Size of the pictures. */
  readonly picture: Size;
  /** Size that the network works at. */
  readonly working: Size;
  readonly device: Device;
  readonly threads: number;
  /** Limit of the network's intermediate results in bytes; default: the machine's memory. */
  readonly memory?: number;
  /** Whether to align the sampling grid with camera motion and filter over time. */
  readonly steady: boolean;
}

/** A picture to paint. */
export interface PaintRequest {
  /** RGB24; the buffer is taken over. */
  readonly data: PictureBytes;
  /** Its placement in the canvas, if there is one and the thread does not find it itself. */
  readonly placement?: Placement | undefined;
  /** Resets the recurrent state before painting. */
  readonly reset?: boolean;
  /** How it is to look, where that is an input; default: the full style. */
  readonly look?: PictureLook;
  /** Where the look is an input: position of the scene in the picture before mirroring, in pixels. */
  readonly place?: ScenePosition | undefined;
}

/** A thread of a style that is ready. */
export interface StyleReady {
  /** True when a part of the network runs on the CPU because the device lacks it. */
  readonly mixed: boolean;
  /** Where the thread chose the device itself: it, and notes on it. */
  readonly chosen?: { readonly device: RealDevice; readonly notes: readonly string[] };
}

/** `workerData` of the thread that mixes pictures. */
export interface MixerSpec {
  readonly picture: Size;
  readonly threads: number;
  /** Put a source to the left of each result. */
  readonly compare?: boolean;
  /** What will be mixed: its session is opened first. */
  readonly mixes?: { readonly pictures: number; readonly masking: Masking };
  /** Persons will be found: opens the network for it first, and fails without it; or meanwhile; default: never. */
  readonly person?: 'first' | 'meanwhile';
}

/** A mask: RGB24 in grey, white inside; or one float32 per pixel in [0, 1], 1 inside, as it was found. */
export type MaskData = PictureBytes | Float32Array<ArrayBuffer>;

/** Pictures to mix; their buffers are taken over. */
export interface MixRequest {
  /** The pictures and their weights inside the mask, and outside; without a mask the former count. */
  readonly pictures: readonly PictureBytes[];
  readonly inside: readonly number[];
  readonly outside?: readonly number[];
  /** The original: it has what the weights lack to 1, and persons are found in it. */
  readonly source?: PictureBytes;
  /** Mirrors the source and a given mask. */
  readonly mirror?: boolean;
  /** A mask, the person `found` in the source, or the `same` as before; default: none. */
  readonly mask?: MaskData | 'found' | 'same';
  /** The mask becomes the picture's alpha. */
  readonly alpha?: boolean;
}

/** A request to find the person in a picture, or to mix pictures. */
export type MixerRequest = MixRequest | { readonly find: PictureBytes };

/** A mixed picture. */
export interface MixedPicture {
  /** RGB24, or RGBA with straight alpha. */
  readonly data: PictureBytes;
  readonly channels: 3 | 4;
  /** Milliseconds spent on the mask; undefined without one. */
  readonly maskMs: number | undefined;
}

/** Part of the picture that is inside the mask. */
export type MaskCoverage = 'none' | 'part' | 'all';

/** A mask, and whether it is uniform. */
export interface CoveredMask {
  readonly mask: MaskData;
  readonly cover: MaskCoverage;
}

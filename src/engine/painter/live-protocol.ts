import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Device, RealDevice } from '../runtime/devices.js';
import type { ScenePosition } from '../stabilize/camera-motion.js';

/** Bytes of a picture, transferred between threads. */
export type PictureBytes = Uint8Array<ArrayBuffer>;

/** `workerData` of the thread of one style. */
export interface StyleSpec {
  readonly device: Device;
  readonly threads: number;
  readonly style: Style;
  /** Size of the pictures. */
  readonly picture: Size;
  /** Working size of the network. */
  readonly working: Size;
  /** Limit of the network's intermediate results in bytes; undefined: the machine's memory. */
  readonly memory: number | undefined;
  /** Whether to align the sampling grid with camera motion and filter over time. */
  readonly steady: boolean;
}

/** Device of a style, and notes on it; requested once, before pictures. */
export interface StyleDevice {
  readonly device: RealDevice;
  readonly notes: readonly string[];
}

/** A request to the thread of a style: a picture to paint, or `where` for its device. */
export type StyleRequest = LivePaintRequest | 'where';

/** A response of the thread of a style. */
export type StyleResponse = PictureBytes | StyleDevice;

/** One picture to paint. */
export interface LivePaintRequest {
  readonly data: PictureBytes;
  readonly strength: number;
  readonly keepColors: boolean;
  readonly mirror: boolean;
  /** Style vectors for a network of many, [2 · n]. */
  readonly vectors?: Float32Array;
  /** Position of the scene in the picture before mirroring, in pixels. */
  readonly place: ScenePosition | undefined;
  /** Resets the recurrent state before painting. */
  readonly reset: boolean;
}

/** `workerData` of the finishing thread. */
export interface FinishSpec {
  readonly picture: Size;
  readonly threads: number;
}

/** A painted picture and its weight, 0 to 1. */
export interface WeightedPicture {
  readonly data: PictureBytes;
  readonly weight: number;
}

/** A request to mix painted pictures with their source and mask them. */
export interface FinishRequest {
  /** The source, not yet mirrored. */
  readonly data: PictureBytes;
  readonly mirror: boolean;
  /** Painted pictures, already mirrored, with weights; the source has the rest to 1. */
  readonly painted: readonly WeightedPicture[];
  /** Pictures shown outside the mask instead of the source. */
  readonly elsewhere: readonly WeightedPicture[];
  readonly mask: 'none' | 'person' | 'background' | 'picture' | 'cutout';
  /** A new mask for `picture`, in grey: RGB24, white inside, not mirrored; undefined keeps the previous one. */
  readonly given?: PictureBytes | undefined;
}

/** A finished picture. */
export interface FinishedPicture {
  readonly data: PictureBytes;
  readonly channels: 3 | 4;
  /** Milliseconds spent on the mask. */
  readonly maskMs: number | undefined;
}

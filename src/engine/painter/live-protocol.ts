import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { Device, RealDevice } from '../runtime/devices.js';
import type { ScenePlace } from '../stabilize/camera-motion.js';

/** Bytes of a picture that change threads by transfer. */
export type Picture = Uint8Array<ArrayBuffer>;

/** What the thread of one style is started for. */
export interface StyleSpec {
  readonly device: Device;
  readonly threads: number;
  readonly style: Style;
  /** Size of the pictures. */
  readonly picture: Size;
  /** Size that the network works at. */
  readonly working: Size;
  /** Bytes that the network's intermediate results may take; absent: what the machine has. */
  readonly memory: number | undefined;
  /** Whether the network's sampling grid is to follow the camera, and what is painted to settle. */
  readonly steady: boolean;
}

/** Where a style runs, and what is to be said about that; asked for once, before pictures. */
export interface Placed {
  readonly device: RealDevice;
  readonly notes: readonly string[];
}

/** One picture to paint; or, with nothing, where that is done. */
export type StyleAsk = PictureAsk | 'where';

/** What a thread of a style answers. */
export type StyleReply = Picture | Placed;

/** One picture to paint. */
export interface PictureAsk {
  readonly data: Picture;
  readonly strength: number;
  readonly keepColors: boolean;
  readonly mirror: boolean;
  /** Style vectors for a network of many, [2 · n]. */
  readonly vectors?: Float32Array;
  /** Where the scene is in the picture, not yet mirrored, in its pixels. */
  readonly place: ScenePlace | undefined;
  /** Begins anew: what the network remembers is forgotten. */
  readonly fresh: boolean;
}

/** What the thread that finishes pictures is started for. */
export interface FinishSpec {
  readonly picture: Size;
  readonly threads: number;
}

/** A painted picture and its weight, 0 to 1. */
export interface Weighted {
  readonly data: Picture;
  readonly weight: number;
}

/** Painted pictures to be mixed with their source and masked. */
export interface FinishAsk {
  /** The source, as it came: not yet mirrored. */
  readonly data: Picture;
  readonly mirror: boolean;
  /** Mirrored already; with their weights. What the weights lack to 1 is the source. */
  readonly painted: readonly Weighted[];
  /** What is shown outside the mask instead of the source. */
  readonly elsewhere: readonly Weighted[];
  readonly mask: 'none' | 'person' | 'background' | 'picture' | 'cutout';
  /** A new mask for `picture`, in grey: RGB24, white inside, not mirrored. The one before serves until then. */
  readonly given?: Picture | undefined;
}

/** A finished picture. */
export interface Finished {
  readonly data: Picture;
  readonly channels: 3 | 4;
  /** What the mask took, in milliseconds. */
  readonly maskMs: number | undefined;
}

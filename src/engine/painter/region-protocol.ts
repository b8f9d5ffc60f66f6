import type { Size } from '../../frame.js';
import type { MaskKind } from '../wrap/region-graph.js';

type Picture = Uint8Array<ArrayBuffer>;

/** What the thread of regions is started for. */
export interface RegionSpec {
  readonly picture: Size;
  readonly kind: MaskKind;
  readonly compare: boolean;
  readonly threads: number;
}

/** A picture's mask: RGB24 in greys where it was given, float32 a pixel in [0, 1] where it was found. */
export type MaskData = Picture | Float32Array<ArrayBuffer>;

/** How much of the picture is inside. */
export type Cover = 'none' | 'part' | 'all';

/** A mask, and whether it is the same everywhere. */
export interface CoveredMask {
  readonly mask: MaskData;
  readonly cover: Cover;
}

/** A picture whose mask is to be found, in the order in which pictures follow each other; or pictures to put together. */
export type RegionAsk =
  | { readonly find: Picture }
  | { readonly mask: MaskData; readonly inside: Picture; readonly outside: Picture; readonly source?: Picture };

/** The mask that was found, or the picture that was put together. */
export type RegionReply = CoveredMask | Picture;

/** Whether all of a mask is outside or inside: compared as bytes, by the platform. */
export function coverOf(mask: MaskData, { nothing, everything }: { nothing: MaskData; everything: MaskData }): Cover {
  const bytes = ({ buffer, byteOffset, byteLength }: MaskData) => Buffer.from(buffer, byteOffset, byteLength);
  if (bytes(mask).equals(bytes(nothing))) return 'none';
  return bytes(mask).equals(bytes(everything)) ? 'all' : 'part';
}

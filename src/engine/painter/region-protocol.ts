import type { Size } from '../../frame.js';
import type { MaskKind } from '../wrap/region-graph.js';

type Picture = Uint8Array<ArrayBuffer>;

/** `workerData` of the region thread. */
export interface RegionSpec {
  readonly picture: Size;
  readonly kind: MaskKind;
  readonly compare: boolean;
  readonly threads: number;
}

/** A mask: RGB24 in grey where it was given, one float32 per pixel in [0, 1] where it was found. */
export type MaskData = Picture | Float32Array<ArrayBuffer>;

/** Part of the picture that is inside the mask. */
export type MaskCoverage = 'none' | 'part' | 'all';

/** A mask, and whether it is uniform. */
export interface CoveredMask {
  readonly mask: MaskData;
  readonly cover: MaskCoverage;
}

/** A request to find the mask of the next picture, or to combine pictures. */
export type RegionRequest =
  | { readonly find: Picture }
  | { readonly mask: MaskData; readonly inside: Picture; readonly outside: Picture; readonly source?: Picture };

/** The found mask, or the combined picture. */
export type RegionResponse = CoveredMask | Picture;

/** Whether a mask is all outside or all inside, by a fast comparison of bytes. */
export function coverageOf(
  mask: MaskData,
  { nothing, everything }: { nothing: MaskData; everything: MaskData },
): MaskCoverage {
  const bytes = ({ buffer, byteOffset, byteLength }: MaskData) => Buffer.from(buffer, byteOffset, byteLength);
  if (bytes(mask).equals(bytes(nothing))) return 'none';
  return bytes(mask).equals(bytes(everything)) ? 'all' : 'part';
}

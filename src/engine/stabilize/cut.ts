import type { Size } from '../../frame.js';
import { MAX_RESIDUAL, partShifts } from './parts.js';
import { type Projections, projectionsOf } from './projections.js';

/** Share of the parts whose content changes at a cut. Within scenes it stays below 0.12. */
const PARTS_CHANGED = 0.6;
/** Share of the parts that must have structure, in one of both pictures, to decide. */
const PARTS_STRUCTURED = 0.25;
/** Share of pixels that change their bin of colour at a cut. Within scenes it stays below 0.08. */
const COLOURS_CHANGED = 0.25;
/** Smallest side in pixels of a picture whose structure is looked at. */
export const SMALLEST = 48;
/** Most pixels whose colours are counted. */
const PIXELS = 8192;

/** What of a frame is compared to find cuts. */
export interface FrameDescriptor {
  /** Undefined where the frame is too small. */
  readonly projections: Projections | undefined;
  readonly size: Size;
  /** Shares of pixels in 4 × 4 × 4 bins of red, green and blue. */
  readonly colours: Float64Array;
}

/** Describes a frame. @param data RGB24; only read */
export function describeFrame(data: Uint8Array, size: Size): FrameDescriptor {
  const small = Math.min(size.width, size.height) < SMALLEST;
  return { projections: small ? undefined : projectionsOf(data, size), size, colours: coloursOf(data) };
}

/**
 * Whether there is a cut between two frames: most of what had structure is gone or somewhere else. Light that changes is
 * none. Flat or very small frames, and those of another size, are told apart by their colours.
 */
export function isCut(earlier: FrameDescriptor, later: FrameDescriptor): boolean {
  const [from, to] = [earlier.projections, later.projections];
  const sameSize = earlier.size.width === later.size.width && earlier.size.height === later.size.height;
  if (!from || !to || !sameSize) return haveOtherColours(earlier, later);
  const parts = [...changes(from.columns, to.columns), ...changes(from.rows, to.rows)];
  const structured = parts.filter((residual) => residual !== undefined);
  if (structured.length < PARTS_STRUCTURED * parts.length) return haveOtherColours(earlier, later);
  return structured.filter((residual) => residual > MAX_RESIDUAL).length > PARTS_CHANGED * structured.length;
}

/** Whether many pixels of two frames differ in colour. */
export function haveOtherColours(earlier: FrameDescriptor, later: FrameDescriptor): boolean {
  const apart = earlier.colours.reduce((sum, share, bin) => sum + Math.abs(share - later.colours[bin]!), 0) / 2;
  return apart > COLOURS_CHANGED;
}

/** The residual of each part of an axis; undefined for those that are flat in both frames. */
function changes(earlier: readonly Float32Array[], later: readonly Float32Array[]): (number | undefined)[] {
  const there = partShifts(earlier, later);
  const back = there.includes(undefined) ? partShifts(later, earlier) : there;
  return there.map((part, at) => (part ?? back[at])?.residual);
}

/** Large frames are sampled. */
function coloursOf(data: Uint8Array): Float64Array {
  const step = 3 * Math.max(1, Math.floor(data.length / 3 / PIXELS));
  const shares = new Float64Array(64);
  const one = 1 / Math.ceil(data.length / step);
  for (let i = 0; i < data.length; i += step) {
    shares[(data[i]! >> 6) * 16 + (data[i + 1]! >> 6) * 4 + (data[i + 2]! >> 6)]! += one;
  }
  return shares;
}

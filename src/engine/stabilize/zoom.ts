import type { ShiftEstimate } from './shift.js';

/** The shift of a part of a profile, and its position. */
export interface ProfilePart extends ShiftEstimate {
  /** Bins from the middle of the axis to that of the part. */
  readonly at: number;
}

/**
 * A zoom is accepted if it moves the picture's edge by `edge` bins, reduces the disagreement of the parts to a share of
 * `left`, and explains a share of the parts within `near` bins, better than no motion does.
 */
const ACCEPTANCE = { edge: 0.15, left: 0.5, near: 0.35, share: 0.5 } as const;

/** Zoom from the middle of the picture, and shift of the middle in bins. */
export interface ZoomEstimate {
  /** Relative growth; negative for shrinking. */
  readonly rate: number;
  readonly x: number;
  readonly y: number;
}

/** Parts along an axis; undefined where their shift is uncertain. */
export type AxisParts = readonly (ProfilePart | undefined)[];

/**
 * Estimates the zoom between pictures: the median slope between any two parts of an axis (Theil 1950), which is robust
 * against parts that move independently.
 *
 * @param axes parts along x and y
 * @param edge bins from the middle to the edge
 * @returns undefined where too few parts agree with it
 */
export function estimateZoom(axes: readonly [AxisParts, AxisParts], edge: number): ZoomEstimate | undefined {
  const sure = axes.map((parts) => parts.filter((part) => part !== undefined));
  const slopes = sure.flatMap((parts) =>
    parts.flatMap((a) => parts.filter((b) => b.at > a.at).map((b) => (b.by - a.by) / (b.at - a.at))),
  );
  const rate = median(slopes);
  if (Math.abs(rate) * edge < ACCEPTANCE.edge) return undefined;
  const grown = residualSpread(sure, rate);
  if (grown.apart > ACCEPTANCE.left * residualSpread(sure, 0).apart) return undefined;
  const explained = sure.map((parts, axis) => {
    const left = (part: ProfilePart) => Math.abs(part.by - rate * part.at - grown.middles[axis]!);
    return parts.filter((part) => left(part) < Math.min(ACCEPTANCE.near, Math.abs(part.by))).length;
  });
  if (explained.some((count, axis) => count < ACCEPTANCE.share * axes[axis]!.length)) return undefined;
  const [x, y] = grown.middles as [number, number];
  return { rate, x, y };
}

/** Residual shifts after removing a zoom: the median of each axis, and the spread around it. */
function residualSpread(axes: readonly (readonly ProfilePart[])[], rate: number) {
  const left = axes.map((parts) => parts.map(({ by, at }) => by - rate * at));
  const middles = left.map(median);
  const apart = left.map((along, axis) => median(along.map((by) => Math.abs(by - middles[axis]!))));
  return { middles, apart: apart.reduce((sum, each) => sum + each, 0) };
}

/** 0 where there are none. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

import type { Slide } from './shift.js';

/** How a part of a profile has slid, and where it lies. */
export interface Part extends Slide {
  /** Bins from the middle of the axis to that of the part. */
  readonly at: number;
}

/**
 * A growth is believed where it moves the picture's edge by so many bins, leaves at most so much of what parts disagree
 * about, and is as near as that to half of all parts, which it explains better than standing still does.
 */
const BELIEVED = { edge: 0.15, left: 0.5, near: 0.35, share: 0.5 } as const;

/** How a picture grows from its middle, and how that moves, in bins. */
export interface Growth {
  /** Bins a bin; below 0 it shrinks. */
  readonly rate: number;
  readonly x: number;
  readonly y: number;
}

/** Parts along an axis; undefined where it is not sure how they slid. */
export type Axis = readonly (Part | undefined)[];

/**
 * Finds how a picture grows: the median of the slopes between any two parts of an axis (Theil 1950), which many parts that
 * move each their own way do not disturb.
 *
 * @param axes parts along x and y
 * @param edge bins from the middle to the edge
 * @returns undefined where too few parts agree better with it
 */
export function growthOf(axes: readonly [Axis, Axis], edge: number): Growth | undefined {
  const sure = axes.map((parts) => parts.filter((part) => part !== undefined));
  const slopes = sure.flatMap((parts) =>
    parts.flatMap((a) => parts.filter((b) => b.at > a.at).map((b) => (b.by - a.by) / (b.at - a.at))),
  );
  const rate = median(slopes);
  if (Math.abs(rate) * edge < BELIEVED.edge) return undefined;
  const grown = spread(sure, rate);
  if (grown.apart > BELIEVED.left * spread(sure, 0).apart) return undefined;
  const explained = sure.map((parts, axis) => {
    const left = (part: Part) => Math.abs(part.by - rate * part.at - grown.middles[axis]!);
    return parts.filter((part) => left(part) < Math.min(BELIEVED.near, Math.abs(part.by))).length;
  });
  if (explained.some((count, axis) => count < BELIEVED.share * axes[axis]!.length)) return undefined;
  const [x, y] = grown.middles as [number, number];
  return { rate, x, y };
}

/** What growth leaves of the slides: the median of each axis, and how far parts are from it. */
function spread(axes: readonly (readonly Part[])[], rate: number) {
  const left = axes.map((parts) => parts.map(({ by, at }) => by - rate * at));
  const middles = left.map(median);
  const apart = left.map((along, axis) => median(along.map((by) => Math.abs(by - middles[axis]!))));
  return { middles, apart: apart.reduce((sum, each) => sum + each, 0) };
}

/** 0 where there are none. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

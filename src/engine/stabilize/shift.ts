/** The estimated shift of a part of a profile. */
export interface ShiftEstimate {
  /** Bins, with fractions; positive towards larger indices. */
  readonly by: number;
  /** Normalised residual of the best shift by whole bins: 0 for equal profiles, about 1 for unrelated ones. */
  readonly residual: number;
  /** Residual of the best fractional shift, and of no shift. */
  readonly minResidual: number;
  readonly residualAtZero: number;
}

/** Mean squared gradient below which a window counts as flat: about that of strong noise. */
const FLAT = 1.5;
/** Below this residual no better match is searched farther away. */
const GOOD_RESIDUAL = 0.25;

/**
 * Estimates the shift of the window `[from, from + length)` of an earlier profile in a later one.
 *
 * Minimises the residual Σ (a − b)² / Σ (a² + b²) over the window; fractions of bins come from a parabola through its
 * minimum.
 *
 * @param most largest shift in bins in each direction; the profile must extend one bin further
 * @returns undefined where the window is flat
 */
export function estimateShift(
  earlier: Float32Array,
  later: Float32Array,
  from: number,
  length: number,
  most: number,
): ShiftEstimate | undefined {
  let energy = 0;
  for (let i = from; i < from + length; i++) energy += earlier[i]! ** 2;
  if (energy < FLAT * length) return undefined;
  const known = new Map<number, number>();
  const residual = (by: number) => {
    const value = known.get(by) ?? residualOf(earlier, later, from, length, by, energy);
    known.set(by, value);
    return value;
  };
  // Descends from zero shift: a good match near zero is hardly a coincidence, and for repeating patterns the nearest is
  // right.
  let best = 0;
  for (const way of [-1, 1]) while (Math.abs(best + way) <= most && residual(best + way) < residual(best)) best += way;
  if (residual(best) > GOOD_RESIDUAL)
    for (let by = -most; by <= most; by++) if (residual(by) < residual(best)) best = by;
  const [before, here, after] = [residual(best - 1), residual(best), residual(best + 1)];
  // Minimum of a parabola through the three.
  const bend = before - 2 * here + after;
  const tilt = bend > 0 ? (before - after) / (2 * bend) : 0;
  return {
    by: best + tilt,
    residual: here,
    minResidual: tilt === 0 ? here : Math.max(0, here - (bend * tilt ** 2) / 2),
    residualAtZero: residual(0),
  };
}

function residualOf(
  a: Float32Array,
  b: Float32Array,
  from: number,
  length: number,
  by: number,
  energy: number,
): number {
  const to = from + length;
  let apart = 0;
  let other = 0;
  for (let i = from; i < to; i++) {
    const there = b[i + by]!;
    const difference = a[i]! - there;
    apart += difference * difference;
    other += there * there;
  }
  return apart / (energy + other);
}

/** How far a part of a profile has slid. */
export interface Slide {
  /** Bins, to the fraction; positive towards larger indices. */
  readonly by: number;
  /** How much the best slide by whole bins leaves unexplained: 0 nothing, about 1 for what has nothing in common. */
  readonly rest: number;
  /** The same of the best one to the fraction, and of none. */
  readonly least: number;
  readonly restAtNone: number;
}

/** Mean square of the slopes below which a window is taken to be flat: about what strong noise has. */
const FLAT = 1.5;
/** Below this rest no better match is looked for farther away. */
const GOOD = 0.25;

/**
 * Finds how far the window `[from, from + length)` of an earlier profile has slid in a later one.
 *
 * The rest is Σ (a − b)² / Σ (a² + b²) over the window, which is nearest to 0 where both agree; between bins the best
 * place is that of a parabola through it.
 *
 * @param most bins it may have slid, each way; one more must be there
 * @returns undefined where there is too little to see
 */
export function slideOf(
  earlier: Float32Array,
  later: Float32Array,
  from: number,
  length: number,
  most: number,
): Slide | undefined {
  let energy = 0;
  for (let i = from; i < from + length; i++) energy += earlier[i]! ** 2;
  if (energy < FLAT * length) return undefined;
  const known = new Map<number, number>();
  const rest = (by: number) => {
    const value = known.get(by) ?? restOf(earlier, later, from, length, by, energy);
    known.set(by, value);
    return value;
  };
  // Downhill from where it was. That this is a good match is no chance; of a pattern that repeats it is the nearest.
  let best = 0;
  for (const way of [-1, 1]) while (Math.abs(best + way) <= most && rest(best + way) < rest(best)) best += way;
  if (rest(best) > GOOD) for (let by = -most; by <= most; by++) if (rest(by) < rest(best)) best = by;
  const [before, here, after] = [rest(best - 1), rest(best), rest(best + 1)];
  // Lowest where a parabola through the three is.
  const bend = before - 2 * here + after;
  const tilt = bend > 0 ? (before - after) / (2 * bend) : 0;
  return {
    by: best + tilt,
    rest: here,
    least: tilt === 0 ? here : Math.max(0, here - (bend * tilt ** 2) / 2),
    restAtNone: rest(0),
  };
}

function restOf(a: Float32Array, b: Float32Array, from: number, length: number, by: number, energy: number): number {
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

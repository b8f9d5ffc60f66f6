/** The weight of content and structure, and the state of its controller. */
export interface Balance {
  readonly weight: number;
  /** Moving average of the structure distance; undefined before the first step. */
  readonly structure: number | undefined;
}

/** Share of a step in the moving average. */
const SMOOTHING = 0.02;
/** Largest relative change of the weight per step. */
const MAX_CHANGE = 0.004;
/** The change reaches its largest where the distance is off by 1 / GAIN of the target. */
const GAIN = 2;
/** Where structure is met without it, the weight would fall to nothing, and faces with it. */
const [MIN_WEIGHT, MAX_WEIGHT] = [0.075, 50];

/**
 * Moves the weight of content and structure towards where the structure distance is the target; the style is then as
 * near as it can be. No fixed weight suits all styles: with the weight of a woodcut, the strokes of an oil sketch hide
 * what is shown. The same distance does.
 *
 * @param found structure distance of a step. @param target the wanted distance. @param moves false leaves the weight as
 * it is, for the first steps of a network.
 */
export function updateBalance(balance: Balance, found: number, target: number, moves: boolean): Balance {
  const { weight, structure: before = found } = balance;
  const structure = before + SMOOTHING * (found - before);
  if (!moves) return { weight, structure };
  const change = Math.min(1, Math.max(-1, (GAIN * (structure - target)) / target));
  return { weight: Math.min(MAX_WEIGHT, Math.max(MIN_WEIGHT, weight * Math.exp(MAX_CHANGE * change))), structure };
}

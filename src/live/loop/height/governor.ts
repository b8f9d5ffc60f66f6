import { MIN_HEIGHT } from '../../settings/table.js';

/**
 * Sustains the frame rate: lowers the working height of the network when painting takes longer than a frame
 * lasts, and raises it again when there is time to spare. A pure function of measurements, called once a second.
 */

/** From one step to the next the height shrinks to 5/6 and the work to 0.69. */
const RATIO = 5 / 6;
/** Steps are whole multiples of this, which most networks take without padding. */
const MULTIPLE = 8;
/** Share of a frame's time that painting may take before the height is lowered. */
const HIGH_LOAD = 0.9;
/** Share above which the height is lowered after a single second. */
const OVERLOAD = 1.5;
/** Share that painting is expected to take after any change. */
const TARGET_LOAD = 0.75;
/** Seconds of high load before the height is lowered. */
const HIGH_LOAD_SECONDS = 2;
/** Seconds with time to spare before the height is raised: at first, and at most after raises that had to be undone. */
const RAISE_AFTER = { least: 5, most: 320 } as const;
/** Largest share of the painting time assumed to be independent of height. */
const MAX_FIXED_SHARE = 0.8;
/** Seconds after which a raised height counts as sustainable. */
const PROVEN_SECONDS = 60;

/** Measurements of one second. */
export interface LoadSample {
  /** Frame rate to sustain. */
  readonly fps: number;
  /** Median time of painting one frame in milliseconds. */
  readonly paintMs: number;
}

/** State of the governor: its decision, and what the next one needs. */
export interface GovernorState {
  /** Height in pixels that the network works at. */
  readonly height: number;
  /** Consecutive seconds of high load. */
  readonly tight: number;
  /** Consecutive seconds with time to spare. */
  readonly spare: number;
  /** Seconds since the height was raised; infinite when it was lowered since, or has proven sustainable. */
  readonly sinceRaised: number;
  /** Milliseconds of painting that do not depend on the height, estimated from the last change of height. */
  readonly fixedMs: number;
  /** Measurements of the second before the last change, until the first one after it. */
  readonly before: { readonly height: number; readonly paintMs: number } | undefined;
  /** Seconds with time to spare that a raise requires; doubles after each raise that had to be undone. */
  readonly patience: number;
}

/** The heights there are, highest first: from the asked one down to {@link MIN_HEIGHT}. */
export function heightSteps(asked: number): number[] {
  const steps = [asked];
  for (let height = asked * RATIO; ; height *= RATIO) {
    const step = Math.round(height / MULTIPLE) * MULTIPLE;
    if (step < MIN_HEIGHT) return steps;
    if (step < steps.at(-1)!) steps.push(step);
  }
}

/** Begins at the highest step of {@link heightSteps} that is not above `first`. */
export function startGovernor(asked: number, first = asked): GovernorState {
  const steps = heightSteps(asked);
  const height = steps.find((step) => step <= first) ?? steps.at(-1)!;
  return {
    height,
    tight: 0,
    spare: 0,
    sinceRaised: Number.POSITIVE_INFINITY,
    fixedMs: 0,
    before: undefined,
    patience: RAISE_AFTER.least,
  };
}

/**
 * Decides after a second of work. The height moves to the highest step at which painting is expected to take three
 * quarters of a frame's time: a fixed part, known from the last change, and a part proportional to the pixels. It is
 * lowered after two seconds of high load and raised after five with time to spare; a raise that had to be undone
 * doubles those five, so that it does not oscillate.
 *
 * @param asked largest height allowed
 */
export function govern(state: GovernorState, { fps, paintMs }: LoadSample, asked: number): GovernorState {
  const steps = heightSteps(asked);
  const share = (paintMs * fps) / 1000;
  const fixedMs = fixedPart(state, paintMs);
  const expected = (height: number) => ((fixedMs + (paintMs - fixedMs) * (height / state.height) ** 2) * fps) / 1000;
  const changed = { fixedMs, before: { height: state.height, paintMs }, tight: 0, spare: 0 };
  const sinceRaised = state.sinceRaised + 1;
  const proved = sinceRaised === PROVEN_SECONDS;
  const next: GovernorState = {
    ...state,
    fixedMs,
    before: undefined,
    sinceRaised: proved ? Number.POSITIVE_INFINITY : sinceRaised,
    patience: proved ? RAISE_AFTER.least : state.patience,
  };
  if (state.height > asked) return { ...next, ...changed, height: asked };

  const lower = steps.filter((step) => step < state.height);
  if (share > HIGH_LOAD && lower.length > 0) {
    const tight = state.tight + 1;
    if (tight < HIGH_LOAD_SECONDS && share < OVERLOAD) return { ...next, tight, spare: 0 };
    const height = lower.find((step) => expected(step) <= TARGET_LOAD) ?? lower.at(-1)!;
    const inVain = Number.isFinite(next.sinceRaised);
    const patience = inVain ? Math.min(RAISE_AFTER.most, 2 * next.patience) : next.patience;
    return { ...changed, height, sinceRaised: Number.POSITIVE_INFINITY, patience };
  }
  const higher = steps.find((step) => step > state.height && expected(step) <= TARGET_LOAD);
  if (higher === undefined) return { ...next, tight: 0, spare: 0 };
  const spare = state.spare + 1;
  if (spare < next.patience) return { ...next, tight: 0, spare };
  return { ...next, ...changed, height: higher, sinceRaised: 0 };
}

/** Estimates the time that does not depend on the height from measurements at two heights. */
function fixedPart({ height, fixedMs, before }: GovernorState, paintMs: number): number {
  const most = MAX_FIXED_SHARE * paintMs;
  if (!before || before.height === height) return Math.min(fixedMs, most);
  const perPixel = (before.paintMs - paintMs) / (before.height ** 2 - height ** 2);
  return Math.min(Math.max(0, paintMs - perPixel * height ** 2), most);
}

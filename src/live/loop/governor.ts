import { FLOOR } from '../settings/settings.js';

/**
 * Keeps the asked frame rate: lowers the height that the network works at when painting takes longer than a frame
 * lasts, and raises it again when there is time to spare. A function of measurements only, one a second.
 */

/** From one step to the next the height shrinks to 5/6, and the work to 0.69. */
const RATIO = 5 / 6;
/** Steps are whole multiples of this, which most networks take without padding. */
const MULTIPLE = 8;
/** Share of a frame's time that painting may take before the height is lowered. */
const TIGHT = 0.9;
/** Share so large that one second of it is enough. */
const HOPELESS = 1.5;
/** Share that painting is expected to take at most after any change. */
const AIM = 0.75;
/** Seconds of too much work before the height is lowered. */
const TIGHT_SECONDS = 2;
/** Seconds of time to spare before the height is raised: the least, and the most after raising was in vain. */
const PATIENCE = { least: 5, most: 320 } as const;
/** The part of painting that no height changes, at most. */
const MOST_FIXED = 0.8;
/** A height that was held for so many seconds was no mistake. */
const SETTLED = 60;

/** What one second was like. */
export interface Measured {
  /** Frames a second to be kept. */
  readonly fps: number;
  /** Median time of painting one frame in milliseconds. */
  readonly paintMs: number;
}

/** What the governor has decided, and what it needs to decide again. */
export interface Governed {
  /** Height in pixels that the network works at. */
  readonly height: number;
  /** Seconds in a row with too much work. */
  readonly tight: number;
  /** Seconds in a row with time to spare. */
  readonly spare: number;
  /** Seconds since the height was raised; infinite when it was lowered since, or has proved itself. */
  readonly sinceRaised: number;
  /** Milliseconds of painting that do not depend on the height, as the last change of height has shown. */
  readonly fixedMs: number;
  /** What the second before the last change was like, until the first one after it. */
  readonly before: { readonly height: number; readonly paintMs: number } | undefined;
  /** Seconds of time to spare that a raise takes: twice as many after each one that was in vain. */
  readonly patience: number;
}

/** The heights there are, highest first: from the asked one down to {@link FLOOR}. */
export function ladder(asked: number): number[] {
  const steps = [asked];
  for (let height = asked * RATIO; ; height *= RATIO) {
    const step = Math.round(height / MULTIPLE) * MULTIPLE;
    if (step < FLOOR) return steps;
    if (step < steps.at(-1)!) steps.push(step);
  }
}

/** Begins at the highest step of {@link ladder} that is not above `first`. */
export function begin(asked: number, first = asked): Governed {
  const steps = ladder(asked);
  const height = steps.find((step) => step <= first) ?? steps.at(-1)!;
  return {
    height,
    tight: 0,
    spare: 0,
    sinceRaised: Number.POSITIVE_INFINITY,
    fixedMs: 0,
    before: undefined,
    patience: PATIENCE.least,
  };
}

/**
 * Decides after a second of work. The height moves to the highest step at which painting is expected to take
 * three quarters of a frame's time: a fixed part, known from the last change, and one in proportion to the pixels. It is lowered after two
 * seconds of too much work, and raised after five of time to spare; a raise that had to be taken back doubles those
 * five, so that it does not swing.
 *
 * @param asked the height not to be exceeded
 */
export function govern(state: Governed, { fps, paintMs }: Measured, asked: number): Governed {
  const steps = ladder(asked);
  const share = (paintMs * fps) / 1000;
  const fixedMs = fixedPart(state, paintMs);
  const expected = (height: number) => ((fixedMs + (paintMs - fixedMs) * (height / state.height) ** 2) * fps) / 1000;
  const changed = { fixedMs, before: { height: state.height, paintMs }, tight: 0, spare: 0 };
  const sinceRaised = state.sinceRaised + 1;
  const proved = sinceRaised === SETTLED;
  const next: Governed = {
    ...state,
    fixedMs,
    before: undefined,
    sinceRaised: proved ? Number.POSITIVE_INFINITY : sinceRaised,
    patience: proved ? PATIENCE.least : state.patience,
  };
  if (state.height > asked) return { ...next, ...changed, height: asked };

  const lower = steps.filter((step) => step < state.height);
  if (share > TIGHT && lower.length > 0) {
    const tight = state.tight + 1;
    if (tight < TIGHT_SECONDS && share < HOPELESS) return { ...next, tight, spare: 0 };
    const height = lower.find((step) => expected(step) <= AIM) ?? lower.at(-1)!;
    const inVain = Number.isFinite(next.sinceRaised);
    const patience = inVain ? Math.min(PATIENCE.most, 2 * next.patience) : next.patience;
    return { ...changed, height, sinceRaised: Number.POSITIVE_INFINITY, patience };
  }
  const higher = steps.find((step) => step > state.height && expected(step) <= AIM);
  if (higher === undefined) return { ...next, tight: 0, spare: 0 };
  const spare = state.spare + 1;
  if (spare < next.patience) return { ...next, tight: 0, spare };
  return { ...next, ...changed, height: higher, sinceRaised: 0 };
}

/** What two heights tell about the part that they have in common. */
function fixedPart({ height, fixedMs, before }: Governed, paintMs: number): number {
  const most = MOST_FIXED * paintMs;
  if (!before || before.height === height) return Math.min(fixedMs, most);
  const perPixel = (before.paintMs - paintMs) / (before.height ** 2 - height ** 2);
  return Math.min(Math.max(0, paintMs - perPixel * height ** 2), most);
}

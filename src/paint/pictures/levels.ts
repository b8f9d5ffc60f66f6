/** One size of the coarse-to-fine schedule. */
export interface Level {
  readonly width: number;
  readonly height: number;
  /** How often the painting's size was halved; the style's scales begin with this one. */
  readonly halvings: number;
  readonly steps: number;
}

/** Approximate longer side of the coarsest scale at which style is compared. */
const COARSEST = 64;
const [FEWEST_SCALES, MOST_SCALES] = [2, 5];
/** Share of the steps at the full size. Strokes are found at the coarse sizes, which cost little. */
const FULL_SHARE = 0.4;

/** Number of scales at which style is compared, by the longer side of the painting. */
export function scalesOf(size: number): number {
  return Math.min(MOST_SCALES, Math.max(FEWEST_SCALES, Math.round(Math.log2(size / COARSEST)) + 1));
}

/** Required multiple of both sides: every scale is halved without remainder, and twice more inside VGG-19. */
export function multipleOf(scales: number): number {
  return 4 * 2 ** (scales - 1);
}

/**
 * Margin in pixels that is painted around the picture and cropped at the end, because the loss network's padding
 * affects the edges.
 */
export const MARGIN = 16;

/** Side to paint for a wanted side: with margins, rounded up to the required multiple. */
export function paintedSide(side: number, scales: number): number {
  return Math.ceil((side + 2 * MARGIN) / multipleOf(scales)) * multipleOf(scales);
}

/**
 * The sizes that a painting goes through, coarse to fine, each twice the one before; at each, at least two of the
 * style's scales are left.
 *
 * @param width,height the painting's, multiples of `multipleOf(scales)`.
 */
export function levelsOf(width: number, height: number, scales: number, steps: number): Level[] {
  const count = Math.min(scales - 1, steps);
  const full = count === 1 ? steps : Math.max(1, Math.round(steps * FULL_SHARE));
  const coarse = (k: number) => Math.floor(((steps - full) * k) / (count - 1));
  return Array.from({ length: count }, (_, k) => {
    const halvings = count - 1 - k;
    const own = halvings === 0 ? full : coarse(k + 1) - coarse(k);
    return { width: width / 2 ** halvings, height: height / 2 ** halvings, halvings, steps: own };
  });
}

import { type LocalDifferences, product } from './local-differences.js';

/** Noise, as a share of the source's variance, that colours must stand out from: faint ones count less. */
const NOISE = 0.05;
/** The least noise, as a variance. */
const FLOOR = 1e-6;
/** Sources whose colours differ less than this, as a variance, have none that could be kept. */
const COLOURLESS = 1e-5;

/**
 * How much of the source's local differences of colour can be read from the painting's, linearly and alike everywhere:
 * a style may have hues of its own, but what was of two colours must not become one, nor one become two.
 *
 * With c the source's local differences of Cb and Cr, and q the painting's, both less what follows from the source's
 * luma: 1 − Σ |c − B q|² / Σ |c|², with B from ridge regression, so that colours with 0.3 and 0.1 of the source's
 * contrast count 0.87 and 0.31. 1 is all, 0 is none of it: a grey painting, or one whose colours lie where they like.
 *
 * @returns undefined of a source without colours.
 */
export function colourKept(painting: LocalDifferences, source: LocalDifferences): number | undefined {
  const count = source.luma.length;
  const beyondLuma = (plane: Float64Array) => {
    const slope = product(plane, source.luma) / (product(source.luma, source.luma) + 1e-9 * count);
    return plane.map((value, i) => value - slope * source.luma[i]!);
  };
  const [c1, c2] = source.chroma.map(beyondLuma) as [Float64Array, Float64Array];
  const [q1, q2] = painting.chroma.map(beyondLuma) as [Float64Array, Float64Array];
  const energy = product(c1, c1) + product(c2, c2);
  const variance = energy / (2 * count);
  if (variance < COLOURLESS) return undefined;
  const ridge = count * (NOISE * variance + FLOOR);
  const [a, b, d] = [product(q1, q1) + ridge, product(q1, q2), product(q2, q2) + ridge];
  const left = [c1, c2].map((c) => {
    const [x, y] = [product(q1, c), product(q2, c)];
    const [first, second] = [(d * x - b * y) / (a * d - b * b), (a * y - b * x) / (a * d - b * b)];
    return c.reduce((sum, value, i) => sum + (value - first * q1[i]! - second * q2[i]!) ** 2, 0);
  });
  return 1 - (left[0]! + left[1]!) / energy;
}

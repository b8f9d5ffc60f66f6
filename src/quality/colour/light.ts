import { type LocalDifferences, product } from './local-differences.js';

/** What a picture without any light and dark has, a cell. */
const NOTHING = 1e-9;

/**
 * How much of the source's local light and dark a painting has kept: Σ s p / max(Σ s², √(Σ s² Σ p²)) over the luma's
 * local differences s of the source and p of the painting. It is their correlation, times the share of the contrast that
 * is left where the painting has less of it than the source. 1 is all, 0 is none of it, −1 is the negative.
 */
export function lightKept(painting: LocalDifferences, source: LocalDifferences): number {
  const [s, p] = [source.luma, painting.luma];
  const own = product(s, s);
  const nothing = NOTHING * s.length;
  return product(s, p) / Math.max(own, Math.sqrt(own * product(p, p)), nothing);
}

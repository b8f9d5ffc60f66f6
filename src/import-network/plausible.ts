import type { LightPlanes } from './numbers.js';

/** Measures of how plausible a picture is as a painting of a photograph, from 0 to 1. */
export interface Plausibility {
  /** Share of values outside the range from black to white. */
  readonly outside: number;
  /** Share of saturated values, beyond that of the photograph. */
  readonly saturated: number;
  /** Distance between the 5th and the 95th percentile. */
  readonly used: number;
  /** Mean of the correlations with the photograph's tone and edges at a coarse scale. */
  readonly structure: number;
}

/** Compares the output of a network with its photograph; undefined if a value is not finite. */
export function plausibility(picture: LightPlanes, photograph: LightPlanes): Plausibility | undefined {
  if (!picture.data.every(Number.isFinite)) return undefined;
  const sorted = Float32Array.from(picture.data).sort();
  const at = (share: number) => Math.min(1, Math.max(0, sorted[Math.floor(share * (sorted.length - 1))]!));
  const cells = coarse(picture);
  const other = coarse(photograph);
  const light = Math.max(0, correlation(cells.mean, other.mean));
  const edges = Math.max(0, correlation(cells.spread, other.spread));
  return {
    outside: share(picture, (value) => value < -0.04 || value > 1.04),
    saturated: Math.max(0, share(picture, atEnds) - share(photograph, atEnds)),
    used: at(0.95) - at(0.05),
    structure: (light + edges) / 2,
  };
}

const atEnds = (value: number) => value < 0.006 || value > 0.994;

function share({ data }: LightPlanes, test: (value: number) => boolean): number {
  let count = 0;
  for (const value of data) if (test(value)) count++;
  return count / data.length;
}

/** Luma (Rec. 601) of a pixel. */
export function luma({ data }: LightPlanes, pixel: number): number {
  const pixels = data.length / 3;
  return 0.299 * data[pixel]! + 0.587 * data[pixels + pixel]! + 0.114 * data[2 * pixels + pixel]!;
}

const cellsAcross = 24;

/** Mean and standard deviation of the luma, in a grid of cells over the picture. */
function coarse(picture: LightPlanes): { mean: Float64Array; spread: Float64Array } {
  const cells = cellsAcross * cellsAcross;
  const count = new Float64Array(cells);
  const mean = new Float64Array(cells);
  const spread = new Float64Array(cells);
  for (let y = 0, p = 0; y < picture.height; y++) {
    const row = Math.floor((y * cellsAcross) / picture.height) * cellsAcross;
    for (let x = 0; x < picture.width; x++, p++) {
      const cell = row + Math.floor((x * cellsAcross) / picture.width);
      const value = Math.min(1, Math.max(0, luma(picture, p)));
      count[cell]! += 1;
      mean[cell]! += value;
      spread[cell]! += value * value;
    }
  }
  for (let i = 0; i < cells; i++) {
    const n = Math.max(1, count[i]!);
    mean[i]! /= n;
    spread[i] = Math.sqrt(Math.max(0, spread[i]! / n - mean[i]! ** 2));
  }
  return { mean, spread };
}

function correlation(a: Float64Array, b: Float64Array): number {
  const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [average(a), average(b)];
  let both = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const product = Math.sqrt(squaresA * squaresB);
  return product < 1e-9 ? 0 : both / product;
}

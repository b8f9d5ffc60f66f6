import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { domainDistance, frechetDistance, SampleStatistics } from '#src/quality/style/frechet.js';

const gaussian = (mean: number[], covariance: number[][]) => ({
  mean: Float64Array.from(mean),
  covariance: new Matrix(covariance),
});

describe('the Fréchet distance', () => {
  it('of independent numbers is that of means and deviations', () => {
    const a = gaussian(
      [1, 2, 3],
      [
        [4, 0, 0],
        [0, 1, 0],
        [0, 0, 9],
      ],
    );
    const b = gaussian(
      [1, 0, 4],
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 4],
      ],
    );
    // |μ₁ − μ₂|² + Σ (σ₁ − σ₂)² = (0 + 4 + 1) + (1 + 0 + 1)
    expect(frechetDistance(a, b)).toBeCloseTo(7, 10);
    expect(frechetDistance(b, a)).toBeCloseTo(7, 10);
    expect(frechetDistance(a, a)).toBeCloseTo(0, 10);
    expect(domainDistance(a, b)).toBeCloseTo(7 / (17 + 6), 10);
  });

  it('of two covariances that do not commute is what their trace and determinant give', () => {
    const [p, q] = [
      [
        [2, 0.7],
        [0.7, 1],
      ],
      [
        [1, -0.4],
        [-0.4, 3],
      ],
    ] as [number[][], number[][]];
    // For 2×2 matrices tr √M = √(tr M + 2 √det M).
    const product = new Matrix(p).mmul(new Matrix(q));
    const determinant = (2 - 0.49) * (3 - 0.16);
    const root = Math.sqrt(product.trace() + 2 * Math.sqrt(determinant));
    expect(frechetDistance(gaussian([0, 0], p), gaussian([0, 0], q))).toBeCloseTo(3 + 4 - 2 * root, 10);
  });

  it('takes mean and covariance of samples, however they come', () => {
    const rows = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i * 1.7) + (i % 3));
    const [once, parts] = [new SampleStatistics(3), new SampleStatistics(3)];
    once.add(rows);
    parts.add(rows.subarray(0, 120));
    parts.add(rows.subarray(120));
    expect(parts.count).toBe(100);
    expect(parts.gaussian()).toEqual(once.gaussian());
    const column = (i: number) => Array.from({ length: 100 }, (_, row) => rows[row * 3 + i]!);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const { mean: means, covariance } = once.gaussian();
    expect(means[1]).toBeCloseTo(mean(column(1)), 10);
    const expected = mean(column(0).map((value, i) => (value - means[0]!) * (column(2)[i]! - means[2]!)));
    expect(covariance.get(0, 2)).toBeCloseTo(expected, 10);
    expect(covariance.get(2, 0)).toBeCloseTo(expected, 10);
  });
});

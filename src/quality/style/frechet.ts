import { EVD, Matrix } from 'ml-matrix';

/** A multivariate normal distribution. */
export interface Gaussian {
  readonly mean: Float64Array;
  /** Row-major [n, n]. */
  readonly covariance: Matrix;
}

/** Accumulates mean and covariance of samples. */
export class SampleStatistics {
  readonly #sum: Float64Array;
  readonly #products: Matrix;
  #count = 0;

  /** @param size numbers in a sample. */
  constructor(readonly size: number) {
    this.#sum = new Float64Array(size);
    this.#products = Matrix.zeros(size, size);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds samples. @param rows [count, size]. */
  add(rows: Float32Array): void {
    const { size } = this;
    const products = this.#products;
    for (let start = 0; start < rows.length; start += size) {
      for (let i = 0; i < size; i++) {
        const value = rows[start + i]!;
        this.#sum[i]! += value;
        for (let j = 0; j <= i; j++) products.set(i, j, products.get(i, j) + value * rows[start + j]!);
      }
      this.#count += 1;
    }
  }

  /** Their mean and covariance. */
  gaussian(): Gaussian {
    const mean = this.#sum.map((sum) => sum / this.#count);
    const covariance = Matrix.zeros(this.size, this.size);
    for (let i = 0; i < this.size; i++) {
      for (let j = 0; j <= i; j++) {
        const value = this.#products.get(i, j) / this.#count - mean[i]! * mean[j]!;
        covariance.set(i, j, value).set(j, i, value);
      }
    }
    return { mean, covariance };
  }
}

/**
 * The Fréchet distance of two normal distributions (Dowson and Landau 1982, doi 10.1016/0047-259X(82)90077-X):
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½). 0 is equal.
 *
 * The trace of the root is taken as Σ √λ over the eigenvalues of the symmetric Σ₁^½ Σ₂ Σ₁^½, which are those of Σ₁ Σ₂.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const root = squareRoot(a.covariance);
  const product = root.mmul(b.covariance).mmul(root);
  const symmetric = Matrix.add(product, product.transpose()).mul(0.5);
  const shared = eigenvalues(symmetric).reduce((sum, value) => sum + Math.sqrt(Math.max(value, 0)), 0);
  const apart = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  return Math.max(0, apart + a.covariance.trace() + b.covariance.trace() - 2 * shared);
}

/**
 * Distance of samples from a domain: their Fréchet distance relative to the domain's own energy,
 * |μ|² + tr Σ. 0 is equal, 1 as far as an empty picture.
 */
export function domainDistance(samples: Gaussian, domain: Gaussian): number {
  const energy = domain.mean.reduce((sum, value) => sum + value * value, 0) + domain.covariance.trace();
  return frechetDistance(samples, domain) / energy;
}

function squareRoot(matrix: Matrix): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EVD(matrix, { assumeSymmetric: true });
  const roots = Matrix.diag(realEigenvalues.map((value) => Math.sqrt(Math.max(value, 0))));
  return vectors.mmul(roots).mmul(vectors.transpose());
}

function eigenvalues(matrix: Matrix): number[] {
  return new EVD(matrix, { assumeSymmetric: true }).realEigenvalues;
}

import type { Manifest } from './manifest/types.js';

/** A style vector and its weight in a mix. */
export interface WeightedVector {
  readonly vector: ArrayLike<number>;
  readonly weight: number;
}

/**
 * The mix of style vectors: `Σ wᵢ vᵢ + (1 − Σ wᵢ) · mean`. A weight of 1 alone gives that style exactly; less moves it
 * towards the mean of all styles.
 */
export function mixVectors(parts: readonly WeightedVector[], mean: readonly number[]): Float32Array {
  const rest = 1 - parts.reduce((sum, { weight }) => sum + weight, 0);
  const length = parts[0]?.vector.length ?? mean.length;
  return Float32Array.from({ length }, (_, i) => {
    const mixed = parts.reduce((sum, { vector, weight }) => sum + weight * vector[i]!, 0);
    return mixed + rest * mean[i]!;
  });
}

/** The halves of style vectors: coarse layers (strokes) and fine layers (edges and colours). */
export function halves(vectors: Float32Array): [coarse: Float32Array, fine: Float32Array] {
  const length = vectors.length / 2;
  return [vectors.subarray(0, length), vectors.subarray(length)];
}

/** The default style vectors of a network of many, [2 · n]; undefined for a network of a single style. */
export function vectorsOf({ inputs, modulation }: Manifest): Float32Array | undefined {
  const input = inputs.find(({ name }) => name === modulation?.input);
  if (!input) return undefined;
  const count = input.dims.reduce((product, dim) => product * dim, 1);
  return typeof input.default === 'number'
    ? new Float32Array(count).fill(input.default)
    : Float32Array.from(input.default);
}

import type { GraphBuilder, Value } from '../../graph/builder.js';

/**
 * The Gram matrix of features: their correlations over all positions (Gatys 2016, arXiv 1508.06576).
 *
 * G = F Fᵀ / (h w) for F of shape [c, h w].
 *
 * @param features [n, c, h, w]. @returns [n, c, c].
 */
export function gram(b: GraphBuilder, features: Value): Value {
  const [n, channels, height, width] = features.dims.map(Number) as [number, number, number, number];
  const flat = b.op('Reshape', [features, b.ints([n, channels, height * width])]);
  const product = b.op('MatMul', [flat, b.op('Transpose', [flat], { perm: [0, 2, 1] })]);
  return b.op('Mul', [product, b.scalar('float32', 1 / (height * width))]);
}

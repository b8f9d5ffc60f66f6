import type { GraphBuilder, Value } from '../../graph/builder.js';

/** The sum of the squares of all elements, dims []. */
export function energy(b: GraphBuilder, x: Value): Value {
  return b.op('ReduceSum', [b.op('Mul', [x, x])], { keepdims: 0 });
}

/** The mean of several numbers. */
export function meanOf(b: GraphBuilder, terms: readonly Value[]): Value {
  const total = terms.reduce((sum, term) => b.op('Add', [sum, term]));
  return b.op('Mul', [total, b.scalar('float32', 1 / terms.length)]);
}

/** The mean of several numbers, each with its weight. */
export function weightedMean(
  b: GraphBuilder,
  terms: readonly { readonly value: Value; readonly weight: number }[],
): Value {
  const whole = terms.reduce((sum, { weight }) => sum + weight, 0);
  const shares = terms.map(({ value, weight }) => b.op('Mul', [value, b.scalar('float32', weight / whole)]));
  return shares.reduce((sum, share) => b.op('Add', [sum, share]));
}

/**
 * How far `x` is from `target`, as a share of the target's own energy: Σ (x − t)² / Σ t². 0 is equal; 1 is the
 * distance of zeros. It is comparable between strong and weak features.
 *
 * @param x [n, …]. @param target of the same shape, or [1, …].
 */
export function relativeDistance(b: GraphBuilder, x: Value, target: Value): Value {
  const repeats = Number(x.dims[0]) / Number(target.dims[0]);
  const whole = b.op('Mul', [energy(b, target), b.scalar('float32', repeats)]);
  return b.op('Div', [energy(b, b.op('Sub', [x, target])), b.op('Add', [whole, b.scalar('float32', 1e-8)])]);
}

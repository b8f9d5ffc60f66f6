import type { GraphBuilder, Value } from '../graph/builder.js';

/** State of Adam, all float32 [n]. */
export interface AdamState {
  readonly parameters: Value;
  /** Running mean of the gradient. */
  readonly mean: Value;
  /** Running mean of its square. */
  readonly square: Value;
}

/** Options of Adam. */
export interface AdamSettings {
  /** Learning rate, a scalar. */
  readonly rate: Value;
  /** Steps taken before this one, a float32 scalar. */
  readonly step: Value;
  /** Largest norm of the gradient; larger ones are scaled down. */
  readonly clip: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/**
 * Adds one step of Adam (Kingma and Ba 2015) with the gradient scaled down where its norm exceeds `clip`.
 *
 * @returns the next state, and the norm of the gradient before clipping.
 */
export function adam(
  b: GraphBuilder,
  gradient: Value,
  state: AdamState,
  settings: AdamSettings,
): AdamState & { readonly norm: Value } {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, clip, rate, step } = settings;
  const number = (value: number) => b.scalar('float32', value);
  const op = (name: string, x: Value, y: Value | number) => b.op(name, [x, typeof y === 'number' ? number(y) : y]);
  const norm = b.op('Sqrt', [b.op('ReduceSum', [op('Mul', gradient, gradient)], { keepdims: 0 })]);
  const cut = op('Mul', gradient, op('Min', b.op('Div', [number(clip), op('Add', norm, 1e-12)]), 1));
  const blend = (old: Value, fresh: Value, beta: number) => op('Add', op('Mul', old, beta), op('Mul', fresh, 1 - beta));
  const mean = blend(state.mean, cut, beta1);
  const square = blend(state.square, op('Mul', cut, cut), beta2);
  const count = op('Add', step, 1);
  const unbiased = (value: Value, beta: number) =>
    op('Div', value, b.op('Sub', [number(1), b.op('Pow', [number(beta), count])]));
  const size = op('Add', b.op('Sqrt', [unbiased(square, beta2)]), epsilon);
  const move = op('Mul', op('Div', unbiased(mean, beta1), size), rate);
  return { parameters: op('Sub', state.parameters, move), mean, square, norm };
}

/**
 * The learning rate at a step: a linear warm-up, then half a cosine down to zero at the last step (Loshchilov and
 * Hutter 2017).
 *
 * @param step steps taken so far, float32 scalar. @param total steps in all, float32 scalar.
 */
export function learningRate(b: GraphBuilder, step: Value, total: Value, base: number, warmUp: number): Value {
  const number = (value: number) => b.scalar('float32', value);
  const rise = b.op('Min', [b.op('Div', [b.op('Add', [step, number(1)]), number(warmUp)]), number(1)]);
  const share = b.op('Min', [b.op('Div', [step, total]), number(1)]);
  const wave = b.op('Add', [b.op('Cos', [b.op('Mul', [share, number(Math.PI)])]), number(1)]);
  return b.op('Mul', [b.op('Mul', [rise, wave]), number(base / 2)]);
}

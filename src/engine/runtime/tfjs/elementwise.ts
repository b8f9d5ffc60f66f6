import type { Tensor } from '@tensorflow/tfjs-core';
import type { Call, Tf, TfjsOp, TfjsValue } from './call.js';

/** An elementwise op of one input. */
const unary = (f: (tf: Tf, x: Tensor, call: Call) => Tensor): TfjsOp => ({
  run: (call) => ({ tensor: f(call.tf, call.value().tensor, call), last: call.value().last }),
});

/** An elementwise op with broadcasting; the layout of pictures is kept. */
const stretched = (f: (tf: Tf, ...inputs: Tensor[]) => Tensor): TfjsOp => ({
  run: (call) => {
    const { tensors, last } = aligned(call);
    return { tensor: f(call.tf, ...tensors), last };
  },
});

/** The inputs in one layout: channels last where one is so and the others can be. */
function aligned(call: Call): { tensors: Tensor[]; last: boolean } {
  const values = call.inputs.filter((value) => value !== undefined);
  const last = values.some((value) => value.last) && values.every((value) => value.tensor.rank <= 4);
  if (!last) return { tensors: values.map((_, index) => call.plain(index)), last };
  return { last, tensors: values.map((value) => channelsLast(call.tf, value)) };
}

function channelsLast(tf: Tf, { tensor, last }: TfjsValue): Tensor {
  if (last || tensor.size === 1) return last ? tensor : tf.reshape(tensor, []);
  const four = tf.reshape(tensor, [...new Array<number>(4 - tensor.rank).fill(1), ...tensor.shape]);
  return tf.transpose(four, [0, 2, 3, 1]);
}

/** Left to right over any number of inputs. */
const chain =
  (f: (tf: Tf, a: Tensor, b: Tensor) => Tensor) =>
  (tf: Tf, ...inputs: Tensor[]) =>
    inputs.reduce((a, b) => f(tf, a, b));

const clip = (call: Call): TfjsValue => {
  const { tensor, last } = call.value();
  const low = call.numbers(1)?.[0] ?? call.float('min', Number.NEGATIVE_INFINITY);
  const high = call.numbers(2)?.[0] ?? call.float('max', Number.POSITIVE_INFINITY);
  return { tensor: call.tf.clipByValue(tensor, low, high), last };
};

/** tfjs types by ONNX's type numbers: floats are float32, integers int32. */
const CASTS: Readonly<Record<number, 'float32' | 'int32' | 'bool'>> = {
  1: 'float32',
  2: 'int32',
  3: 'int32',
  5: 'int32',
  6: 'int32',
  7: 'int32',
  9: 'bool',
  10: 'float32',
};

const gelu = (tf: Tf, x: Tensor, call: Call): Tensor => {
  const half = tf.mul(x, 0.5);
  if (call.text('approximate', 'none') === 'none') return tf.mul(half, tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(half, tf.add(tf.tanh(inner), 1));
};

const selu = (tf: Tf, x: Tensor, call: Call): Tensor => {
  const alpha = call.float('alpha', 1.6732632423543772);
  const negative = tf.mul(tf.expm1(tf.minimum(x, 0)), alpha);
  return tf.mul(tf.add(tf.maximum(x, 0), negative), call.float('gamma', 1.0507009873554805));
};

const hardSigmoid = (tf: Tf, x: Tensor, alpha: number, beta: number): Tensor =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);

const slope = (tf: Tf, x: Tensor, alpha: Tensor | number): Tensor =>
  tf.add(tf.maximum(x, 0), tf.mul(tf.minimum(x, 0), alpha));

/** Elementwise ops. */
export const ELEMENTWISE: Readonly<Record<string, TfjsOp>> = {
  Abs: unary((tf, x) => tf.abs(x)),
  Ceil: unary((tf, x) => tf.ceil(x)),
  Cos: unary((tf, x) => tf.cos(x)),
  Dropout: unary((tf, x) => tf.clone(x)),
  Elu: unary((tf, x, call) => tf.add(tf.maximum(x, 0), tf.mul(tf.expm1(tf.minimum(x, 0)), call.float('alpha', 1)))),
  Erf: unary((tf, x) => tf.erf(x)),
  Exp: unary((tf, x) => tf.exp(x)),
  Floor: unary((tf, x) => tf.floor(x)),
  Gelu: unary(gelu),
  HardSigmoid: unary((tf, x, call) => hardSigmoid(tf, x, call.float('alpha', 0.2), call.float('beta', 0.5))),
  HardSwish: unary((tf, x) => tf.mul(x, hardSigmoid(tf, x, 1 / 6, 0.5))),
  Identity: unary((tf, x) => tf.clone(x)),
  LeakyRelu: unary((tf, x, call) => slope(tf, x, call.float('alpha', 0.01))),
  Log: unary((tf, x) => tf.log(x)),
  Neg: unary((tf, x) => tf.neg(x)),
  Not: unary((tf, x) => tf.logicalNot(x)),
  Reciprocal: unary((tf, x) => tf.reciprocal(x)),
  Relu: unary((tf, x) => tf.relu(x)),
  Round: unary((tf, x) => tf.round(x)),
  Selu: unary(selu),
  Sigmoid: unary((tf, x) => tf.sigmoid(x)),
  Sign: unary((tf, x) => tf.sign(x)),
  Sin: unary((tf, x) => tf.sin(x)),
  Softplus: unary((tf, x) => tf.softplus(x)),
  Softsign: unary((tf, x) => tf.div(x, tf.add(tf.abs(x), 1))),
  Sqrt: unary((tf, x) => tf.sqrt(x)),
  Tanh: unary((tf, x) => tf.tanh(x)),

  Add: stretched((tf, a, b) => tf.add(a, b!)),
  And: stretched((tf, a, b) => tf.logicalAnd(a, b!)),
  Div: stretched((tf, a, b) => (a.dtype === 'int32' ? tf.floorDiv(a, b!) : tf.div(a, b!))),
  Equal: stretched((tf, a, b) => tf.equal(a, b!)),
  Greater: stretched((tf, a, b) => tf.greater(a, b!)),
  GreaterOrEqual: stretched((tf, a, b) => tf.greaterEqual(a, b!)),
  Less: stretched((tf, a, b) => tf.less(a, b!)),
  LessOrEqual: stretched((tf, a, b) => tf.lessEqual(a, b!)),
  Max: stretched(chain((tf, a, b) => tf.maximum(a, b))),
  Mean: stretched((tf, ...inputs) => tf.div(chain((f, a, b) => f.add(a, b))(tf, ...inputs), inputs.length)),
  Min: stretched(chain((tf, a, b) => tf.minimum(a, b))),
  Mul: stretched((tf, a, b) => tf.mul(a, b!)),
  Or: stretched((tf, a, b) => tf.logicalOr(a, b!)),
  PRelu: stretched((tf, x, alpha) => slope(tf, x, alpha!)),
  Pow: stretched((tf, a, b) => tf.pow(a, b!)),
  Sub: stretched((tf, a, b) => tf.sub(a, b!)),
  Sum: stretched(chain((tf, a, b) => tf.add(a, b))),
  Where: stretched((tf, condition, a, b) => tf.where(tf.cast(condition, 'bool'), a!, b!)),

  Clip: { run: clip },
  Cast: {
    run: (call) => {
      const { tensor, last } = call.value();
      const type = CASTS[call.int('to', 1)]!;
      // The wasm backend casts the bit pattern of a float to bool.
      return { tensor: type === 'bool' ? call.tf.notEqual(tensor, 0) : call.tf.cast(tensor, type), last };
    },
    refuse: (call) => (CASTS[call.int('to', 1)] ? undefined : `to type ${call.int('to', 1)}`),
  },
};

import type { Tensor } from '@tensorflow/tfjs-core';
import { type Call, last, plain, type Tf, type TfjsOp, type TfjsValue } from './call.js';

const reduce = (f: (tf: Tf, x: Tensor, axes: number[], keep: boolean) => Tensor): TfjsOp => ({
  run: (call) => {
    const { tensor, last: isLast } = call.value();
    const given = call.numbers(1) ?? call.ints('axes') ?? [];
    const keep = call.int('keepdims', 1) === 1;
    if (given.length === 0 && call.int('noop_with_empty_axes', 0) === 1) return call.value();
    const axes = given.length === 0 ? tensor.shape.map((_, axis) => axis) : [...given];
    if (keep) {
      const at = axes.map((axis) => call.axis(axis));
      return { tensor: f(call.tf, tensor, at, true), last: isLast };
    }
    return plain(f(call.tf, call.plain(), axes, false));
  },
});

const globalPool = (f: (tf: Tf, x: Tensor) => Tensor): TfjsOp => ({
  run: (call) => last(f(call.tf, call.last())),
});

/** Over any axis; tfjs itself supports only the last one. */
function softmax(call: Call): TfjsValue {
  const { tf } = call;
  const { tensor, last: isLast } = call.value();
  const axis = call.axis(call.int('axis', -1));
  const raised = tf.exp(tf.sub(tensor, tf.max(tensor, axis, true)));
  return { tensor: tf.div(raised, tf.sum(raised, axis, true)), last: isLast };
}

function instanceNorm(call: Call): TfjsValue {
  const { tf } = call;
  const x = call.last();
  const { mean, variance } = tf.moments(x, [1, 2], true);
  const scale = tf.mul(tf.rsqrt(tf.add(variance, call.float('epsilon', 1e-5))), call.plain(1));
  return last(tf.add(tf.mul(tf.sub(x, mean), scale), call.plain(2)));
}

function batchNorm(call: Call): TfjsValue {
  const { tf } = call;
  const factor = call.once('factor', [1, 4], () =>
    tf.tidy(() => tf.mul(call.plain(1), tf.rsqrt(tf.add(call.plain(4), call.float('epsilon', 1e-5))))),
  );
  const shift = call.once('shift', [1, 2, 3, 4], () =>
    tf.tidy(() => tf.sub(call.plain(2), tf.mul(call.plain(3), factor))),
  );
  return last(tf.add(tf.mul(call.last(), factor), shift));
}

/** Ops that reduce or normalise over axes. */
export const REDUCE: Readonly<Record<string, TfjsOp>> = {
  BatchNormalization: { run: batchNorm },
  GlobalAveragePool: globalPool((tf, x) => tf.mean(x, [1, 2], true)),
  GlobalMaxPool: globalPool((tf, x) => tf.max(x, [1, 2], true)),
  InstanceNormalization: { run: instanceNorm },
  ReduceL2: reduce((tf, x, axes, keep) => tf.sqrt(tf.sum(tf.mul(x, x), axes, keep))),
  ReduceMax: reduce((tf, x, axes, keep) => tf.max(x, axes, keep)),
  ReduceMean: reduce((tf, x, axes, keep) => tf.mean(x, axes, keep)),
  ReduceMin: reduce((tf, x, axes, keep) => tf.min(x, axes, keep)),
  ReduceSum: reduce((tf, x, axes, keep) => tf.sum(x, axes, keep)),
  ReduceSumSquare: reduce((tf, x, axes, keep) => tf.sum(tf.mul(x, x), axes, keep)),
  Softmax: { run: softmax },
};

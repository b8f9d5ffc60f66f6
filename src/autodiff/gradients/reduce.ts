import type { Value } from '../../graph/builder.js';
import { numbersOf } from '../../graph/elements.js';
import type { GradientCall, GradientRule } from './rule.js';

/** The axes of a reduction. */
function axesOf(call: GradientCall): number[] {
  const constant = call.inputs[1] && call.b.constantOf(call.inputs[1]);
  const given = (constant && numbersOf(constant)) ?? call.ints('axes') ?? [];
  const rank = call.input(0).dims.length;
  if (given.length === 0) {
    return call.int('noop_with_empty_axes', 0) === 1 ? [] : call.input(0).dims.map((_, axis) => axis);
  }
  return given.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** A value of the output's shape with the folded axes back as size 1, so that it broadcasts over the input. */
function unfolded(call: GradientCall, value: Value): Value {
  if (call.int('keepdims', 1) === 1) return value;
  const axes = new Set(axesOf(call));
  return call.b.op('Reshape', [
    value,
    call.b.ints(call.sizes(call.input(0)).map((size, i) => (axes.has(i) ? 1 : size))),
  ]);
}

function count(call: GradientCall): number {
  const sizes = call.sizes(call.input(0));
  return axesOf(call).reduce((product, axis) => product * sizes[axis]!, 1);
}

/** The gradient, unfolded, times f of the input and the unfolded output. */
const scaled =
  (factor: (call: GradientCall, x: Value, y: Value) => Value): GradientRule =>
  (call) => [call.mul(unfolded(call, call.full()), factor(call, call.input(0), unfolded(call, call.output)))];

const extreme = scaled((call, x, y) => call.mask(call.b.op('Equal', [x, y])));

/** Gradients of the reductions; not expanded where they are equal for all elements. */
export const REDUCE_GRADIENTS: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (call) => [unfolded(call, call.full())],
  ReduceMean: (call) => [call.mul(unfolded(call, call.full()), 1 / count(call))],
  ReduceSumSquare: scaled((call, x) => call.mul(x, 2)),
  ReduceL1: scaled((call, x) => call.b.op('Sign', [x])),
  ReduceL2: scaled((call, x, y) => call.div(x, y)),
  ReduceProd: scaled((call, x, y) => call.div(y, x)),
  ReduceMax: extreme,
  ReduceMin: extreme,
};

import type { Value } from '../../graph/builder.js';
import { numbersOf } from '../../graph/elements.js';
import type { GradientCall, GradientRule } from './rule.js';

/** Adds the gradients of border rows to the inner rows that they were copied from. */
type Fold = (call: GradientCall, grad: Value, axis: number, before: number, after: number) => Value;

/** Gradient of Pad: the inner part passes through; gradients of copied borders are added to their origin. */
export const padGradient: GradientRule = (call) => {
  const pads = numbersOf(call.b.constantOf(call.input(1))!);
  const rank = call.output.dims.length;
  const given = call.inputs[3] && call.b.constantOf(call.inputs[3]);
  const axes = given ? numbersOf(given) : Array.from({ length: rank }, (_, axis) => axis);
  const fold = FOLDS[call.text('mode', 'constant')]!;
  let grad = call.full();
  axes.forEach((axis, i) => {
    const [before, after] = [pads[i]!, pads[i + axes.length]!];
    if (before !== 0 || after !== 0) grad = fold(call, grad, (axis + rank) % rank, before, after);
  });
  return [grad];
};

const FOLDS: Readonly<Record<string, Fold>> = {
  constant: ({ b }, grad, axis, before, after) => {
    // Negative padding crops.
    const size = Number(grad.dims[axis]);
    const kept = cut(b, grad, axis, Math.max(before, 0), size - Math.max(after, 0));
    return before >= 0 && after >= 0 ? kept : grow(b, kept, axis, Math.max(-before, 0), Math.max(-after, 0));
  },
  edge: ({ b }, grad, axis, before, after) => {
    const size = Number(grad.dims[axis]);
    const inner = size - before - after;
    const sum = (start: number, end: number) => b.op('ReduceSum', [cut(b, grad, axis, start, end)], { axes: [axis] });
    let result = cut(b, grad, axis, before, size - after);
    if (before > 0) result = b.op('Add', [result, grow(b, sum(0, before), axis, 0, inner - 1)]);
    if (after > 0) result = b.op('Add', [result, grow(b, sum(size - after, size), axis, inner - 1, 0)]);
    return result;
  },
  reflect: ({ b }, grad, axis, before, after) => {
    const size = Number(grad.dims[axis]);
    const inner = size - before - after;
    let result = cut(b, grad, axis, before, size - after);
    if (before > 0) {
      const border = reversed(b, grad, axis, before - 1, before);
      result = b.op('Add', [result, grow(b, border, axis, 1, inner - 1 - before)]);
    }
    if (after > 0) {
      const border = reversed(b, grad, axis, size - 1, after);
      result = b.op('Add', [result, grow(b, border, axis, inner - 1 - after, 1)]);
    }
    return result;
  },
};

type Builder = GradientCall['b'];

function cut(b: Builder, value: Value, axis: number, start: number, end: number): Value {
  return b.op('Slice', [value, b.ints([start]), b.ints([end]), b.ints([axis])]);
}

/** `count` rows counted backwards from row `last`. */
function reversed(b: Builder, value: Value, axis: number, last: number, count: number): Value {
  const end = last - count < 0 ? -(2 ** 31) : last - count;
  return b.op('Slice', [value, b.ints([last]), b.ints([end]), b.ints([axis]), b.ints([-1])]);
}

/** Zeros around one axis. */
function grow(b: Builder, value: Value, axis: number, before: number, after: number): Value {
  const rank = value.dims.length;
  const pads = new Array<number>(rank * 2).fill(0);
  pads[axis] = before;
  pads[axis + rank] = after;
  return b.op('Pad', [value, b.ints(pads)]);
}

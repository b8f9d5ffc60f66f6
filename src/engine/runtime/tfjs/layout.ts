import type { Tensor } from '@tensorflow/tfjs-core';
import { type Call, last, plain, type Tf, type TfjsOp, type TfjsValue } from './call.js';

const reshape =
  (dims: (call: Call, shape: number[]) => number[]): TfjsOp['run'] =>
  (call) =>
    plain(call.tf.reshape(call.plain(), dims(call, call.shape())));

const axesOf = (call: Call, rank: number): number[] | undefined =>
  (call.numbers(1) ?? call.ints('axes'))?.map((axis) => (axis < 0 ? axis + rank : axis));

const size = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

function reshaped(call: Call, shape: number[]): number[] {
  const wanted = call.numbers(1)!;
  const zero = call.int('allowzero', 0) === 1;
  return wanted.map((dim, axis) => (dim === 0 && !zero ? shape[axis]! : dim));
}

function squeezed(call: Call, shape: number[]): number[] {
  const axes = axesOf(call, shape.length);
  return shape.filter((dim, axis) => (axes ? !axes.includes(axis) : dim !== 1));
}

function unsqueezed(call: Call, shape: number[]): number[] {
  const given = call.numbers(1) ?? call.ints('axes') ?? [];
  const rank = shape.length + given.length;
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : shape[next++]!));
}

function flattened(call: Call, shape: number[]): number[] {
  const axis = call.int('axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return [size(shape.slice(0, at)), size(shape.slice(at))];
}

/** Between the two layouts of a picture no data is moved: only the meaning of the axes changes. */
function transpose(call: Call): TfjsValue {
  const value = call.value();
  const { rank } = value.tensor;
  const perm = call.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (value.last && perm.join() === '0,2,3,1') return plain(call.tf.clone(value.tensor));
  if (!value.last && perm.join() === '0,3,1,2') return last(call.tf.clone(value.tensor));
  return plain(call.tf.transpose(call.plain(), [...perm]));
}

function concat(call: Call): TfjsValue {
  const values = call.inputs.filter((value) => value !== undefined);
  const anyLast = values.some((value) => value.last);
  const tensors = values.map((_, index) => (anyLast ? call.last(index) : call.plain(index)) as Tensor);
  const whole = { tensor: tensors[0]!, last: anyLast };
  return { tensor: call.tf.concat(tensors, call.axis(call.int('axis', 0), whole)), last: anyLast };
}

function split(call: Call): TfjsValue[] {
  const { tensor, last: isLast } = call.value();
  const axis = call.axis(call.int('axis', 0));
  const parts = call.node.outputs.length;
  const whole = tensor.shape[axis]!;
  const each = Math.ceil(whole / parts);
  const even = Array.from({ length: parts }, (_, n) => Math.min(each, whole - n * each));
  const sizes = call.numbers(1) ?? call.ints('split') ?? even;
  return call.tf.split(tensor, [...sizes], axis).map((part) => ({ tensor: part, last: isLast }));
}

/** All indices of an ONNX slice: ends beyond the axis are clamped, negative ones count from the end. */
function cut(start: number, end: number, step: number, length: number): number[] {
  const from = start < 0 ? start + length : start;
  const to = end < 0 ? end + length : end;
  const indices: number[] = [];
  if (step > 0) for (let i = Math.max(0, from); i < Math.min(length, to); i += step) indices.push(i);
  else for (let i = Math.min(length - 1, from); i > Math.max(-1, to); i += step) indices.push(i);
  return indices;
}

function slice(call: Call): TfjsValue {
  const { tensor, last: isLast } = call.value();
  const starts = call.numbers(1) ?? [...(call.ints('starts') ?? [])];
  const ends = call.numbers(2) ?? [...(call.ints('ends') ?? [])];
  const axes = call.numbers(3) ?? call.ints('axes') ?? starts.map((_, axis) => axis);
  const steps = call.numbers(4) ?? starts.map(() => 1);
  const begin = tensor.shape.map(() => 0);
  const sizes = [...tensor.shape];
  let result = tensor;
  axes.forEach((given, n) => {
    const axis = call.axis(given);
    const indices = cut(starts[n]!, ends[n]!, steps[n]!, tensor.shape[axis]!);
    if (steps[n] === 1) {
      begin[axis] = indices[0] ?? 0;
      sizes[axis] = indices.length;
    } else result = pick(call.tf, result, indices, axis);
  });
  const whole = result.shape.map((dim, axis) => (steps.every((step) => step === 1) ? sizes[axis]! : dim));
  const ranged = axes.filter((_, n) => steps[n] === 1).map((given) => call.axis(given));
  for (const axis of ranged) whole[axis] = sizes[axis]!;
  return { tensor: call.tf.slice(result, begin, whole), last: isLast };
}

/** Gathers rows, columns or channels of a tensor. */
export function pick(tf: Tf, tensor: Tensor, indices: readonly number[], axis: number): Tensor {
  return tf.gather(tensor, tf.tensor1d([...indices], 'int32'), axis);
}

function gather(call: Call): TfjsValue {
  const { tensor, last: isLast } = call.value();
  const axis = call.axis(call.int('axis', 0));
  const indices = call.value(1).tensor;
  const positive = call.numbers(1)!.map((index) => (index < 0 ? index + tensor.shape[axis]! : index));
  if (indices.rank === 1) return { tensor: pick(call.tf, tensor, positive, axis), last: isLast };
  const flat = call.axis(call.int('axis', 0), { tensor, last: false });
  const x = call.plain();
  const shape = [...x.shape.slice(0, flat), ...indices.shape, ...x.shape.slice(flat + 1)];
  return plain(call.tf.reshape(pick(call.tf, x, positive, flat), shape));
}

/** Ops that move numbers without changing them. */
export const LAYOUT: Readonly<Record<string, TfjsOp>> = {
  Concat: { run: concat },
  Expand: {
    run: (call) => {
      const [shape, wanted] = [call.shape(), call.numbers(1)!];
      const rank = Math.max(shape.length, wanted.length);
      const at = (dims: readonly number[], axis: number) => dims[axis - rank + dims.length] ?? 1;
      const target = Array.from({ length: rank }, (_, axis) => Math.max(at(shape, axis), at(wanted, axis)));
      return plain(call.tf.broadcastTo(call.plain(), target));
    },
  },
  Flatten: { run: reshape(flattened) },
  Gather: { run: gather },
  Reshape: { run: reshape(reshaped) },
  Slice: { run: slice },
  Split: { run: split },
  Squeeze: { run: reshape(squeezed) },
  Tile: { run: (call) => plain(call.tf.tile(call.plain(), call.numbers(1)!)) },
  Transpose: { run: transpose },
  Unsqueeze: { run: reshape(unsqueezed) },
};

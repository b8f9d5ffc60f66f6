import { over, plus, shapeText } from '../dims.js';
import type { Dim } from '../types.js';
import type { OpCall, OpRule } from './rule.js';

/** What Slice writes for "to the end". */
const END = 2 ** 31 - 1;

function sliced(call: OpCall, dim: Dim, axis: number, start: number, end: number, step: number): Dim {
  if (step === 0) throw call.error('a step other than 0', '0');
  if (typeof dim === 'number') {
    const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + dim : at, low), high);
    const [from, to] =
      step > 0 ? [clamp(start, 0, dim), clamp(end, 0, dim)] : [clamp(start, 0, dim - 1), clamp(end, -1, dim - 1)];
    return Math.max(0, Math.ceil((to - from) / step));
  }
  // A slice of an unknown size is assumed to lie inside it.
  if (step !== 1) return call.unknown(axis);
  if (end >= END) return start < 0 ? -start : plus(dim, -start);
  if (start < 0 === end < 0) return end - start;
  return start < 0 ? call.unknown(axis) : plus(dim, end - start);
}

function sliceDims(call: OpCall): Dim[] {
  const { dims } = call.input(0);
  const count = Number(call.input(1, 1).dims[0]);
  const axes = call.has(3) ? call.numbers(3) : Array.from({ length: count }, (_, axis) => axis);
  if (axes === undefined) return dims.map((_, axis) => call.unknown(axis));
  const [starts, ends, steps] = [call.numbers(1), call.numbers(2), call.has(4) ? call.numbers(4) : axes.map(() => 1)];
  const result = [...dims];
  axes.forEach((given, i) => {
    const axis = call.axis(given, dims.length);
    const known = starts !== undefined && ends !== undefined && steps !== undefined;
    result[axis] = known ? sliced(call, dims[axis]!, axis, starts[i]!, ends[i]!, steps[i]!) : call.unknown(axis);
  });
  return result;
}

function splitSizes(call: OpCall, dim: Dim): Dim[] {
  const given = call.numbers(1);
  if (given === undefined) return new Array<Dim>(call.outputs).fill(quotient(call, dim, call.outputs));
  const total = given.reduce((sum, size) => sum + size, 0);
  if (given.length !== call.outputs || (typeof dim === 'number' && total !== dim)) {
    throw call.error(`${call.outputs} sizes that add up to ${dim}`, `[${given.join(', ')}]`);
  }
  return given;
}

/** The size of one of `count` equal parts. */
export function quotient(call: OpCall, dim: Dim, count: number): Dim {
  if (typeof dim === 'number' && dim % count !== 0) throw call.error(`a multiple of ${count}`, String(dim));
  return over(dim, count);
}

/** Ops that slice, split or concatenate. */
export const CUT: Readonly<Record<string, OpRule>> = {
  Concat: {
    inputs: [1, Number.POSITIVE_INFINITY],
    attributes: { axis: 'int' },
    infer: (call) => {
      const shapes = call.inputs.map((_, index) => call.input(index).dims);
      const [first] = shapes as [readonly Dim[]];
      const axis = call.axis(call.int('axis', 0), first.length);
      for (const dims of shapes) {
        const fits = dims.length === first.length && dims.every((dim, i) => i === axis || dim === first[i]);
        if (!fits) throw call.error(`shapes that differ in axis ${axis} only`, shapes.map(shapeText).join(', '));
      }
      const joined = shapes.map((dims) => dims[axis]!);
      const total = joined.every((dim) => typeof dim === 'number')
        ? joined.reduce((sum: number, dim) => sum + Number(dim), 0)
        : joined.join('+');
      return [{ type: call.sameType(...shapes.keys()), dims: first.map((dim, i) => (i === axis ? total : dim)) }];
    },
  },
  Split: {
    inputs: [1, 2],
    attributes: { axis: 'int', num_outputs: 'int' },
    infer: (call) => {
      const { type, dims } = call.input(0);
      const axis = call.axis(call.int('axis', 0), dims.length);
      return splitSizes(call, dims[axis]!).map((size) => ({
        type,
        dims: dims.map((dim, i) => (i === axis ? size : dim)),
      }));
    },
  },
  Slice: {
    inputs: [3, 5],
    attributes: {},
    infer: (call) => [{ type: call.input(0).type, dims: sliceDims(call) }],
  },
  Gather: {
    inputs: [2, 2],
    attributes: { axis: 'int' },
    infer: (call) => {
      const { type, dims } = call.input(0);
      const axis = call.axis(call.int('axis', 0), dims.length);
      return [{ type, dims: [...dims.slice(0, axis), ...call.input(1).dims, ...dims.slice(axis + 1)] }];
    },
  },
};

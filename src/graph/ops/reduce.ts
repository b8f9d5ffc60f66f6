import type { Dim } from '../types.js';
import type { OpCall, OpRule } from './rule.js';

function reduced(call: OpCall): Dim[] {
  const { dims } = call.input(0);
  if (call.has(1) && call.numbers(1) === undefined) throw call.error('axes that are constant', 'a computed value');
  const given = call.numbers(1) ?? call.ints('axes') ?? [];
  const none = given.length === 0 && call.int('noop_with_empty_axes', 0) === 1;
  const axes = new Set(given.map((axis) => call.axis(axis, dims.length)));
  const gone = (axis: number) => !none && (axes.size === 0 || axes.has(axis));
  if (call.int('keepdims', 1) === 1) return dims.map((dim, axis) => (gone(axis) ? 1 : dim));
  return dims.filter((_, axis) => !gone(axis));
}

const reduction = (axesInputSince: number): OpRule => ({
  inputs: [1, 2],
  attributes: { axes: 'ints', keepdims: 'int', noop_with_empty_axes: 'int' },
  axesInputSince,
  infer: (call) => [{ type: call.input(0).type, dims: reduced(call) }],
});

/** Reductions; without axes they reduce all axes. */
export const REDUCE: Readonly<Record<string, OpRule>> = {
  ReduceL1: reduction(18),
  ReduceL2: reduction(18),
  ReduceMax: reduction(18),
  ReduceMean: reduction(18),
  ReduceMin: reduction(18),
  ReduceProd: reduction(18),
  ReduceSum: reduction(13),
  ReduceSumSquare: reduction(18),
};

import { broadcast, over, product, shapeText, times } from '../dims.js';
import type { Dim } from '../types.js';
import type { OpCall, OpRule } from './rule.js';

function reshaped(call: OpCall): Dim[] {
  const { dims } = call.input(0);
  const target = call.numbers(1);
  if (target === undefined) {
    const [rank] = call.input(1, 1).dims;
    if (typeof rank !== 'number') throw call.error('a shape of known length', String(rank));
    return Array.from({ length: rank }, (_, axis) => call.unknown(axis));
  }
  const keepZero = call.int('allowzero', 0) === 1;
  const result: Dim[] = target.map((size, axis) => (size === 0 && !keepZero ? (dims[axis] ?? 0) : size));
  const open = target.indexOf(-1);
  const left = [...dims];
  const placed = result.filter((_, axis) => axis !== open);
  const unmatched = placed.filter((dim) => {
    const at = left.indexOf(dim);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const [whole, part] = [product(left), product(unmatched)];
  const mismatch = () => call.error(`a shape of ${product(dims)} elements`, shapeText(target));
  if (open < 0) {
    if (typeof whole === 'number' && typeof part === 'number' && whole !== part) throw mismatch();
    return result;
  }
  if (typeof part !== 'number') throw mismatch();
  if (typeof whole === 'number' && (part === 0 || whole % part !== 0)) throw mismatch();
  result[open] = over(whole, part);
  return result;
}

/** The axes of Squeeze and Unsqueeze: the second input, or the attribute of older opsets. */
function axesOf(call: OpCall, rank: number): number[] | undefined {
  if (call.has(1) && call.numbers(1) === undefined) throw call.error('axes that are constant', 'a computed value');
  return (call.numbers(1) ?? call.ints('axes'))?.map((axis) => call.axis(axis, rank));
}

/** Ops that move, repeat, cut or join elements without computing anything new but means between neighbours. */
export const LAYOUT: Readonly<Record<string, OpRule>> = {
  Transpose: {
    inputs: [1, 1],
    attributes: { perm: 'ints' },
    infer: (call) => {
      const { type, dims } = call.input(0);
      const perm = call.ints('perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
      if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== dims.length) {
        throw call.error(`a permutation of ${dims.length} axes`, `[${perm.join(', ')}]`);
      }
      return [{ type, dims: perm.map((axis) => dims[axis]!) }];
    },
  },
  Reshape: {
    inputs: [2, 2],
    attributes: { allowzero: 'int' },
    infer: (call) => [{ type: call.input(0).type, dims: reshaped(call) }],
  },
  Flatten: {
    inputs: [1, 1],
    attributes: { axis: 'int' },
    infer: (call) => {
      const { type, dims } = call.input(0);
      const axis = call.int('axis', 1);
      const at = axis < 0 ? axis + dims.length : axis;
      return [{ type, dims: [product(dims.slice(0, at)), product(dims.slice(at))] }];
    },
  },
  Squeeze: {
    inputs: [1, 2],
    attributes: { axes: 'ints' },
    axesInputSince: 13,
    infer: (call) => {
      const { type, dims } = call.input(0);
      const axes = axesOf(call, dims.length) ?? dims.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
      for (const axis of axes) {
        if (dims[axis] !== 1) throw call.error(`size 1 at axis ${axis}`, shapeText(dims));
      }
      return [{ type, dims: dims.filter((_, axis) => !axes.includes(axis)) }];
    },
  },
  Unsqueeze: {
    inputs: [1, 2],
    attributes: { axes: 'ints' },
    axesInputSince: 13,
    infer: (call) => {
      const { type, dims } = call.input(0);
      const count = (call.numbers(1) ?? call.ints('axes') ?? []).length;
      const axes = axesOf(call, dims.length + count) ?? [];
      const rest = [...dims];
      return [
        { type, dims: Array.from({ length: dims.length + count }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!)) },
      ];
    },
  },
  Expand: {
    inputs: [2, 2],
    attributes: {},
    infer: (call) => {
      const { type, dims } = call.input(0);
      const target = call.numbers(1) ?? dims.map((_, axis) => call.unknown(axis));
      const result = call.numbers(1) === undefined ? target : broadcast(dims, target);
      if (result === undefined) throw call.error(`a shape that ${shapeText(dims)} broadcasts to`, shapeText(target));
      return [{ type, dims: result }];
    },
  },
  Tile: {
    inputs: [2, 2],
    attributes: {},
    infer: (call) => {
      const { type, dims } = call.input(0);
      const repeats = call.numbers(1);
      return [{ type, dims: dims.map((dim, axis) => (repeats ? times(dim, repeats[axis]!) : call.unknown(axis))) }];
    },
  },
  Shape: {
    inputs: [1, 1],
    attributes: { end: 'int', start: 'int' },
    infer: (call) => {
      const { length } = call.input(0).dims;
      const at = (value: number) => Math.min(Math.max(value < 0 ? value + length : value, 0), length);
      return [{ type: 'int64', dims: [Math.max(0, at(call.int('end', length)) - at(call.int('start', 0)))] }];
    },
  },
  ConstantOfShape: {
    inputs: [1, 1],
    attributes: { value: 'tensor' },
    infer: (call) => {
      const value = call.attributes.get('value');
      const length = Number(call.input(0, 1).dims[0]);
      const dims = call.numbers(0) ?? Array.from({ length }, (_, axis) => call.unknown(axis));
      return [{ type: value?.kind === 'tensor' ? value.value.type : 'float32', dims }];
    },
  },
};

import { broadcast, over, plus, product, shapeText, times } from '../dims.js';
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
  // Of a size that only the run tells, a slice is taken to lie inside it.
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

function padded(call: OpCall): Dim[] {
  const { dims } = call.input(0);
  const pads = call.numbers(1);
  if (pads === undefined) return dims.map((_, axis) => call.unknown(axis));
  const axes = call.has(3) ? call.numbers(3) : dims.map((_, axis) => axis);
  if (axes === undefined) return dims.map((_, axis) => call.unknown(axis));
  if (pads.length !== axes.length * 2) throw call.error(`${axes.length * 2} pads`, `[${pads.join(', ')}]`);
  const result = [...dims];
  axes.forEach((given, i) => {
    const axis = call.axis(given, dims.length);
    const [before, after] = [pads[i]!, pads[i + axes.length]!];
    const dim = dims[axis]!;
    // ONNX Runtime reads past the picture when it has to reflect more than there is.
    if (call.text('mode', 'constant') === 'reflect' && typeof dim === 'number' && Math.max(before, after) >= dim) {
      throw call.error(`pads below the ${dim} of axis ${axis} to reflect`, `[${pads.join(', ')}]`);
    }
    result[axis] = plus(dim, before + after);
  });
  return result;
}

function resized(call: OpCall): Dim[] {
  const { dims } = call.input(0);
  const axes = (call.ints('axes') ?? dims.map((_, axis) => axis)).map((axis) => call.axis(axis, dims.length));
  const scales = call.has(2) && call.input(2).dims[0] !== 0;
  const given = call.numbers(scales ? 2 : 3);
  if (!scales && !call.has(3)) throw call.error('scales or sizes', 'neither');
  if (given !== undefined && given.length !== axes.length) {
    throw call.error(`${axes.length} ${scales ? 'scales' : 'sizes'}`, `[${given.join(', ')}]`);
  }
  const result = [...dims];
  axes.forEach((axis, i) => {
    const value = given?.[i];
    const dim = dims[axis]!;
    if (value === undefined) result[axis] = call.unknown(axis);
    else if (!scales) result[axis] = value;
    else if (typeof dim === 'number') result[axis] = Math.floor(dim * value);
    else if (Number.isInteger(value)) result[axis] = times(dim, value);
    else result[axis] = Number.isInteger(1 / value) ? over(dim, 1 / value) : call.unknown(axis);
  });
  return result;
}

function blocks(call: OpCall): number {
  const block = call.int('blocksize', 0);
  if (block < 1) throw call.error('a blocksize ≥ 1', String(block));
  return block;
}

function quotient(call: OpCall, dim: Dim, count: number): Dim {
  if (typeof dim === 'number' && dim % count !== 0) throw call.error(`a multiple of ${count}`, String(dim));
  return over(dim, count);
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
  Pad: {
    inputs: [2, 4],
    attributes: { mode: 'string' },
    infer: (call) => {
      const mode = call.text('mode', 'constant');
      if (!['constant', 'reflect', 'edge', 'wrap'].includes(mode))
        throw call.error('mode constant, reflect, edge or wrap', mode);
      return [{ type: call.sameType(0, 2), dims: padded(call) }];
    },
  },
  Resize: {
    inputs: [1, 4],
    attributes: {
      antialias: 'int',
      axes: 'ints',
      coordinate_transformation_mode: 'string',
      cubic_coeff_a: 'float',
      exclude_outside: 'int',
      extrapolation_value: 'float',
      keep_aspect_ratio_policy: 'string',
      mode: 'string',
      nearest_mode: 'string',
    },
    infer: (call) => [{ type: call.input(0).type, dims: resized(call) }],
  },
  SpaceToDepth: {
    inputs: [1, 1],
    attributes: { blocksize: 'int' },
    infer: (call) => {
      const { type, dims } = call.input(0, 4);
      const block = blocks(call);
      const spatial = dims.slice(2).map((dim) => quotient(call, dim, block));
      return [{ type, dims: [dims[0]!, times(dims[1]!, block * block), ...spatial] }];
    },
  },
  DepthToSpace: {
    inputs: [1, 1],
    attributes: { blocksize: 'int', mode: 'string' },
    infer: (call) => {
      const { type, dims } = call.input(0, 4);
      const block = blocks(call);
      const spatial = dims.slice(2).map((dim) => times(dim, block));
      return [{ type, dims: [dims[0]!, quotient(call, dims[1]!, block * block), ...spatial] }];
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

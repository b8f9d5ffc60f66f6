import { over, plus, times } from '../dims.js';
import type { Dim } from '../types.js';
import { quotient } from './cut.js';
import type { OpCall, OpRule } from './rule.js';

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
    // ONNX Runtime reads out of bounds when reflection padding exceeds the picture.
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

/** Ops that change the size of a picture. */
export const PICTURE: Readonly<Record<string, OpRule>> = {
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
};

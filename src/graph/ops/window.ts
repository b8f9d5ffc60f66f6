import { broadcast, over, plus, shapeText, times } from '../dims.js';
import type { Dim } from '../types.js';
import type { OpCall, OpRule } from './rule.js';

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Rows added at the start of each spatial axis, then at the end of each. */
  readonly pads: readonly number[];
  readonly autoPad: string;
}

function windowOf(call: OpCall, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const list = (name: string, length: number, otherwise: number) => {
    const values = call.ints(name) ?? new Array<number>(length).fill(otherwise);
    if (values.length !== length) throw call.error(`${length} ${name}`, `[${values.join(', ')}]`);
    return values;
  };
  return {
    kernel,
    strides: list('strides', rank, 1),
    dilations: list('dilations', rank, 1),
    pads: list('pads', rank * 2, 0),
    autoPad: call.text('auto_pad', 'NOTSET'),
  };
}

/** The size of one spatial axis after a window has moved over it. */
function slid(call: OpCall, dim: Dim, axis: number, window: Window, ceil = false): Dim {
  const stride = window.strides[axis]!;
  if (window.autoPad.startsWith('SAME')) return over(plus(dim, stride - 1), stride);
  const rank = window.kernel.length;
  const extent = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1;
  const padding = window.autoPad === 'VALID' ? 0 : window.pads[axis]! + window.pads[axis + rank]!;
  if (ceil && typeof dim === 'number') {
    const size = Math.ceil((dim + padding - extent) / stride) + 1;
    // A window that would start in the end padding is left out.
    return (size - 1) * stride >= dim + window.pads[axis]! ? size - 1 : size;
  }
  const size = over(plus(dim, padding - extent + stride), stride);
  if (typeof size === 'number' && size < 1)
    throw call.error(`at least ${extent - padding} along axis ${axis + 2}`, String(dim));
  return size;
}

const WINDOW = { auto_pad: 'string', dilations: 'ints', kernel_shape: 'ints', pads: 'ints', strides: 'ints' } as const;

const pool = (attributes: OpRule['attributes'], outputs: number): OpRule => ({
  inputs: [1, 1],
  attributes: { ...WINDOW, ceil_mode: 'int', ...attributes },
  infer: (call) => {
    const { type, dims } = call.input(0);
    const window = windowOf(call, call.ints('kernel_shape') ?? []);
    if (window.kernel.length !== dims.length - 2) {
      throw call.error(`kernel_shape with ${dims.length - 2} sizes`, `[${window.kernel.join(', ')}]`);
    }
    const ceil = call.int('ceil_mode', 0) === 1;
    const spatial = dims.slice(2).map((dim, axis) => slid(call, dim, axis, window, ceil));
    const shape = { type, dims: [...dims.slice(0, 2), ...spatial] };
    return [shape, { ...shape, type: 'int64' as const }].slice(0, outputs);
  },
});

/** The weights' shape, checked against the channels of the input; all of it must be known. */
function weightsOf(call: OpCall, channelsPerWeight: number): number[] {
  const { dims } = call.input(1, call.input(0).dims.length);
  const sizes = dims.filter((dim) => typeof dim === 'number');
  if (sizes.length !== dims.length) throw call.error('weights of a known shape', shapeText(dims));
  const channels = call.input(0).dims[1]!;
  if (typeof channels === 'number' && channels !== channelsPerWeight) {
    throw call.error(
      `${channelsPerWeight} input channels for weights ${shapeText(dims)}`,
      shapeText(call.input(0).dims),
    );
  }
  return sizes;
}

function expectVector(call: OpCall, index: number, length: Dim | undefined): void {
  if (!call.has(index)) return;
  const [size] = call.input(index, 1).dims;
  if (size !== length) throw call.error(`input ${index} with ${length} elements`, String(size));
}

function matrixProduct(call: OpCall): Dim[] {
  const [a, b] = [call.input(0).dims, call.input(1).dims];
  if (a.length === 0 || b.length === 0) throw call.error('matrices', `${shapeText(a)} and ${shapeText(b)}`);
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  if (batch === undefined || left.at(-1) !== right.at(-2)) {
    throw call.error('[…, m, k] and […, k, n]', `${shapeText(a)} and ${shapeText(b)}`);
  }
  return [...batch, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])];
}

/** Convolutions, pools, norms and matrix products: ops that mix channels or neighbours. */
export const WINDOWED: Readonly<Record<string, OpRule>> = {
  Conv: {
    inputs: [2, 3],
    attributes: { ...WINDOW, group: 'int' },
    infer: (call) => {
      const { dims } = call.input(0);
      const group = call.int('group', 1);
      const weights = weightsOf(call, Number(call.input(1).dims[1]) * group);
      expectVector(call, 2, weights[0]);
      const window = windowOf(call, weights.slice(2));
      const spatial = dims.slice(2).map((dim, axis) => slid(call, dim, axis, window));
      return [{ type: call.sameType(0, 1, 2), dims: [dims[0]!, weights[0]!, ...spatial] }];
    },
  },
  ConvTranspose: {
    inputs: [2, 3],
    attributes: { ...WINDOW, group: 'int', output_padding: 'ints', output_shape: 'ints' },
    infer: (call) => {
      const { dims } = call.input(0);
      const weights = weightsOf(call, Number(call.input(1).dims[0]));
      const channels = weights[1]! * call.int('group', 1);
      expectVector(call, 2, channels);
      const { kernel, strides, dilations, pads, autoPad } = windowOf(call, weights.slice(2));
      const fixed = call.ints('output_shape');
      const extra = call.ints('output_padding');
      const spatial = dims.slice(2).map((dim, axis) => {
        if (fixed !== undefined) return fixed.at(axis - kernel.length)!;
        if (autoPad.startsWith('SAME')) return times(dim, strides[axis]!);
        const extent = (kernel[axis]! - 1) * dilations[axis]! + 1;
        const padding = autoPad === 'VALID' ? 0 : pads[axis]! + pads[axis + kernel.length]!;
        return plus(times(dim, strides[axis]!), extent - strides[axis]! - padding + (extra?.[axis] ?? 0));
      });
      return [{ type: call.sameType(0, 1, 2), dims: [dims[0]!, channels, ...spatial] }];
    },
  },
  AveragePool: pool({ count_include_pad: 'int' }, 1),
  MaxPool: pool({ storage_order: 'int' }, 2),
  GlobalAveragePool: {
    inputs: [1, 1],
    attributes: {},
    infer: (call) => {
      const { type, dims } = call.input(0);
      return [{ type, dims: dims.map((dim, axis) => (axis < 2 ? dim : 1)) }];
    },
  },
  InstanceNormalization: {
    inputs: [3, 3],
    attributes: { epsilon: 'float' },
    infer: (call) => {
      const { dims } = call.input(0);
      for (const index of [1, 2]) expectVector(call, index, dims[1]);
      return [{ type: call.sameType(0, 1, 2), dims }];
    },
  },
  BatchNormalization: {
    inputs: [5, 5],
    attributes: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
    infer: (call) => {
      const { type, dims } = call.input(0);
      for (const index of [1, 2, 3, 4]) expectVector(call, index, dims[1]);
      return [{ type, dims }];
    },
  },
  MatMul: {
    inputs: [2, 2],
    attributes: {},
    infer: (call) => [{ type: call.sameType(0, 1), dims: matrixProduct(call) }],
  },
  Gemm: {
    inputs: [2, 3],
    attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
    infer: (call) => {
      const [a, b] = [call.input(0, 2).dims, call.input(1, 2).dims];
      const [m, k] = call.int('transA', 0) ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
      const [inner, n] = call.int('transB', 0) ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
      if (k !== inner) throw call.error('[m, k] and [k, n]', `[${m}, ${k}] and [${inner}, ${n}]`);
      if (call.has(2) && broadcast(call.input(2).dims, [m, n])?.join() !== [m, n].join()) {
        throw call.error(`a bias that broadcasts to [${m}, ${n}]`, shapeText(call.input(2).dims));
      }
      return [{ type: call.sameType(0, 1, 2), dims: [m, n] }];
    },
  },
  GridSample: {
    inputs: [2, 2],
    attributes: { align_corners: 'int', mode: 'string', padding_mode: 'string' },
    infer: (call) => {
      const [image, grid] = [call.input(0, 4), call.input(1, 4)];
      if (grid.dims[3] !== 2 || grid.dims[0] !== image.dims[0]) {
        throw call.error(`a grid [${image.dims[0]}, height, width, 2]`, shapeText(grid.dims));
      }
      return [{ type: image.type, dims: [image.dims[0]!, image.dims[1]!, grid.dims[1]!, grid.dims[2]!] }];
    },
  },
};

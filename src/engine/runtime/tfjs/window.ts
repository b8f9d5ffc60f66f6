import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { type Call, last, type NodeView, plain, type TfjsOp, type TfjsValue } from './call.js';

/** Rows or columns before and after, for each of the two axes. */
type Around = readonly [readonly [number, number], readonly [number, number]];

/** A window over the two axes of a picture. */
interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pads: Around;
}

function windowOf(call: Call, kernel: readonly number[], [, , ...sides]: readonly number[]): Window {
  const pair = (values: readonly number[] | undefined, otherwise: number): [number, number] => [
    values?.[0] ?? otherwise,
    values?.[1] ?? otherwise,
  ];
  const strides = pair(call.ints('strides'), 1);
  const dilations = pair(call.ints('dilations'), 1);
  const auto = call.text('auto_pad', 'NOTSET');
  const given = call.ints('pads') ?? [0, 0, 0, 0];
  const along = (axis: 0 | 1): [number, number] => {
    if (!auto.startsWith('SAME')) return auto === 'VALID' ? [0, 0] : [given[axis]!, given[axis + 2]!];
    const length = sides[axis]!;
    const extent = (kernel[axis]! - 1) * dilations[axis] + 1;
    const total = Math.max(0, (Math.ceil(length / strides[axis]) - 1) * strides[axis] + extent - length);
    const small = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  };
  return { kernel: pair(kernel, 1), strides, dilations, pads: [along(0), along(1)] };
}

const explicit = ([y, x]: Around): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [...y],
  [...x],
  [0, 0],
];

function withBias(call: Call, result: Tensor): TfjsValue {
  return last(call.has(2) ? call.tf.add(result, call.plain(2)) : result);
}

/** Weights `[out, in / group, h, w]`, in tfjs `[h, w, in, out]`, for depthwise ones `[h, w, in, out / in]`. */
function conv(call: Call): TfjsValue {
  const { tf } = call;
  const x = call.last();
  const [out, inner, ...kernel] = call.shape(1) as [number, number, number, number];
  const group = call.int('group', 1);
  const { strides, dilations, pads } = windowOf(call, kernel, call.shape());
  const filter = call.once('filter', [1], () => tf.transpose(call.plain(1), [2, 3, 1, 0]) as Tensor4D);
  const convolve = (input: Tensor4D, weights: Tensor4D) =>
    tf.conv2d(input, weights, strides, explicit(pads), 'NHWC', dilations);
  if (group === 1) return withBias(call, convolve(x, filter));
  if (inner === 1 && group === x.shape[3]) {
    const depthwise = call.once(
      'depthwise',
      [1],
      () => tf.reshape(filter, [...kernel, group, out / group]) as Tensor4D,
    );
    return withBias(call, tf.depthwiseConv2d(x, depthwise, strides, explicit(pads), 'NHWC', dilations));
  }
  const filters = tf.split(filter, group, 3);
  const parts = tf.split(x, group, 3).map((part, n) => convolve(part as Tensor4D, filters[n]! as Tensor4D));
  return withBias(call, tf.concat(parts, 3));
}

/**
 * Weights `[in, out / group, h, w]`, in tfjs `[h, w, out, in]`. The full result is computed, then cropped by the pads.
 */
function convTranspose(call: Call): TfjsValue {
  const { tf } = call;
  const x = call.last();
  const [n, h, w] = x.shape;
  const [, perGroup, ...kernel] = call.shape(1) as [number, number, number, number];
  const group = call.int('group', 1);
  const { strides } = windowOf(call, kernel, call.shape());
  const filter = call.once('filter', [1], () => tf.transpose(call.plain(1), [2, 3, 1, 0]) as Tensor4D);
  const full = [(h - 1) * strides[0] + kernel[0]!, (w - 1) * strides[1] + kernel[1]!] as const;
  const filters = group === 1 ? [filter] : tf.split(filter, group, 3);
  const parts = (group === 1 ? [x] : tf.split(x, group, 3)).map((part, i) =>
    tf.conv2dTranspose(part as Tensor4D, filters[i]! as Tensor4D, [n, ...full, perGroup], strides, 'valid'),
  );
  const whole = parts.length === 1 ? parts[0]! : tf.concat(parts, 3);
  const extra = call.ints('output_padding') ?? [0, 0];
  const pads = transposedPads(call, [h, w], kernel, strides, extra);
  const grown = tf.pad(
    whole,
    [0, 0, 0, 0].map((_, axis): [number, number] => [0, axis === 1 || axis === 2 ? extra[axis - 1]! : 0]),
  );
  const sizes = [0, 1].map((axis) => full[axis]! + extra[axis]! - pads[axis]![0] - pads[axis]![1]);
  const cut = tf.slice(grown, [0, pads[0][0], pads[1][0], 0], [n, sizes[0]!, sizes[1]!, whole.shape[3]!]);
  return withBias(call, cut);
}

function transposedPads(
  call: Call,
  sides: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  extra: readonly number[],
): Around {
  const auto = call.text('auto_pad', 'NOTSET');
  const shape = call.ints('output_shape');
  const given = call.ints('pads') ?? [0, 0, 0, 0];
  const along = (axis: 0 | 1): readonly [number, number] => {
    const wanted = shape?.at(axis - 2) ?? (auto.startsWith('SAME') ? sides[axis]! * strides[axis]! : undefined);
    if (wanted === undefined) return auto === 'VALID' ? [0, 0] : [given[axis]!, given[axis + 2]!];
    const total = Math.max(0, (sides[axis]! - 1) * strides[axis]! + kernel[axis]! + extra[axis]! - wanted);
    const small = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  };
  return [along(0), along(1)];
}

/** Pads, with rows added at the end where `ceil_mode` lets the last window exceed the picture. */
function pooled(call: Call): { window: Window; pads: Around } {
  const kernel = call.ints('kernel_shape') ?? [];
  const shape = call.shape();
  const window = windowOf(call, kernel, shape);
  if (call.int('ceil_mode', 0) === 0) return { window, pads: window.pads };
  const along = (axis: 0 | 1): readonly [number, number] => {
    const [before, after] = window.pads[axis];
    const rest = (shape[axis + 2]! + before + after - kernel[axis]!) % window.strides[axis];
    const more = rest === 0 ? 0 : window.strides[axis] - rest;
    // A window that would start inside the end padding is omitted.
    const starts = shape[axis + 2]! + before + after + more - kernel[axis]!;
    return [before, starts >= shape[axis + 2]! + before ? after : after + more];
  };
  return { window, pads: [along(0), along(1)] };
}

const LOWEST = -3.4e38;

function maxPool(call: Call): TfjsValue {
  const { window, pads } = pooled(call);
  const x = call.tf.pad(call.last(), explicit(pads), LOWEST);
  return last(call.tf.maxPool(x, [...window.kernel], window.strides, 'valid'));
}

/** The mean over existing pixels or, with `count_include_pad`, over padding as well. */
function averagePool(call: Call): TfjsValue {
  const { tf } = call;
  const { window, pads } = pooled(call);
  const x = call.last();
  const mean = (value: Tensor4D) => tf.avgPool(value, [...window.kernel], window.strides, 'valid');
  const counted =
    call.int('count_include_pad', 0) === 1
      ? window.pads
      : ([
          [0, 0],
          [0, 0],
        ] as const);
  const ones = tf.pad(tf.ones([1, x.shape[1], x.shape[2], 1]), explicit(counted), 1) as Tensor4D;
  const rest = pads.map(([before, after], axis) => [before - counted[axis]![0], after - counted[axis]![1]] as const);
  const share = mean(tf.pad(ones, explicit(rest as unknown as Around)));
  return last(tf.div(mean(tf.pad(x, explicit(pads))), share));
}

function matMul(call: Call): TfjsValue {
  const [a, b] = [call.plain(0), call.plain(1)];
  return plain(call.tf.matMul(a, b));
}

function gemm(call: Call): TfjsValue {
  const { tf } = call;
  const transposed = (name: string) => call.int(name, 0) === 1;
  const product = tf.matMul(call.plain(0), call.plain(1), transposed('transA'), transposed('transB'));
  const scaled = tf.mul(product, call.float('alpha', 1));
  return plain(call.has(2) ? tf.add(scaled, tf.mul(call.plain(2), call.float('beta', 1))) : scaled);
}

const dilated = (call: NodeView) => (call.ints('dilations')?.some((d) => d !== 1) ? 'with dilations' : undefined);
const flat = (call: NodeView) => (call.ints('kernel_shape')?.length === 2 ? undefined : 'other than over two axes');

/** Convolutions, pools and matrix products: ops that mix channels or neighbours. */
export const WINDOWED: Readonly<Record<string, TfjsOp>> = {
  AveragePool: { run: averagePool, refuse: (call) => dilated(call) ?? flat(call) },
  Conv: {
    run: conv,
    refuse: (call) =>
      dilated(call) && call.ints('strides')?.some((s) => s !== 1) ? 'with both strides and dilations' : undefined,
  },
  ConvTranspose: { run: convTranspose, refuse: dilated },
  Gemm: { run: gemm },
  MatMul: { run: matMul },
  MaxPool: { run: maxPool, refuse: (call) => dilated(call) ?? flat(call) },
};

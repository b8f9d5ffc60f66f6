import type { Tensor } from '@tensorflow/tfjs-core';
import { type Call, last, type TfjsOp, type TfjsValue } from './call.js';
import { pick } from './layout.js';

/** Index of the source pixel at position `i` of a padded axis. */
const BORDERS: Readonly<Record<string, (i: number, length: number) => number>> = {
  edge: (i, length) => Math.min(Math.max(i, 0), length - 1),
  reflect: (i, length) => {
    const period = 2 * (length - 1);
    const at = period === 0 ? 0 : ((i % period) + period) % period;
    return at < length ? at : period - at;
  },
  wrap: (i, length) => ((i % length) + length) % length,
};

function pad(call: Call): TfjsValue {
  const { tensor, last: isLast } = call.value();
  const pads = call.numbers(1) ?? [...(call.ints('pads') ?? [])];
  const { rank } = tensor;
  const axes = call.numbers(3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const mode = call.text('mode', 'constant');
  const around = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  axes.forEach((axis, n) => {
    around[call.axis(axis)] = [pads[n]!, pads[n + axes.length]!];
  });
  if (mode === 'constant') {
    const value = call.numbers(2)?.[0] ?? call.float('value', 0);
    const grown = around.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
    const padded = call.tf.pad(tensor, grown, value);
    const cut = around.map(([before]) => Math.max(0, -before));
    const sizes = tensor.shape.map((dim, axis) => dim + around[axis]![0] + around[axis]![1]);
    return { tensor: call.tf.slice(padded, cut, sizes), last: isLast };
  }
  let result = tensor as Tensor;
  around.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const length = tensor.shape[axis]!;
    const at = BORDERS[mode]!;
    const indices = Array.from({ length: length + before + after }, (_, i) => at(i - before, length));
    result = pick(call.tf, result, indices, axis);
  });
  return { tensor: result, last: isLast };
}

/** Input coordinate of an output pixel, by `coordinate_transformation_mode`. */
const COORDINATES: Readonly<Record<string, (i: number, scale: number, from: number, to: number) => number>> = {
  half_pixel: (i, scale) => (i + 0.5) / scale - 0.5,
  half_pixel_symmetric: (i, scale, from, to) => {
    const adjustment = to / (from * scale);
    return (from / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (i, scale, _, to) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, _, from, to) => (to === 1 ? 0 : (i * (from - 1)) / (to - 1)),
  asymmetric: (i, scale) => i / scale,
};

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Resizes one axis after the other: exact for nearest and linear in all coordinate modes. */
function resize(call: Call): TfjsValue {
  const { tensor, last: isLast } = call.value();
  const upsample = call.node.op === 'Upsample';
  const shape = call.shape();
  const { rank } = tensor;
  const axes = (call.ints('axes') ?? shape.map((_, axis) => axis)).map((axis) => (axis < 0 ? axis + rank : axis));
  const scales = call.numbers(upsample ? 1 : 2) ?? call.floats('scales');
  const sizes = upsample ? undefined : call.numbers(3);
  const coordinates = COORDINATES[upsample ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel')]!;
  const round = NEAREST[upsample ? 'floor' : call.text('nearest_mode', 'round_prefer_floor')]!;
  const linear = call.text('mode', 'nearest') === 'linear';
  let result = tensor as Tensor;
  axes.forEach((axis, n) => {
    const from = shape[axis]!;
    const scale = scales?.length ? scales[n]! : sizes![n]! / from;
    const to = scales?.length ? Math.floor(from * scale) : sizes![n]!;
    if (to === from && scale === 1) return;
    const places = Array.from({ length: to }, (_, i) => coordinates(i, scale, from, to));
    const inside = (i: number) => Math.min(Math.max(i, 0), from - 1);
    const at = call.axis(axis);
    result = linear
      ? blend(call, result, places.map(inside), at, from)
      : pick(
          call.tf,
          result,
          places.map((x) => inside(round(x))),
          at,
        );
  });
  return { tensor: result, last: isLast };
}

function blend(call: Call, tensor: Tensor, places: readonly number[], axis: number, length: number): Tensor {
  const { tf } = call;
  const lower = places.map(Math.floor);
  const a = pick(tf, tensor, lower, axis);
  const upper = lower.map((i) => Math.min(i + 1, length - 1));
  const b = pick(tf, tensor, upper, axis);
  const shape = tensor.shape.map((_, at) => (at === axis ? places.length : 1));
  const share = tf.tensor(
    places.map((x, i) => x - lower[i]!),
    shape,
    'float32',
  );
  return tf.add(a, tf.mul(tf.sub(b, a), share));
}

function depthToSpace(call: Call): TfjsValue {
  const block = call.int('blocksize', 1);
  let x = call.last();
  if (call.text('mode', 'DCR') === 'CRD') {
    const channels = x.shape[3] / block ** 2;
    const order = Array.from({ length: x.shape[3] }, (_, i) => (i % channels) * block ** 2 + Math.floor(i / channels));
    x = pick(call.tf, x, order, 3) as typeof x;
  }
  return last(call.tf.depthToSpace(x, block, 'NHWC'));
}

function spaceToDepth(call: Call): TfjsValue {
  const { tf } = call;
  const b = call.int('blocksize', 1);
  const x = call.last();
  const [n, h, w, c] = x.shape;
  const blocks = tf.transpose(tf.reshape(x, [n, h / b, b, w / b, b, c]), [0, 1, 3, 2, 4, 5]);
  return last(tf.reshape(blocks, [n, h / b, w / b, b * b * c]));
}

const resizing: TfjsOp = {
  run: resize,
  refuse: (call) => {
    const mode = call.text('mode', 'nearest');
    const coordinates = call.text('coordinate_transformation_mode', 'half_pixel');
    if (mode !== 'nearest' && mode !== 'linear') return `in mode ${mode}`;
    if (!(coordinates in COORDINATES)) return `with ${coordinates}`;
    return call.int('antialias', 0) === 1 ? 'with antialias' : undefined;
  },
};

/** Ops that change the size of a picture. */
export const PICTURE: Readonly<Record<string, TfjsOp>> = {
  DepthToSpace: { run: depthToSpace },
  Pad: {
    run: pad,
    refuse: (call) => {
      const mode = call.text('mode', 'constant');
      return mode === 'constant' || mode in BORDERS ? undefined : `in mode ${mode}`;
    },
  },
  Resize: resizing,
  SpaceToDepth: { run: spaceToDepth },
  Upsample: resizing,
};

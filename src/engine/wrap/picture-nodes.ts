import { Tensor } from 'onnxruntime-common';
import type { Size } from '../../frame.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { FurtherInput, Manifest, PictureTensor } from '../../model/manifest/types.js';
import { STATE, type StateTensor } from '../analysis/recurrent-state.js';

// Graph nodes between pictures as bytes and a network.

/** Luminance of linear combinations of R, G, B (ITU-R BT.709). */
export const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** Axes of rows, columns and channels in a picture tensor. */
export interface Axes {
  readonly y: number;
  readonly x: number;
  readonly c: number;
}

/** The axes of pictures around a network, whatever its own layout is: each colour is a plane. */
export const PLANAR: Axes = { y: 2, x: 3, c: 1 };
/** The axes of pictures as bytes. */
export const INTERLEAVED: Axes = { y: 1, x: 2, c: 3 };

/**
 * Adds a network with its conversions of size, batch, layout and type before and after it.
 *
 * @param pixels float32 `[1, 3, H, W]` in the range and channel order of the network's input, of the size `seen`
 * @param given values of further inputs; the others get their defaults
 * @returns float32 `[1, 3, H, W]` of the size `seen`; range and channels are those of the output
 */
export function throughNetwork(
  graph: GraphBuilder,
  network: Model,
  manifest: Manifest,
  pixels: Value,
  seen: Size,
  given: Readonly<Record<string, Value>> = {},
  states: readonly StateTensor[] = [],
): Value {
  const { input, output } = manifest;
  let fed = input.size ? resize(graph, pixels, input.size) : pixels;
  if (input.batch && input.batch > 1) fed = graph.op('Concat', Array(input.batch).fill(fed), { axis: 0 });
  const dims = fed.dims as number[];
  fed = convert(graph, toLayout(graph, fed, input), input.type);
  const feeds: Record<string, Value> = { [input.name]: fed, ...given };
  states.forEach(({ input, dims }, n) => {
    feeds[input] = graph.input(STATE.before(n), 'float32', dims);
  });
  for (const further of manifest.inputs) feeds[further.name] ??= constant(graph, further);
  const answer = graph.embed(network, feeds, {
    [output.name]: { type: output.type, dims: dimsIn(dims, output) },
    ...Object.fromEntries(states.map(({ output, dims }) => [output, { type: 'float32', dims: [...dims] } as const])),
  });
  for (const [n, state] of states.entries()) graph.output(STATE.after(n), answer[state.output]!);
  let styled = convert(graph, answer[output.name]!, 'float32');
  if (input.batch && input.batch > 1) styled = slice(graph, styled, [0], [1], [0]);
  if (output.layout === 'nhwc') styled = graph.op('Transpose', [styled], { perm: [0, 3, 1, 2] });
  return input.size ? resize(graph, styled, seen) : styled;
}

/** A planar picture in the layout of a network. */
export function toLayout(graph: GraphBuilder, value: Value, { layout }: PictureTensor): Value {
  return layout === 'nchw' ? value : graph.op('Transpose', [value], { perm: [0, 2, 3, 1] });
}

/** Factor and offset per channel. */
export interface Affine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Levels 0–255 to the range of the network: `(level / 255 * (high - low) + low - mean) / std`. */
export function toNetwork({ range: [low, high], mean, std }: PictureTensor): Affine {
  const each = (f: (c: number) => number) => [0, 1, 2].map(f);
  const divisor = (c: number) => std?.[c] ?? 1;
  return {
    scale: each((c) => (high - low) / 255 / divisor(c)),
    shift: each((c) => (low - (mean?.[c] ?? 0)) / divisor(c)),
  };
}

/** The network's output to levels 0–255. */
export function fromNetwork(tensor: PictureTensor): Affine {
  const { scale, shift } = toNetwork(tensor);
  return { scale: scale.map((s) => 1 / s), shift: scale.map((s, c) => -shift[c]! / s) };
}

/** Multiplies and adds per channel of a planar picture, skipping identities. */
export function affine(graph: GraphBuilder, value: Value, { scale, shift }: Affine): Value {
  const vector = (numbers: readonly number[]) =>
    numbers.every((n) => n === numbers[0])
      ? graph.scalar('float32', numbers[0]!)
      : graph.constant('float32', [1, 3, 1, 1], numbers);
  let result = value;
  if (scale.some((s) => s !== 1)) result = graph.op('Mul', [result, vector(scale)]);
  if (shift.some((s) => s !== 0)) result = graph.op('Add', [result, vector(shift)]);
  return result;
}

/** Exchanges red and blue of a planar picture for BGR networks; it is its own inverse. */
export function swap(graph: GraphBuilder, value: Value, { channels }: PictureTensor): Value {
  return channels === 'bgr' ? graph.op('Gather', [value, graph.ints([2, 1, 0])], { axis: PLANAR.c }) : value;
}

/** Mirrors a picture `[1, H, W, 3]` by a slice with the inputs `from`, `to` and `step` of {@link mirrorColumns}. */
export function mirrored(graph: GraphBuilder, frame: Value): Value {
  const [from, to, step] = ['from', 'to', 'step'].map((name) => graph.input(name, 'int64', [1]));
  const turned = graph.op('Slice', [frame, from, to, graph.ints([2]), step]);
  return graph.op('Reshape', [turned, graph.ints(frame.dims as number[])]);
}

/** What the nodes of {@link mirrored} are fed with. */
export function mirrorColumns(width: number, mirror: boolean): Record<'from' | 'to' | 'step', Tensor> {
  const one = (value: number) => new Tensor('int64', BigInt64Array.of(BigInt(value)), [1]);
  return mirror
    ? { from: one(width - 1), to: one(-width - 1), step: one(-1) }
    : { from: one(0), to: one(width), step: one(1) };
}

/** Float32 levels to bytes, rounded and clamped; NaN becomes 0. On the CPU. */
export function toBytes(graph: GraphBuilder, value: Value): Value {
  return graph.op('QuantizeLinear', [value, graph.scalar('float32', 1), graph.scalar('uint8', 0)]);
}

/** Pads a picture to the right and bottom by reflection. */
export function pad(graph: GraphBuilder, value: Value, from: Size, to: Size, axes = PLANAR): Value {
  const bottom = to.height - from.height;
  const right = to.width - from.width;
  if (bottom === 0 && right === 0) return value;
  const pads = new Array(8).fill(0);
  pads[4 + axes.y] = bottom;
  pads[4 + axes.x] = right;
  // Reflection padding must be smaller than the picture.
  const mode = bottom < from.height && right < from.width ? 'reflect' : 'edge';
  return graph.op('Pad', [value, graph.ints(pads)], { mode });
}

/** Changes the size of a planar picture by linear interpolation. */
export function resize(graph: GraphBuilder, value: Value, to: Size): Value {
  const [n, channels] = value.dims as number[];
  const sizes = [n!, channels!, to.height, to.width];
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  return graph.op('Resize', [value, undefined, undefined, graph.ints(sizes)], attributes);
}

/** Downscales a picture of three channels without aliasing, and enlarges it linearly; float32 NCHW. */
export function shrink(graph: GraphBuilder, given: Value, whole: Size, to: Size): Value {
  let [value, from] = [given, whole];
  if (to.width > from.width || to.height > from.height) return resize(graph, value, to);
  const blocks = [whole.height / to.height, whole.width / to.width].map((ratio) => Math.max(1, Math.floor(ratio)));
  if (blocks.some((side) => side > 1)) {
    value = graph.op('AveragePool', [value], { kernel_shape: blocks, strides: blocks });
    from = { height: value.dims[2] as number, width: value.dims[3] as number };
  }
  if (from.width === to.width && from.height === to.height) return value;
  const ratio = Math.max(from.width / to.width, from.height / to.height);
  // For ratios from 1 to 2: a small low-pass filter, stronger for larger ratios.
  const side = 0.25 * Math.min(1, 1.5 * Math.max(0, ratio - 1));
  return resize(graph, lowPass(graph, value, side), to);
}

/**
 * Enlarges a picture of any number of channels: a low-pass filter that takes out what alternates from pixel to pixel,
 * which would be seen as a mesh, then linear interpolation. Float32 NCHW.
 */
export function enlarge(graph: GraphBuilder, value: Value, to: Size): Value {
  return resize(graph, lowPass(graph, value, 0.25), to);
}

/** Filters each channel, `[1, C, H, W]`, along both axes with the taps `side`, `1 - 2 · side`, `side`. */
function lowPass(graph: GraphBuilder, value: Value, side: number): Value {
  const group = value.dims[1] as number;
  const taps = [side, 1 - 2 * side, side];
  const kernel = taps.flatMap((a) => taps.map((b) => a * b));
  const weights = graph.constant('float32', [group, 1, 3, 3], Array<number[]>(group).fill(kernel).flat());
  const edges = graph.op('Pad', [value, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'edge' });
  return graph.op('Conv', [edges, weights], { group });
}

/** A slice along some axes. */
export function slice(graph: GraphBuilder, value: Value, starts: number[], ends: number[], axes: number[]): Value {
  return graph.op('Slice', [value, graph.ints(starts), graph.ints(ends), graph.ints(axes)]);
}

/** Casts where the type differs. */
export function convert(graph: GraphBuilder, value: Value, type: 'float32' | 'float16' | 'uint8'): Value {
  if (value.type === type) return value;
  return graph.op('Cast', [value], { to: { float32: 1, float16: 10, uint8: 2 }[type] });
}

/** The default of a further input. */
export function constant(graph: GraphBuilder, { type, dims, default: value }: FurtherInput): Value {
  const count = dims.reduce((a, b) => a * b, 1);
  const numbers = typeof value === 'number' ? Array(count).fill(value) : value;
  const wide = graph.constant('float32', [...dims], numbers);
  return type === 'float32' ? wide : graph.op('Cast', [wide], { to: CAST[type] });
}

const CAST = { float16: 10, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

/** Dims of a planar picture in the layout of a network. */
function dimsIn([n, c, h, w]: readonly number[], { layout }: PictureTensor): number[] {
  return layout === 'nchw' ? [n!, c!, h!, w!] : [n!, h!, w!, c!];
}

import type { Size } from '../frame.js';
import { GraphBuilder, type Value } from '../graph/builder.js';
import type { Model } from '../graph/types.js';
import type { FurtherInput, Manifest, PictureTensor } from '../model/manifest.js';

/** What is done around the network. */
export interface WrapOptions {
  /** Size of the pictures in pixels. */
  readonly picture: Size;
  /** Sizes of the padded picture and of a tile of it: the model takes a tile's corner as the input `at`, and gives the
   * tile. */
  readonly tiles?: { readonly padded: Size; readonly tile: Size };
  /** 0 gives the original, 1 the full style. */
  readonly strength: number;
  /** Take only the luminance from the style. */
  readonly keepColors: boolean;
  /** Names of network inputs that become inputs of the result, with their dims (float32). */
  readonly statistics?: ReadonlyMap<string, readonly number[]>;
}

/** Networks pad by reflection inside as well, which needs a few pixels even at an eighth of the size. */
const SMALLEST = 64;
/** Luminance of linear combinations of R, G, B (ITU-R BT.709). */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** The size that the network sees for a picture: a whole multiple of what it needs. */
export function paddedSize(size: Size, multiple: number): Size {
  const up = (value: number) => Math.ceil(Math.max(value, SMALLEST) / multiple) * multiple;
  return { width: up(size.width), height: up(size.height) };
}

/**
 * Puts a network into a graph that takes and gives pictures as bytes: `frame` uint8 `[1, H, W, 3]` (RGB, 0–255) to
 * `result` of the same kind and size.
 *
 * All that surrounds the network is nodes of the graph: cast, layout, scaling, padding by reflection, crop, strength,
 * colour keeping, rounding and clamping.
 */
export function wrapNetwork(network: Model, manifest: Manifest, options: WrapOptions): Model {
  const { input, output } = manifest;
  const { picture, tiles, strength, keepColors } = options;
  const tile = tiles?.tile;
  const graph = new GraphBuilder('stylecast');
  const planar = input.layout === 'nchw';
  const axes = planar ? { y: 2, x: 3, c: 1 } : { y: 1, x: 2, c: 3 };
  const padded = tiles?.padded ?? paddedSize(picture, input.multiple);
  const seen = tile ?? padded;

  let bytes = graph.input('frame', 'uint8', [1, picture.height, picture.width, 3]);
  if (tile) {
    bytes = pad(graph, bytes, picture, padded, { y: 1, x: 2 });
    const at = graph.input('at', 'int64', [2]);
    const end = graph.op('Add', [at, graph.ints([tile.height, tile.width])]);
    bytes = graph.op('Slice', [bytes, at, end, graph.ints([1, 2])]);
    bytes = graph.op('Reshape', [bytes, graph.ints([1, tile.height, tile.width, 3])]);
  }
  if (planar) bytes = graph.op('Transpose', [bytes], { perm: [0, 3, 1, 2] });
  const original = graph.op('Cast', [bytes], { to: 1 });

  let pixels = affine(graph, swap(graph, original, input, axes.c), axes.c, toNetwork(input));
  if (!tile) pixels = pad(graph, pixels, picture, padded, axes);
  if (input.size) pixels = resize(graph, pixels, input.size, axes);
  if (input.batch && input.batch > 1) pixels = graph.op('Concat', Array(input.batch).fill(pixels), { axis: 0 });
  pixels = convert(graph, pixels, input.type);

  const feeds: Record<string, Value> = { [input.name]: pixels };
  for (const further of manifest.inputs) feeds[further.name] = constant(graph, further);
  for (const [name, dims] of options.statistics ?? []) feeds[name] = graph.input(name, 'float32', dims);
  const answer = graph.embed(network, feeds, {
    [output.name]: { type: output.type, dims: outputDims(pixels.dims, input, output) },
  });

  let styled = convert(graph, answer[output.name]!, 'float32');
  if (input.batch && input.batch > 1) styled = slice(graph, styled, [0], [1], [0]);
  if (output.layout !== input.layout) {
    styled = graph.op('Transpose', [styled], { perm: planar ? [0, 3, 1, 2] : [0, 2, 3, 1] });
  }
  if (input.size) styled = resize(graph, styled, seen, axes);
  if (!tile && (padded.width !== picture.width || padded.height !== picture.height)) {
    styled = slice(graph, styled, [0, 0], [picture.height, picture.width], [axes.y, axes.x]);
  }
  styled = swap(graph, affine(graph, styled, axes.c, fromNetwork(output)), output, axes.c);
  if (keepColors || strength !== 1) styled = mix(graph, original, styled, axes.c, strength, keepColors);

  // Casting cuts the fraction off: half a level more makes that rounding.
  const half = graph.op('Add', [styled, graph.scalar('float32', 0.5)]);
  const clamped = graph.op('Clip', [half, graph.scalar('float32', 0), graph.scalar('float32', 255)]);
  let result = graph.op('Cast', [clamped], { to: 2 });
  if (planar) result = graph.op('Transpose', [result], { perm: [0, 2, 3, 1] });
  graph.output('result', result);
  return graph.build();
}

/**
 * Puts the measuring half of a split network behind a thumbnail of the picture: `frame` uint8 `[1, H, W, 3]` to the
 * named statistics.
 */
export function wrapStatistics(
  measuring: Model,
  manifest: Manifest,
  picture: Size,
  thumbnail: Size,
  statistics: ReadonlyMap<string, readonly number[]>,
): Model {
  const { input } = manifest;
  const graph = new GraphBuilder('stylecast');
  const planar = input.layout === 'nchw';
  const axes = planar ? { y: 2, x: 3, c: 1 } : { y: 1, x: 2, c: 3 };
  let pixels = graph.input('frame', 'uint8', [1, picture.height, picture.width, 3]);
  if (planar) pixels = graph.op('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  pixels = resize(graph, graph.op('Cast', [pixels], { to: 1 }), thumbnail, axes);
  pixels = convert(graph, affine(graph, swap(graph, pixels, input, axes.c), axes.c, toNetwork(input)), input.type);
  const feeds: Record<string, Value> = { [input.name]: pixels };
  for (const further of manifest.inputs) feeds[further.name] = constant(graph, further);
  const wanted = [...statistics].map(([name, dims]) => [name, { type: 'float32', dims: [...dims] }] as const);
  const answers = graph.embed(measuring, feeds, Object.fromEntries(wanted));
  for (const name of statistics.keys()) graph.output(name, answers[name]!);
  return graph.build();
}

/** Factor and offset per channel. */
interface Affine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Levels 0–255 to what the network takes: `(level / 255 * (high - low) + low - mean) / std`. */
function toNetwork({ range: [low, high], mean, std }: PictureTensor): Affine {
  const each = (f: (c: number) => number) => [0, 1, 2].map(f);
  const divisor = (c: number) => std?.[c] ?? 1;
  return {
    scale: each((c) => (high - low) / 255 / divisor(c)),
    shift: each((c) => (low - (mean?.[c] ?? 0)) / divisor(c)),
  };
}

/** What the network gives to levels 0–255. */
function fromNetwork(tensor: PictureTensor): Affine {
  const { scale, shift } = toNetwork(tensor);
  return { scale: scale.map((s) => 1 / s), shift: scale.map((s, c) => -shift[c]! / s) };
}

function affine(graph: GraphBuilder, value: Value, axis: number, { scale, shift }: Affine): Value {
  const vector = (numbers: readonly number[]) =>
    numbers.every((n) => n === numbers[0])
      ? graph.scalar('float32', numbers[0]!)
      : graph.constant('float32', axis === 1 ? [1, 3, 1, 1] : [1, 1, 1, 3], numbers);
  let result = value;
  if (scale.some((s) => s !== 1)) result = graph.op('Mul', [result, vector(scale)]);
  if (shift.some((s) => s !== 0)) result = graph.op('Add', [result, vector(shift)]);
  return result;
}

/** Exchanges red and blue where the network wants them so; the same step leads back. */
function swap(graph: GraphBuilder, value: Value, { channels }: PictureTensor, axis: number): Value {
  return channels === 'bgr' ? graph.op('Gather', [value, graph.ints([2, 1, 0])], { axis }) : value;
}

function pad(graph: GraphBuilder, value: Value, from: Size, to: Size, axes: { y: number; x: number }): Value {
  const bottom = to.height - from.height;
  const right = to.width - from.width;
  if (bottom === 0 && right === 0) return value;
  const pads = new Array(8).fill(0);
  pads[4 + axes.y] = bottom;
  pads[4 + axes.x] = right;
  // A reflection can be no longer than the picture.
  const mode = bottom < from.height && right < from.width ? 'reflect' : 'edge';
  return graph.op('Pad', [value, graph.ints(pads)], { mode });
}

function resize(graph: GraphBuilder, value: Value, to: Size, axes: { y: number; x: number }): Value {
  const sizes = [...value.dims] as number[];
  sizes[axes.y] = to.height;
  sizes[axes.x] = to.width;
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  return graph.op('Resize', [value, undefined, undefined, graph.ints(sizes)], attributes);
}

function slice(graph: GraphBuilder, value: Value, starts: number[], ends: number[], axes: number[]): Value {
  return graph.op('Slice', [value, graph.ints(starts), graph.ints(ends), graph.ints(axes)]);
}

/** Casts where the type differs. */
export function convert(graph: GraphBuilder, value: Value, type: 'float32' | 'float16' | 'uint8'): Value {
  if (value.type === type) return value;
  return graph.op('Cast', [value], { to: { float32: 1, float16: 10, uint8: 2 }[type] });
}

/** `original + strength * (styled - original)`, or only its luminance where colours are kept. */
function mix(graph: GraphBuilder, original: Value, styled: Value, axis: number, strength: number, keepColors: boolean) {
  let change = graph.op('Sub', [styled, original]);
  if (keepColors) {
    const weights = graph.constant('float32', axis === 1 ? [1, 3, 1, 1] : [1, 1, 1, 3], LUMA);
    change = graph.op('ReduceSum', [graph.op('Mul', [change, weights]), graph.ints([axis])], { keepdims: 1 });
  }
  if (strength !== 1) change = graph.op('Mul', [change, graph.scalar('float32', strength)]);
  return graph.op('Add', [original, change]);
}

/** The default of a further input. */
export function constant(graph: GraphBuilder, { type, dims, default: value }: FurtherInput): Value {
  const count = dims.reduce((a, b) => a * b, 1);
  const numbers = typeof value === 'number' ? Array(count).fill(value) : value;
  const wide = graph.constant('float32', [...dims], numbers);
  return type === 'float32' ? wide : graph.op('Cast', [wide], { to: CAST[type] });
}

const CAST = { float16: 10, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

function outputDims(dims: Value['dims'], input: PictureTensor, output: PictureTensor): Value['dims'] {
  const [n, a, b, c] = dims as [number, number, number, number];
  if (input.layout === output.layout) return dims;
  return input.layout === 'nchw' ? [n, b, c, a] : [n, c, a, b];
}

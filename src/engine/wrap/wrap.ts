import type { Size } from '../../frame.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { Manifest } from '../../model/manifest/types.js';
import { paddedSize } from '../analysis/padded-size.js';
import type { StateTensor } from '../analysis/recurrent-state.js';
import { activeNoiseInput, noiseWindow } from './noise.js';
import {
  affine,
  axesOf,
  constant,
  convert,
  fromNetwork,
  LUMA,
  pad,
  resize,
  slice,
  swap,
  throughNetwork,
  toNetwork,
} from './picture-nodes.js';
import { cropFromCanvas, type PaddedCanvas, placeOnCanvas } from './sampling-grid.js';

/** Options of `wrapNetwork`. */
export interface WrapOptions {
  /** Size of the pictures in pixels. */
  readonly picture: Size;
  /** Sizes of the padded picture and of a tile: the model then has an input `at`, the tile's corner, and returns the
   * tile. */
  readonly tiles?: { readonly padded: Size; readonly tile: Size };
  /** A canvas in which the picture lies as `placementFeeds` says; not with tiles. */
  readonly canvas?: PaddedCanvas | undefined;
  /** 0 gives the original, 1 the full style. */
  readonly strength: number;
  /** Take only the luminance from the style. */
  readonly keepColors: boolean;
  /** Names of network inputs that become inputs of the result, with their dims (float32). */
  readonly statistics?: ReadonlyMap<string, readonly number[]>;
  /** Recurrent states, which become inputs and outputs of the result; not with tiles. */
  readonly states?: readonly StateTensor[];
}

/**
 * Wraps a network into a graph from bytes to bytes: `frame` uint8 `[1, H, W, 3]` (RGB, 0–255) to `result` of the same
 * kind and size.
 *
 * Everything around the network is done by graph nodes: cast, layout, scaling, reflection padding, crop, strength,
 * colour keeping, rounding and clamping.
 */
export function wrapNetwork(network: Model, manifest: Manifest, options: WrapOptions): Model {
  const { input, output } = manifest;
  const { picture, tiles, canvas, strength, keepColors } = options;
  const tile = tiles?.tile;
  const graph = new GraphBuilder('stylecast');
  const planar = input.layout === 'nchw';
  const axes = axesOf(input);
  const padded = tiles?.padded ?? canvas ?? paddedSize(picture, input.multiple);
  const seen = tile ?? padded;

  let bytes = graph.input('frame', 'uint8', [1, picture.height, picture.width, 3]);
  if (tile) {
    bytes = pad(graph, bytes, picture, padded, axesOf({ layout: 'nhwc' }));
    const at = graph.input('at', 'int64', [2]);
    const end = graph.op('Add', [at, graph.ints([tile.height, tile.width])]);
    bytes = graph.op('Slice', [bytes, at, end, graph.ints([1, 2])]);
    bytes = graph.op('Reshape', [bytes, graph.ints([1, tile.height, tile.width, 3])]);
  }
  if (planar) bytes = graph.op('Transpose', [bytes], { perm: [0, 3, 1, 2] });
  const original = graph.op('Cast', [bytes], { to: 1 });

  let pixels = affine(graph, swap(graph, original, input, axes.c), axes.c, toNetwork(input));
  if (canvas) pixels = placeOnCanvas(graph, pixels, canvas, axes);
  else if (!tile) pixels = pad(graph, pixels, picture, padded, axes);
  const noise = tile || canvas ? activeNoiseInput(manifest) : undefined;
  const given = {
    ...statisticsOf(graph, options.statistics),
    ...(noise ? { [noise.name]: noiseWindow(graph, noise) } : {}),
  };
  let styled = throughNetwork(graph, network, manifest, pixels, seen, given, options.states);
  if (canvas) styled = cropFromCanvas(graph, styled, picture, axes);
  else if (!tile && (padded.width !== picture.width || padded.height !== picture.height)) {
    styled = slice(graph, styled, [0, 0], [picture.height, picture.width], [axes.y, axes.x]);
  }
  styled = swap(graph, affine(graph, styled, axes.c, fromNetwork(output)), output, axes.c);
  if (keepColors || strength !== 1) styled = mix(graph, original, styled, axes.c, strength, keepColors);

  // Casting truncates; adding 0.5 makes it round.
  const half = graph.op('Add', [styled, graph.scalar('float32', 0.5)]);
  const clamped = graph.op('Clip', [half, graph.scalar('float32', 0), graph.scalar('float32', 255)]);
  let result = graph.op('Cast', [clamped], { to: 2 });
  if (planar) result = graph.op('Transpose', [result], { perm: [0, 2, 3, 1] });
  graph.output('result', result);
  return graph.build();
}

function statisticsOf(graph: GraphBuilder, statistics: WrapOptions['statistics'] = new Map()): Record<string, Value> {
  return Object.fromEntries([...statistics].map(([name, dims]) => [name, graph.input(name, 'float32', dims)]));
}

/**
 * Wraps the measuring part of a split network with a thumbnail of the picture: `frame` uint8 `[1, H, W, 3]` to the
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
  const axes = axesOf(input);
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

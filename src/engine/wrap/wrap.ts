import type { Size } from '../../frame.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { Manifest } from '../../model/manifest/types.js';
import { paddedSize } from '../analysis/padded-size.js';
import type { StateTensor } from '../analysis/recurrent-state.js';
import { fineDetail, keptDetail } from './detail.js';
import { detailOf, type Strength, showLook, vectorInput } from './look.js';
import { activeNoiseInput, noiseWindow } from './noise.js';
import {
  affine,
  constant,
  convert,
  enlarge,
  INTERLEAVED,
  mirrored,
  pad,
  resize,
  shrink,
  slice,
  swap,
  throughNetwork,
  toLayout,
  toNetwork,
} from './picture-nodes.js';
import { cropFromCanvas, type PaddedCanvas, placeOnCanvas } from './sampling-grid.js';

/** Options of `wrapNetwork`. */
export interface WrapOptions {
  /** Size of the pictures in pixels. */
  readonly picture: Size;
  /** Size that the network works at; default: that of the pictures. A smaller painting is enlarged. Not with tiles. */
  readonly working?: Size;
  /** Sizes of the padded picture and of a tile: the model then has an input `at`, the tile's corner, and returns the
   * tile. */
  readonly tiles?: { readonly padded: Size; readonly tile: Size } | undefined;
  /** A canvas in which the picture lies as `placementFeeds` says; not with tiles. */
  readonly canvas?: PaddedCanvas | undefined;
  /**
   * How much of the style is shown: constant, which is fastest; or an input, as are mirroring and the vectors of a
   * network of many styles, fed by `lookFeeds`.
   */
  readonly look: Strength | 'input';
  /** Names of network inputs that become inputs of the result, with their dims (float32). */
  readonly statistics?: Statistics | undefined;
  /** Recurrent states, which become inputs and outputs of the result; not with tiles. */
  readonly states?: readonly StateTensor[];
}

type Statistics = ReadonlyMap<string, readonly number[]>;

/**
 * Wraps a network into a graph from bytes to bytes: `frame` uint8 `[1, H, W, 3]` (RGB, 0–255) to `result` of the same
 * kind and size.
 *
 * Everything around the network is done by graph nodes: cast, layout, scaling, reflection padding, crop, detail,
 * strength, colour keeping, rounding and clamping.
 */
export function wrapNetwork(network: Model, manifest: Manifest, options: WrapOptions): Model {
  const { input } = manifest;
  const { picture, working = picture, tiles, canvas, look, statistics = new Map() } = options;
  const tile = tiles?.tile;
  const graph = new GraphBuilder('stylecast');
  const padded = tiles?.padded ?? canvas ?? paddedSize(working, input.multiple);

  let bytes = graph.input('frame', 'uint8', [1, picture.height, picture.width, 3]);
  if (tile) {
    bytes = pad(graph, bytes, picture, padded, INTERLEAVED);
    const at = graph.input('at', 'int64', [2]);
    const end = graph.op('Add', [at, graph.ints([tile.height, tile.width])]);
    bytes = graph.op('Slice', [bytes, at, end, graph.ints([1, 2])]);
    bytes = graph.op('Reshape', [bytes, graph.ints([1, tile.height, tile.width, 3])]);
  }
  if (look === 'input') bytes = mirrored(graph, bytes);
  const planes = swap(graph, graph.op('Transpose', [bytes], { perm: [0, 3, 1, 2] }), input);
  const { scale, shift } = toNetwork(input);
  const original = affine(graph, convert(graph, planes, 'float32'), { scale, shift: [0, 0, 0] });

  const small = tile ? original : shrink(graph, original, picture, working);
  let pixels = affine(graph, small, { scale: [1, 1, 1], shift });
  if (canvas) pixels = placeOnCanvas(graph, pixels, canvas);
  else if (!tile) pixels = pad(graph, pixels, working, padded);
  const noise = tile || canvas ? activeNoiseInput(manifest) : undefined;
  const given = {
    ...Object.fromEntries([...statistics].map(([name, dims]) => [name, graph.input(name, 'float32', dims)])),
    ...(noise ? { [noise.name]: noiseWindow(graph, noise) } : {}),
    ...(look === 'input' ? vectorInput(graph, manifest) : {}),
  };
  let styled = throughNetwork(graph, network, manifest, pixels, tile ?? padded, given, options.states);
  if (canvas) styled = cropFromCanvas(graph, styled, working);
  else if (!tile && (padded.width !== working.width || padded.height !== working.height)) {
    styled = slice(graph, styled, [0, 0], [working.height, working.width], [2, 3]);
  }
  const detail = look === 'input' ? graph.input('detail', 'float32', []) : detailOf(manifest, look);
  if (detail !== 0) styled = graph.op('Add', [styled, keptDetail(graph, small, manifest, detail)]);
  if (working.width < picture.width || working.height < picture.height) {
    styled = graph.op('Add', [enlarge(graph, styled, picture), fineDetail(graph, original, small, manifest)]);
  } else if (working.width > picture.width || working.height > picture.height) {
    styled = shrink(graph, styled, working, picture);
  }

  const levels = showLook(graph, original, styled, manifest, look);
  // Casting truncates; adding 0.5 makes it round.
  const half = graph.op('Add', [levels, graph.scalar('float32', 0.5)]);
  const clamped = graph.op('Clip', [half, graph.scalar('float32', 0), graph.scalar('float32', 255)]);
  // In this order a device does not transpose bytes, which it cannot.
  const result = graph.op('Transpose', [convert(graph, clamped, 'uint8')], { perm: [1, 0] });
  graph.output('result', graph.op('Reshape', [result, graph.ints(bytes.dims as number[])]));
  return graph.build();
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
  statistics: Statistics,
): Model {
  const { input } = manifest;
  const graph = new GraphBuilder('stylecast');
  const bytes = graph.input('frame', 'uint8', [1, picture.height, picture.width, 3]);
  const planes = convert(graph, graph.op('Transpose', [bytes], { perm: [0, 3, 1, 2] }), 'float32');
  const pixels = affine(graph, swap(graph, resize(graph, planes, thumbnail), input), toNetwork(input));
  const feeds: Record<string, Value> = { [input.name]: convert(graph, toLayout(graph, pixels, input), input.type) };
  for (const further of manifest.inputs) feeds[further.name] = constant(graph, further);
  const wanted = [...statistics].map(([name, dims]) => [name, { type: 'float32', dims: [...dims] }] as const);
  const answers = graph.embed(measuring, feeds, Object.fromEntries(wanted));
  for (const name of statistics.keys()) graph.output(name, answers[name]!);
  return graph.build();
}

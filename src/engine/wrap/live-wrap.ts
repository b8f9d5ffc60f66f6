import type { Size } from '../../frame.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { Manifest, PictureTensor } from '../../model/manifest/types.js';
import { paddedSize } from '../analysis/padded-size.js';
import type { StateTensor } from '../analysis/recurrent-state.js';
import { activeNoiseInput, noiseWindow } from './noise.js';
import {
  affine,
  axesOf,
  convert,
  fromNetwork,
  LUMA,
  pad,
  resize,
  shrink,
  slice,
  throughNetwork,
  toNetwork,
} from './picture-nodes.js';
import { cropFromCanvas, type PaddedCanvas, placeOnCanvas } from './sampling-grid.js';

/** Axes of the network's input here, before conversion to its own layout. */
export const PLANAR = axesOf({ layout: 'nchw' });

/**
 * Puts a network into a graph for live pictures: `frame` uint8 `[1, H, W, 3]` (RGB) to `result` of the same kind and
 * size, with the network working at another size.
 *
 * Everything that can change from frame to frame is an input: `colours` and `shift` from {@link colourMatrix}, and the
 * columns `from`, `to`, `step` from {@link mirrorColumns}; for a network of many styles also the style vectors, under
 * their name in the manifest. One matrix product per pixel does scaling, channel order, strength and colour keeping at
 * once.
 *
 * @param bytes move bytes as they are (fastest on the CPU) or as floats (the only way on GPU providers)
 * @param states recurrent states, which become inputs and outputs
 * @param canvas in which the working picture lies as `placementFeeds` says
 */
export function wrapLive(
  network: Model,
  manifest: Manifest,
  picture: Size,
  working: Size,
  bytes: 'moved' | 'cast' = 'moved',
  canvas?: PaddedCanvas,
  states: readonly StateTensor[] = [],
): Model {
  const { input, output } = manifest;
  const { width, height } = picture;
  const pixels = width * height;
  const graph = new GraphBuilder('stylecast');
  const { scale, shift } = toNetwork(input);
  const given = graph.input('frame', 'uint8', [1, height, width, 3]);
  const frame = mirrored(graph, bytes === 'cast' ? convert(graph, given, 'float32') : given);
  let original = graph.op('Transpose', [frame], { perm: [0, 3, 1, 2] });
  if (input.channels === 'bgr') original = graph.op('Gather', [original, graph.ints([2, 1, 0])], { axis: 1 });
  original =
    bytes === 'cast'
      ? affine(graph, original, PLANAR.c, { scale, shift: [0, 0, 0] })
      : graph.op('DequantizeLinear', [original, graph.constant('float32', [3], scale)], { axis: 1 });

  let fed = shrink(graph, original, picture, working);
  fed = affine(graph, fed, PLANAR.c, { scale: [1, 1, 1], shift });
  const seen = canvas ?? paddedSize(working, input.multiple);
  fed = canvas ? placeOnCanvas(graph, fed, canvas, PLANAR) : pad(graph, fed, working, seen, PLANAR);
  const planar = input.layout === 'nchw';
  if (!planar) fed = graph.op('Transpose', [fed], { perm: [0, 2, 3, 1] });
  const { modulation } = manifest;
  const vectors = modulation && {
    [modulation.input]: graph.input(modulation.input, 'float32', [2, modulation.mean.length]),
  };
  const noise = canvas && activeNoiseInput(manifest);
  const further = { ...vectors, ...(noise ? { [noise.name]: noiseWindow(graph, noise) } : {}) };
  let styled = throughNetwork(graph, network, manifest, fed, seen, further, states);
  if (!planar) styled = graph.op('Transpose', [styled], { perm: [0, 3, 1, 2] });
  if (canvas) styled = cropFromCanvas(graph, styled, working, PLANAR);
  else if (seen.width !== working.width || seen.height !== working.height) {
    styled = slice(graph, styled, [0, 0], [working.height, working.width], [2, 3]);
  }
  if (working.width !== width || working.height !== height) styled = resize(graph, styled, picture, PLANAR);

  const flat = (value: Value) => graph.op('Reshape', [value, graph.ints([3, pixels])]);
  const both = graph.op('Concat', [flat(original), flat(styled)], { axis: 0 });
  let mixed = graph.op('MatMul', [graph.input('colours', 'float32', [3, 6]), both]);
  if (hasShift(output)) mixed = graph.op('Add', [mixed, graph.input('shift', 'float32', [3, 1])]);
  const rows = bytes === 'cast' ? clamped(graph, mixed) : toBytes(graph, mixed);
  const result = graph.op('Reshape', [
    graph.op('Transpose', [rows], { perm: [1, 0] }),
    graph.ints([1, height, width, 3]),
  ]);
  graph.output('result', convert(graph, result, 'uint8'));
  return graph.build();
}

/** Inputs of {@link wrapLive} for a strength: levels 0–255 of R, G, B from the original and the styled picture. */
export interface ColourMatrix {
  /** `[3, 6]`, row-major: original and styled channels, in the network's order and range, to R, G, B. */
  readonly colours: Float32Array;
  /** `[3, 1]`; undefined where it is zero for the network's range. */
  readonly shift: Float32Array | undefined;
}

/**
 * The matrix of `original + strength * (styled - original)`, or only its luminance where colours are kept.
 *
 * @param strength 0 to 1
 */
export function colourMatrix({ input, output }: Manifest, strength: number, keepColors: boolean): ColourMatrix {
  const colours = new Float32Array(18);
  const shift = new Float32Array(3);
  const into = toNetwork(input);
  const back = fromNetwork(output);
  // Contribution of styled channel `from` to the change of channel `to`.
  const change = (to: number, from: number) => strength * (keepColors ? LUMA[from]! : Number(to === from));
  for (let to = 0; to < 3; to++) {
    for (let from = 0; from < 3; from++) {
      const before = channelIndex(input, from);
      colours[to * 6 + before] = (Number(to === from) - change(to, from)) / into.scale[before]!;
      const after = channelIndex(output, from);
      colours[to * 6 + 3 + after] = change(to, from) * back.scale[after]!;
      shift[to] = shift[to]! + change(to, from) * back.shift[after]!;
    }
  }
  return { colours, shift: hasShift(output) ? shift : undefined };
}

/** Index of a colour channel in the network's order. */
function channelIndex({ channels }: PictureTensor, channel: number): number {
  return channels === 'bgr' ? 2 - channel : channel;
}

function hasShift(output: PictureTensor): boolean {
  return fromNetwork(output).shift.some((value) => value !== 0);
}

/** Prepares levels so that casting to bytes rounds and clamps them. */
function clamped(graph: GraphBuilder, value: Value): Value {
  const half = graph.op('Add', [value, graph.scalar('float32', 0.5)]);
  return graph.op('Clip', [half, graph.scalar('float32', 0), graph.scalar('float32', 255)]);
}

/** Float32 levels to bytes, rounded and clamped; NaN becomes 0. */
export function toBytes(graph: GraphBuilder, value: Value): Value {
  return graph.op('QuantizeLinear', [value, graph.scalar('float32', 1), graph.scalar('uint8', 0)]);
}

/** Mirrors a picture `[1, H, W, 3]` by a slice with the inputs `from`, `to` and `step`. */
export function mirrored(graph: GraphBuilder, frame: Value): Value {
  const [from, to, step] = ['from', 'to', 'step'].map((name) => graph.input(name, 'int64', [1]));
  const turned = graph.op('Slice', [frame, from, to, graph.ints([2]), step]);
  return graph.op('Reshape', [turned, graph.ints(frame.dims as number[])]);
}

/** Inputs of {@link mirrored}. */
export function mirrorColumns(width: number, mirror: boolean): Record<'from' | 'to' | 'step', bigint> {
  return mirror
    ? { from: BigInt(width - 1), to: BigInt(-width - 1), step: -1n }
    : { from: 0n, to: BigInt(width), step: 1n };
}

import type { Size } from '../../frame.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Manifest, PictureTensor } from '../../model/manifest/types.js';
import { enlarge, LUMA, pad, resize, slice, toNetwork } from './picture-nodes.js';

/** Detail of less contrast than this is left to the painting: what is there of it is mostly noise, 0 to 1. */
const FAINT_DETAIL = 0.03;

/** Detail of more contrast is in the painting anyway, and counts as this much. */
const CLEAR_DETAIL = 0.12;

/** Side of the blocks of pixels whose means are the coarse light that detail differs from. */
const DETAIL_BLOCK = 4;

/**
 * The fine detail of light of the source, such as eyes, letters and thin poles, which strokes are too broad for: how it
 * differs from a coarse version of itself, but for what is faint, and not more than is needed to be seen. In the units of the network's output, to be
 * added to its painting: float32 `[1, 3, H, W]`, or one channel where all are alike.
 *
 * @param original the source as the network gets it but for an offset, `[1, 3, H, W]`
 * @param detail how much of it, 0 to 1
 */
export function keptDetail(graph: GraphBuilder, original: Value, manifest: Manifest, detail: number | Value): Value {
  const [, , height, width] = original.dims as number[];
  const whole = { height: height!, width: width! };
  const light = lightOf(graph, original, manifest.input);
  const coarse = coarseLight(graph, light, whole);
  const fine = graph.op('Sub', [light, coarse]);
  const within = (most: number) =>
    graph.op('Clip', [fine, graph.scalar('float32', -most), graph.scalar('float32', most)]);
  const clear = graph.op('Sub', [within(CLEAR_DETAIL), within(FAINT_DETAIL)]);
  if (typeof detail === 'number') return inOutput(graph, clear, manifest.output, detail);
  return inOutput(graph, graph.op('Mul', [clear, detail]), manifest.output, 1);
}

/**
 * Light without its fine detail: means of blocks, filtered along both axes, and enlarged. Not by convolutions: a runtime
 * that lays channels out in blocks of sixteen would carry fifteen empty ones through the whole picture.
 */
function coarseLight(graph: GraphBuilder, light: Value, whole: Size): Value {
  const count = (side: number) => Math.ceil(side / DETAIL_BLOCK);
  const small = { width: count(whole.width), height: count(whole.height) };
  const padded = { width: small.width * DETAIL_BLOCK, height: small.height * DETAIL_BLOCK };
  const blocks = [DETAIL_BLOCK, DETAIL_BLOCK];
  const means = graph.op('AveragePool', [pad(graph, light, whole, padded)], { kernel_shape: blocks, strides: blocks });
  const rows = graph.op('MatMul', [smoothing(graph, small.height), means]);
  const enlarged = resize(graph, graph.op('MatMul', [rows, smoothing(graph, small.width)]), padded);
  if (padded.width === whole.width && padded.height === whole.height) return enlarged;
  return slice(graph, enlarged, [0, 0], [whole.height, whole.width], [2, 3]);
}

/** The matrix `[n, n]`, symmetric, that filters n numbers with the taps 1/4, 1/2, 1/4. */
function smoothing(graph: GraphBuilder, n: number): Value {
  const matrix = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    matrix[i * n + i] = 0.5;
    for (const near of [i - 1, i + 1]) matrix[i * n + Math.min(n - 1, Math.max(0, near))]! += 0.25;
  }
  return graph.constant('float32', [n, n], matrix);
}

/** Light of a picture as the network gets it but for an offset, 0 to 1: float32 `[1, 1, H, W]`. */
function lightOf(graph: GraphBuilder, picture: Value, input: PictureTensor): Value {
  const { scale } = toNetwork(input);
  const shares = input.channels === 'bgr' ? [...LUMA].reverse() : LUMA;
  const weights = shares.map((share, channel) => share / scale[channel]! / 255);
  const [, , height, width] = picture.dims as number[];
  const flat = graph.op('Reshape', [picture, graph.ints([3, height! * width!])]);
  const light = graph.op('MatMul', [graph.constant('float32', [1, 3], weights), flat]);
  return graph.op('Reshape', [light, graph.ints([1, 1, height!, width!])]);
}

/** Differences of light, `[1, 1, H, W]`, as such of a network's output, `gain` times; of one channel where all are alike. */
function inOutput(graph: GraphBuilder, light: Value, output: PictureTensor, gain: number): Value {
  const factors = toNetwork(output).scale.map((scale) => 255 * gain * scale);
  const [factor] = factors;
  if (factors.every((other) => other === factor)) {
    return factor === 1 ? light : graph.op('Mul', [light, graph.scalar('float32', factor!)]);
  }
  return graph.op('Mul', [light, graph.constant('float32', [1, 3, 1, 1], factors)]);
}

/** How much of the fine detail of the source is added to a painting that was made small. */
const FINE_DETAIL = 0.8;

/**
 * What the source has of light that is too fine for the size painted at, in the units of the network's output,
 * `[1, 3, H, W]` or `[1, 1, H, W]`. Added to an enlarged painting, it keeps edges and eyes sharp.
 *
 * @param original the source as the network gets it but for an offset, `[1, 3, H, W]`
 * @param small the same at the size painted at
 */
export function fineDetail(graph: GraphBuilder, original: Value, small: Value, { input, output }: Manifest): Value {
  const [, , height, width] = original.dims as number[];
  const coarse = enlarge(graph, lightOf(graph, small, input), { height: height!, width: width! });
  return inOutput(graph, graph.op('Sub', [lightOf(graph, original, input), coarse]), output, FINE_DETAIL);
}

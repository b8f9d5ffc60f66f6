import type { Size } from '../../frame.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import { LUMA, resize, shrink } from './picture-nodes.js';

/**
 * Share of a small change taken over per frame, and its increase with the square of the change: at 0.5 all is taken
 * over.
 */
const CALM = 0.15;
const LIVELY = 3.4;
/**
 * Radius of the guided filter's window in pixels of the network, and its regularisation (the variance below which it
 * only blurs).
 */
const RADIUS = 3;
const FLAT = 1e-3;
/** Uncertain range of the network: below it counts as background, above it as person. */
const UNSURE = [0.12, 0.88] as const;

/**
 * Puts a segmentation network into a graph that finds the person in a picture: `frame` uint8 `[1, H, W, 3]` (RGB) to
 * `mask` float32 `[1, 1, H, W]`, 1 on the person.
 *
 * The mask is smoothed over time: `state` float32 `[1, 1, h, w]` is the output `next` of the previous picture; `memory`
 * (float32 scalar) is its weight, 0 for the first picture. Small changes are taken over slowly, large ones at once, so
 * that motion leaves no trail. A guided filter on the small picture (He & Sun 2015, arXiv 1505.00996) aligns its edges
 * with those of the picture.
 *
 * @param network input `[1, 3, h, w]` in [0, 1], output `[1, 1, h, w]` in [0, 1]
 */
export function personModel(network: Model, picture: Size): Model {
  const { width, height } = picture;
  const [taken] = network.graph.inputs;
  const [given] = network.graph.outputs;
  const small = { width: taken!.dims[3] as number, height: taken!.dims[2] as number };
  const dims = [1, 1, small.height, small.width];
  const graph = new GraphBuilder('person');
  const scalar = (value: number) => graph.scalar('float32', value);

  const frame = graph.input('frame', 'uint8', [1, height, width, 3]);
  const bytes = graph.op('Transpose', [frame], { perm: [0, 3, 1, 2] });
  const pixels = graph.op('DequantizeLinear', [bytes, scalar(1 / 255)]);
  const seen = shrink(graph, pixels, picture, small);
  const answer = graph.embed(network, { [taken!.name]: seen }, { [given!.name]: { type: 'float32', dims } });
  const found = answer[given!.name]!;

  const state = graph.input('state', 'float32', dims);
  const change = graph.op('Sub', [found, state]);
  // Dilated, so that a moving edge is updated on both sides.
  const around = { kernel_shape: [5, 5], pads: [2, 2, 2, 2] };
  const moved = graph.op('MaxPool', [graph.op('Abs', [change])], around);
  const pace = graph.op('Add', [graph.op('Mul', [graph.op('Mul', [moved, moved]), scalar(LIVELY)]), scalar(CALM)]);
  const forgetting = graph.op('Sub', [scalar(1), graph.input('memory', 'float32', [])]);
  const share = graph.op('Clip', [graph.op('Add', [pace, forgetting]), scalar(0), scalar(1)]);
  const smooth = graph.op('Add', [state, graph.op('Mul', [share, change])]);
  graph.output('next', smooth);

  const [slope, offset] = guided(graph, luma(graph, seen), smooth);
  const full = (value: Value) => resize(graph, value, picture);
  const refined = graph.op('Add', [graph.op('Mul', [full(slope), luma(graph, pixels)]), full(offset)]);
  const [nobody, somebody] = UNSURE;
  const stretched = graph.op('Mul', [graph.op('Sub', [refined, scalar(nobody)]), scalar(1 / (somebody - nobody))]);
  graph.output('mask', graph.op('Clip', [stretched, scalar(0), scalar(1)]));
  return graph.build();
}

/** Luminance `[1, 1, H, W]` of R, G, B. */
function luma(graph: GraphBuilder, value: Value): Value {
  const [, channels, height, width] = value.dims as number[];
  const flat = graph.op('Reshape', [value, graph.ints([channels!, height! * width!])]);
  const grey = graph.op('MatMul', [graph.constant('float32', [1, 3], LUMA), flat]);
  return graph.op('Reshape', [grey, graph.ints([1, 1, height!, width!])]);
}

/** Averaged slope and offset of the guided filter: the linear model of a value from a guide in each window. */
function guided(graph: GraphBuilder, guide: Value, value: Value): [Value, Value] {
  const side = 2 * RADIUS + 1;
  const mean = (of: Value) =>
    graph.op('AveragePool', [of], { kernel_shape: [side, side], pads: new Array(4).fill(RADIUS) });
  const product = (a: Value, b: Value) => graph.op('Mul', [a, b]);
  const [ofGuide, ofValue] = [mean(guide), mean(value)];
  const covariance = graph.op('Sub', [mean(product(guide, value)), product(ofGuide, ofValue)]);
  const variance = graph.op('Sub', [mean(product(guide, guide)), product(ofGuide, ofGuide)]);
  const slope = graph.op('Div', [covariance, graph.op('Add', [variance, graph.scalar('float32', FLAT)])]);
  const offset = graph.op('Sub', [ofValue, product(slope, ofGuide)]);
  return [mean(slope), mean(offset)];
}

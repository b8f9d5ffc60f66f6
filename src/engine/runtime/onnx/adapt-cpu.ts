import { intOf, textOf } from '../../../graph/attribute.js';
import { readModel } from '../../../graph/onnx/read.js';
import { writeModel } from '../../../graph/onnx/write.js';
import type { Shape } from '../../../graph/ops/rule.js';
import { consumersOf, producerOf, removeDead, replaceByMoves, replaceNode } from '../../../graph/passes/rewrite.js';
import type { Graph, Node } from '../../../graph/types.js';
import { knownShapes } from '../shapes.js';

/** Channels per block of ONNX Runtime's blocked layout, at most. */
const BLOCK = 16;

/**
 * Rewrites a wrapped network with the operators that are fastest in ONNX Runtime's CPU kernels, with the same results.
 *
 * @param model an ONNX file whose inputs have fixed sizes
 */
export function adaptToCpu(model: Uint8Array): Uint8Array {
  const network = readModel(model);
  const { graph } = network;
  const shapes = knownShapes(graph, true);
  for (const node of [...graph.nodes]) {
    if (node.op === 'Cast') castsByQuantization(graph, node, shapes.get(node.inputs[0]!));
    if (node.op === 'DepthToSpace') depthToSpaceByTransposes(graph, node, shapes.get(node.inputs[0]!));
    if (node.op === 'Resize') resizeInBlockedLayout(graph, node, shapes.get(node.inputs[0]!));
  }
  removeDead(graph);
  return writeModel(network);
}

/** Converts between levels and bytes in one pass instead of up to four. */
function castsByQuantization(graph: Graph, cast: Node, shape: Shape | undefined): void {
  const [given, made] = [cast.inputs[0]!, cast.outputs[0]!];
  if (intOf(cast, 'to') === UINT8) {
    const levels = argumentOf(graph, argumentOf(graph, given, 'Clip', [0, 255]), 'Add', [0.5]);
    if (levels === undefined) return;
    const times = factorOf(graph, producerOf(graph, levels), levels);
    const [from, scales] = times ? [times.of, times.factors.map((factor) => 1 / factor)] : [levels, [1]];
    replaceNode(graph, cast, scaled(graph, 'QuantizeLinear', from, made, scales));
  } else if (intOf(cast, 'to') === FLOAT32 && shape?.type === 'uint8') {
    const mul = consumersOf(graph, made)[0];
    const times = factorOf(graph, mul, made);
    if (!mul || times?.of !== made || graph.outputs.some(({ name }) => name === made)) return;
    replaceNode(graph, cast);
    replaceNode(graph, mul, scaled(graph, 'DequantizeLinear', given, mul.outputs[0]!, times.factors));
  }
}

/** A multiplication by positive constants, one for all elements or one for each channel. */
interface Scaling {
  readonly of: string;
  readonly factors: readonly number[];
}

/** The scaling that a node is; undefined where `value` is read elsewhere too. */
function factorOf(graph: Graph, node: Node | undefined, value: string): Scaling | undefined {
  if (node?.op !== 'Mul' || consumersOf(graph, value).length !== 1) return undefined;
  const { data = [], dims = [] } = graph.constants.get(node.inputs[1] ?? '') ?? {};
  const factors = Array.from(data as ArrayLike<unknown>, Number);
  const perChannel = dims.length === 4 && dims[1] === factors.length;
  if (factors.length === 0 || !(factors.length === 1 || perChannel)) return undefined;
  return factors.every((factor) => factor > 0) ? { of: node.inputs[0]!, factors } : undefined;
}

/** Element types as ONNX attributes number them. */
const [FLOAT32, UINT8] = [1, 2];

/** The input of an operator with such constants, if it produces `value` and only one node reads that. */
function argumentOf(graph: Graph, value: string | undefined, op: string, constants: number[]): string | undefined {
  const node = value === undefined ? undefined : producerOf(graph, value);
  if (node?.op !== op || consumersOf(graph, value!).length !== 1) return undefined;
  return constants.every((wanted, n) => scalarOf(graph, node.inputs[n + 1]) === wanted) ? node.inputs[0] : undefined;
}

function scalarOf(graph: Graph, value: string | undefined): number | undefined {
  const constant = value === undefined ? undefined : graph.constants.get(value);
  return constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
}

/** One scale for all elements, or one for each channel; zero point 0. */
function scaled(graph: Graph, op: string, from: string, to: string, scales: readonly number[]): Node {
  const [factor, zero] = [`${to}/scale`, `${to}/zero`];
  const dims = scales.length === 1 ? [] : [scales.length];
  graph.constants.set(factor, { type: 'float32', dims, data: Float32Array.from(scales) });
  graph.constants.set(zero, { type: 'uint8', dims, data: new Uint8Array(scales.length) });
  const attributes = new Map([['axis', { kind: 'int', value: 1 } as const]]);
  return { op, domain: '', name: to, inputs: [from, factor, zero], outputs: [to], attributes };
}

/**
 * DepthToSpace as two transpositions of long runs instead of one of single numbers: 0.8 ms instead of 2.4 for 640×360.
 */
function depthToSpaceByTransposes(graph: Graph, node: Node, shape: Shape | undefined): void {
  const [n, channels, h, w] = (shape?.dims ?? []) as number[];
  const b = intOf(node, 'blocksize');
  if (n !== 1 || !channels || !h || !w || !b || textOf(node, 'mode') === 'CRD') return;
  const c = channels / (b * b);
  replaceByMoves(graph, node, [
    { dims: [b, b, c * h * w] },
    { perm: [0, 2, 1] },
    { dims: [b, c * h, w * b] },
    { perm: [1, 0, 2] },
    { dims: [1, c, h * b, w * b] },
  ]);
}

/**
 * Linear interpolation takes a third of the time in the blocked layout of convolutions, which ONNX Runtime has on x64
 * alone. Instance norms leave that layout; an identity convolution returns to it.
 */
function resizeInBlockedLayout(graph: Graph, node: Node, shape: Shape | undefined): void {
  const [value, , scales] = node.inputs;
  const channels = Number(shape?.dims[1]);
  const by = scales === undefined ? undefined : graph.constants.get(scales);
  const whole = by && [...by.data].every((scale) => Number.isInteger(Number(scale)));
  const linear = textOf(node, 'mode') === 'linear' && node.inputs.length === 3;
  if (!linear || !whole || shape?.dims.length !== 4 || shape.type !== 'float32' || channels % BLOCK !== 0) return;
  let before = producerOf(graph, value!);
  if (before?.op === 'Relu') before = producerOf(graph, before.inputs[0]!);
  if (process.arch !== 'x64' || before?.op !== 'InstanceNormalization') return;
  const [ones, blocked] = [`${node.outputs[0]}/ones`, `${node.outputs[0]}/blocked`];
  const dims = [channels, 1, 1, 1];
  graph.constants.set(ones, { type: 'float32', dims, data: new Float32Array(channels).fill(1) });
  const same: Node = {
    op: 'Conv',
    domain: '',
    name: blocked,
    inputs: [value!, ones],
    outputs: [blocked],
    attributes: new Map([['group', { kind: 'int', value: channels }]]),
  };
  replaceNode(graph, node, same, { ...node, inputs: [blocked, ...node.inputs.slice(1)] });
}

import { EngineError } from '../../../errors.js';
import { intOf } from '../../../graph/attribute.js';
import { writeModel } from '../../../graph/onnx/write.js';
import type { Shape } from '../../../graph/ops/rule.js';
import { consumersOf, intsFor, producerOf, replaceByMoves, replaceNode } from '../../../graph/passes/rewrite.js';
import type { Graph, Node } from '../../../graph/types.js';
import { fold } from '../fold.js';
import { shapesOf } from '../shapes.js';
import { PLACEMENT_INPUTS } from '../spec.js';
import { halve } from './half.js';

/**
 * Rewrites a wrapped network with operators that GPU providers support, so that no part falls back to the CPU:
 * bytes are cast before they are transposed, and SpaceToDepth becomes a transposition.
 *
 * @param model an ONNX file whose inputs have fixed sizes
 * @param half in half precision
 * @throws EngineError `ENGINE_HALF` for networks with float inputs or outputs, which cannot run in half precision
 */
export async function adaptToDevice(model: Uint8Array, half = false): Promise<Uint8Array> {
  const folded = await fold(model);
  const { graph } = folded;
  const shapes = shapesOf(graph);
  for (const node of [...graph.nodes]) REWRITES[node.op]?.(graph, node, shapes);
  if (half && !halve(graph)) {
    throw new EngineError('ENGINE_HALF', 'The network takes or gives fractions; half precision expects bytes.');
  }
  return writeModel(folded);
}

const REWRITES: Readonly<
  Record<string, (graph: Graph, node: Node, shapes: ReadonlyMap<string, Shape['dims']>) => void>
> = {
  Cast: castNextToBytes,
  Pad: sliceForDynamicPad,
  SpaceToDepth: spaceToDepthByTranspose,
};

/** Operators that move elements without changing them. */
const MOVES: ReadonlySet<string> = new Set(['Transpose', 'Reshape', 'Slice', 'Gather']);
const UINT8 = 2;

/** Moves floats instead of bytes: a cast from bytes next to the input, one to bytes next to the output. */
function castNextToBytes(graph: Graph, cast: Node): void {
  const [given, made] = [cast.inputs[0]!, cast.outputs[0]!];
  const between = `${made}/moved`;
  const through = (node: Node, from: string, to: string): Node => ({
    ...node,
    inputs: [from, ...node.inputs.slice(1)],
    outputs: [to],
  });
  const [first, ...others] = consumersOf(graph, made);
  const before = producerOf(graph, given);
  if (intOf(cast, 'to') === UINT8) {
    if (!first || others.length > 0 || !MOVES.has(first.op)) return;
    const last = through(cast, between, first.outputs[0]!);
    replaceNode(graph, cast);
    replaceNode(graph, first, through(first, given, between), last);
    castNextToBytes(graph, last);
  } else if (before && comesAsBytes(graph, given)) {
    const earlier = through(cast, before.inputs[0]!, between);
    replaceNode(graph, before);
    replaceNode(graph, cast, earlier, through(before, between, made));
    castNextToBytes(graph, earlier);
  }
}

/** Whether a value, read once, is an input of bytes, moved at most. */
function comesAsBytes(graph: Graph, value: string): boolean {
  if (consumersOf(graph, value).length !== 1) return false;
  const before = producerOf(graph, value);
  if (before) return MOVES.has(before.op) && comesAsBytes(graph, before.inputs[0]!);
  return graph.inputs.some(({ name, type }) => name === value && type === 'uint8');
}

/**
 * Padding by dynamic amounts, as padding by the largest amount and a dynamic slice: optimizers move transpositions past
 * a dynamic Pad and then permute its amounts on the CPU.
 */
function sliceForDynamicPad(graph: Graph, node: Node, shapes: ReadonlyMap<string, Shape['dims']>): void {
  if (node.inputs[1] !== PLACEMENT_INPUTS.pads) return;
  const [reshape] = consumersOf(graph, node.outputs[0]!);
  const before = shapes.get(node.inputs[0]!) as number[];
  const after = shapes.get(reshape?.outputs[0] ?? '') as number[] | undefined;
  if (!after) return;
  const more = after.map((side, axis) => side - before[axis]!);
  const axes = more.flatMap((side, axis) => (side > 0 ? [axis] : []));
  const ints = (part: string, values: number[]) => intsFor(graph, node.outputs[0]!, part, values);
  const grown = `${node.outputs[0]}/grown`;
  const pad = { ...node, inputs: [node.inputs[0]!, ints('pads', [...more, ...more])], outputs: [grown] };
  const inputs = [grown, PLACEMENT_INPUTS.from, PLACEMENT_INPUTS.to, ints('axes', axes)];
  replaceNode(graph, node, pad, { ...node, op: 'Slice', name: grown, inputs, attributes: new Map() });
}

/** `[n, c, h, w]` → `[n, c, h/b, b, w/b, b]` → `[n, b, b, c, h/b, w/b]` → `[n, b·b·c, h/b, w/b]`. */
function spaceToDepthByTranspose(graph: Graph, node: Node, shapes: ReadonlyMap<string, Shape['dims']>): void {
  const [n, c, h, w] = (shapes.get(node.inputs[0]!) ?? []) as number[];
  const b = intOf(node, 'blocksize');
  if (!n || !c || !h || !w || !b) return;
  replaceByMoves(graph, node, [
    { dims: [n, c, h / b, b, w / b, b] },
    { perm: [0, 3, 5, 1, 2, 4] },
    { dims: [n, b * b * c, h / b, w / b] },
  ]);
}

import type { Graph, Node } from '../types.js';
import { removeDead, renameNode } from './rewrite.js';

/** Ops that return zeros if their first input is zero. */
const STAYS_ZERO = new Set(['Tile', 'Slice', 'Unsqueeze', 'Reshape', 'Cast', 'Identity']);

/**
 * Removes the effect of an input that is all zeros: sums keep their other operand. The input itself stays. Zeros
 * are followed through ops that move numbers, products and sums; other uses stay.
 *
 * @param input whose zeros never stretch what they are added to
 */
export function withoutZeros(graph: Graph, input: string): Graph {
  const zeros = new Set([input]);
  const instead = new Map<string, string>();
  const nodes: Node[] = [];
  for (const original of graph.nodes) {
    const node = renameNode(original, (name) => instead.get(name) ?? name);
    const [first = '', second = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const product = node.op === 'Mul' && node.inputs.some((name) => zeros.has(name));
    if (node.domain === '' && (product || (STAYS_ZERO.has(node.op) && zeros.has(first)))) zeros.add(output);
    if (node.domain === '' && node.op === 'Add' && zeros.has(first) !== zeros.has(second)) {
      instead.set(output, zeros.has(first) ? second : first);
    } else nodes.push(node);
  }
  const result: Graph = { ...graph, nodes, constants: new Map(graph.constants), values: new Map(graph.values) };
  removeDead(result);
  return result;
}

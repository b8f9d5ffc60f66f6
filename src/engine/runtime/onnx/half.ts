import { ELEMENTS, toHalf } from '../../../graph/elements.js';
import type { Graph } from '../../../graph/types.js';

const FLOAT = ELEMENTS.float32.code;
const HALF = ELEMENTS.float16.code;

/**
 * Converts a graph from bytes to bytes to half precision, in place: casts to float32 and all weights become float16.
 * Returns false, changing nothing, for graphs with float inputs or outputs.
 */
export function halve(graph: Graph): boolean {
  if ([...graph.inputs, ...graph.outputs].some(({ type }) => type === 'float32')) return false;
  // The scales of Resize must be float32.
  const scales = new Set(graph.nodes.flatMap(({ op, inputs }) => (op === 'Resize' ? [inputs[2] ?? ''] : [])));
  for (const [name, { type, dims, data }] of graph.constants) {
    if (type !== 'float32' || scales.has(name)) continue;
    graph.constants.set(name, { type: 'float16', dims, data: Uint16Array.from(data as Float32Array, toHalf) });
  }
  for (const { op, attributes } of graph.nodes) {
    const to = attributes.get('to');
    if (op === 'Cast' && to?.kind === 'int' && to.value === FLOAT) attributes.set('to', { kind: 'int', value: HALF });
  }
  graph.values.clear();
  return true;
}

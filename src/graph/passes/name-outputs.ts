import type { Graph } from '../types.js';

/**
 * Which values of a graph get the names of its outputs. A value that cannot be renamed, because it is an input, a
 * constant or an output already, is copied by a node that is added to the graph.
 *
 * @param outputs the values by the names that they are to have
 */
export function nameOutputs(
  graph: Graph,
  outputs: ReadonlyMap<string, { readonly name: string }>,
): Map<string, string> {
  const renamed = new Map<string, string>();
  const fixed = new Set([...graph.inputs.map((input) => input.name), ...graph.constants.keys(), ...outputs.keys()]);
  for (const [name, value] of outputs) {
    if (name === value.name) continue;
    if (!fixed.has(value.name) && !renamed.has(value.name)) {
      renamed.set(value.name, name);
      continue;
    }
    graph.nodes.push({
      op: 'Identity',
      domain: '',
      name,
      inputs: [value.name],
      outputs: [name],
      attributes: new Map(),
    });
  }
  return renamed;
}

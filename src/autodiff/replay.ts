import { GraphError } from '../errors.js';
import type { AttributeValue } from '../graph/attribute.js';
import type { GraphBuilder, Value } from '../graph/builder.js';
import type { Model } from '../graph/types.js';

/**
 * Adds a model's nodes one by one to a builder: with inputs of known sizes all shapes are inferred, so that gradients
 * can be taken through it. `embed` accepts any model, but without inference.
 *
 * @param inputs values of its inputs by name. @returns its outputs by name.
 * @throws GraphError GRAPH_INPUTS where one is missing; as `op` does, GRAPH_UNKNOWN_OP for ops that are not in the
 * table.
 */
export function replay(
  b: GraphBuilder,
  { graph }: Model,
  inputs: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const values = new Map(Object.entries(inputs));
  for (const [name, { type, dims, data }] of graph.constants) values.set(name, b.constant(type, dims, data));
  const known = (name: string) => {
    const value = values.get(name);
    if (value) return value;
    throw new GraphError('GRAPH_INPUTS', `replay "${graph.name}": expected its input ${name}, got none`, {
      hint: `Give a value for ${name}.`,
    });
  };
  for (const { op, domain, inputs: names, outputs, attributes } of graph.nodes) {
    const given = Object.fromEntries([...attributes].map(([name, { value }]) => [name, value as AttributeValue]));
    const full = domain === '' ? op : `${domain}.${op}`;
    const found = b.ops(
      full,
      names.map((name) => (name === '' ? undefined : known(name))),
      given,
      { outputs: outputs.length },
    );
    outputs.forEach((name, i) => {
      values.set(name, found[i]!);
    });
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, known(name)]));
}

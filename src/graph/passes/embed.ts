import { GraphError } from '../../errors.js';
import { shapeText } from '../dims.js';
import type { Shape } from '../ops/rule.js';
import type { FunctionDefinition, Model, Node, Tensor } from '../types.js';
import { expectOpset } from './emit.js';
import { mapSubgraphs, renameNode } from './rewrite.js';

/** A model with all names prefixed, ready to be inlined into another graph. */
export interface EmbeddedModel {
  readonly nodes: Node[];
  readonly constants: Map<string, Tensor>;
  readonly functions: FunctionDefinition[];
  readonly opsets: Map<string, number>;
  /** Output names of the model, and their new names. */
  readonly outputs: Map<string, string>;
}

/**
 * Prepares a model for inlining: its inputs become the given values, every other name gets a prefix, also inside
 * subgraphs; its own functions move to a prefixed domain.
 *
 * @throws GraphError GRAPH_OPSET, GRAPH_INPUTS, GRAPH_OUTPUTS.
 */
export function embed(
  model: Model,
  prefix: string,
  inputs: Readonly<Record<string, Shape & { readonly name: string }>>,
  outputs: readonly string[],
): EmbeddedModel {
  expectOpset(model.opsets.get('') ?? 1);
  const { graph } = model;
  const needed = graph.inputs.map((input) => input.name).filter((name) => !graph.constants.has(name));
  const missing = needed.filter((name) => inputs[name] === undefined);
  const strange = Object.keys(inputs).filter((name) => !graph.inputs.some((input) => input.name === name));
  if (missing.length > 0 || strange.length > 0) {
    throw mismatch('GRAPH_INPUTS', graph.name, 'inputs', needed, Object.keys(inputs));
  }
  for (const input of graph.inputs) {
    const value = inputs[input.name];
    if (value === undefined || input.unranked) continue;
    if (value.type !== input.type || value.dims.length !== input.dims.length) {
      const text = ({ type, dims }: Shape) => `${type} ${shapeText(dims)}`;
      throw mismatch('GRAPH_INPUTS', graph.name, `input ${input.name}`, [text(input)], [text(value)]);
    }
  }
  const present = graph.outputs.map((output) => output.name);
  if (outputs.some((name) => !present.includes(name))) {
    throw mismatch('GRAPH_OUTPUTS', graph.name, 'outputs', present, outputs);
  }
  const rename = (name: string) => inputs[name]?.name ?? `${prefix}/${name}`;
  const functions = model.functions ?? [];
  const own = new Set(functions.map((definition) => `${definition.domain} ${definition.name}`));
  const call = (node: Node): Node => {
    const domain = own.has(`${node.domain} ${node.op}`) ? `${prefix}/${node.domain}` : node.domain;
    return { ...mapSubgraphs(node, (child) => [call(child)]), domain, name: node.name && `${prefix}/${node.name}` };
  };
  const opsets = new Map(model.opsets);
  for (const { domain } of functions) opsets.set(`${prefix}/${domain}`, opsets.get(domain) ?? 1);
  return {
    nodes: graph.nodes.map((node) => call(renameNode(node, rename))),
    // A weight that the caller feeds is no longer a constant.
    constants: new Map([...graph.constants].flatMap(([name, value]) => (inputs[name] ? [] : [[rename(name), value]]))),
    functions: functions.map((definition) => ({
      ...definition,
      domain: `${prefix}/${definition.domain}`,
      opsets: new Map([...definition.opsets].map(([domain, version]) => [domain, version])),
      nodes: definition.nodes.map(call),
    })),
    opsets,
    outputs: new Map(outputs.map((name) => [name, rename(name)])),
  };
}

function mismatch(code: string, name: string, what: string, expected: readonly string[], got: readonly string[]) {
  return new GraphError(code, `embed "${name}": expected ${what} ${expected.join(', ')}, got ${got.join(', ')}`, {
    hint: 'Give the inputs and outputs as the model declares them.',
  });
}

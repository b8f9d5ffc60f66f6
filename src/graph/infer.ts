import { GraphError } from '../errors.js';
import { OpCall, type OpRule, type Shape } from './ops/rule.js';
import { OPS } from './ops/table.js';
import type { Node, Tensor } from './types.js';

/** Known shapes and constants around a node. */
export interface InferenceScope {
  shapeOf(value: string): Shape | undefined;
  constantOf(value: string): Tensor | undefined;
}

/**
 * The types and shapes of a node's outputs, by the op table.
 *
 * @throws GraphError GRAPH_UNKNOWN_OP, GRAPH_INPUTS, GRAPH_ATTRIBUTE or GRAPH_SHAPE, naming the op, what was expected
 * and what it got.
 */
export function infer(node: Node, scope: InferenceScope): readonly Shape[] {
  const rule = ruleOf(node.op);
  const given = trimmed(node.inputs);
  const [least, most] = rule.inputs;
  if (given.length < least || given.length > most) {
    const range = least === most ? `${least}` : `${least} to ${most}`;
    throw fault('GRAPH_INPUTS', node, `${range} inputs`, String(given.length));
  }
  for (const [name, { kind }] of node.attributes) {
    const expected = rule.attributes[name];
    if (expected === undefined) {
      throw fault('GRAPH_ATTRIBUTE', node, `attributes ${Object.keys(rule.attributes).join(', ') || 'none'}`, name);
    }
    if (expected !== kind && kind !== 'reference') {
      throw fault('GRAPH_ATTRIBUTE', node, `attribute ${name} of kind ${expected}`, kind);
    }
  }
  const shapes = given.map((name) => (name === '' ? undefined : scope.shapeOf(name)));
  const constants = given.map((name) => (name === '' ? undefined : scope.constantOf(name)));
  const call = new OpCall(node.op, node.name, shapes, constants, node.attributes, node.outputs.length);
  const outputs = rule.infer(call);
  if (node.outputs.length > outputs.length || node.outputs.length === 0) {
    throw fault('GRAPH_OUTPUTS', node, `1 to ${outputs.length} outputs`, String(node.outputs.length));
  }
  return outputs.slice(0, node.outputs.length);
}

/** The table's entry of an op. @throws GraphError GRAPH_UNKNOWN_OP when it has none. */
export function ruleOf(op: string): OpRule {
  const rule = OPS.get(op);
  if (rule !== undefined) return rule;
  throw new GraphError('GRAPH_UNKNOWN_OP', `"${op}" is not in the op table`, {
    hint: `Use one of: ${[...OPS.keys()].sort().join(', ')}.`,
  });
}

function trimmed(inputs: readonly string[]): readonly string[] {
  const last = inputs.findLastIndex((name) => name !== '');
  return inputs.slice(0, last + 1);
}

function fault(code: string, node: Node, expected: string, got: string): GraphError {
  const name = node.name && node.name !== node.op ? ` "${node.name}"` : '';
  return new GraphError(code, `${node.op}${name}: expected ${expected}, got ${got}`, {
    hint: 'Check this node against the ONNX operator of that name.',
  });
}

import { GraphError } from '#src/errors.js';
import { shapeText } from '#src/graph/dims.js';
import { sizeOf } from '#src/graph/elements.js';
import { infer } from '#src/graph/infer.js';
import type { Shape } from '#src/graph/ops/rule.js';
import { OPS } from '#src/graph/ops/table.js';
import { readsOf } from '#src/graph/passes/rewrite.js';
import type { Dim, Graph, Node, ValueInfo } from '#src/graph/types.js';

/**
 * Checks that a graph is well formed: every value is computed once and before it is read, constants have as many
 * elements as their dims say, and the shape of every node of the op table fits what the graph declares.
 *
 * Nodes that the table does not know, or that are written as another opset writes them, are taken on trust, and so is
 * what depends on them.
 *
 * @throws GraphError GRAPH_UNDEFINED, GRAPH_DUPLICATE, GRAPH_SHAPE, GRAPH_INPUTS, GRAPH_ATTRIBUTE.
 */
export function verify(graph: Graph): void {
  const shapes = new Map<string, Shape | undefined>();
  const define = (name: string, shape: Shape | undefined, where: string) => {
    if (shapes.has(name)) throw fault('GRAPH_DUPLICATE', `${where}: expected a new name, got "${name}" a second time`);
    shapes.set(name, shape);
  };
  for (const [name, { type, dims, data }] of graph.constants) {
    if (sizeOf(dims) !== data.length) {
      throw fault('GRAPH_SHAPE', `constant "${name}": expected ${sizeOf(dims)} elements, got ${data.length}`);
    }
    define(name, { type, dims }, 'constants');
  }
  for (const input of graph.inputs) {
    // Old exporters list weights among the inputs as well.
    if (!graph.constants.has(input.name)) define(input.name, input.unranked ? undefined : input, 'inputs');
  }
  const scope = {
    shapeOf: (name: string) => shapes.get(name),
    constantOf: (name: string) => graph.constants.get(name),
  };
  for (const node of graph.nodes) {
    const label = `${node.op} "${node.name}"`;
    for (const name of node.inputs) {
      if (name !== '' && !shapes.has(name)) throw undefinedValue(graph, label, name);
    }
    const known = isKnown(node) && readsOf(node).every((name) => shapes.get(name) !== undefined);
    const outputs = known ? infer(node, scope) : [];
    node.outputs.forEach((name, index) => {
      if (name === '') return;
      const declared = graph.values.get(name) ?? graph.outputs.find((output) => output.name === name);
      const shape = outputs[index] ?? (declared?.unranked ? undefined : declared);
      if (shape !== undefined && declared !== undefined) expectSame(label, declared, shape);
      define(name, shape, label);
    });
  }
  for (const { name } of graph.outputs) {
    if (!shapes.has(name)) throw undefinedValue(graph, 'outputs', name);
  }
}

function isKnown(node: Node): boolean {
  const rule = node.domain === '' ? OPS.get(node.op) : undefined;
  if (rule === undefined) return false;
  const given = node.inputs.filter((name) => name !== '').length;
  return given >= rule.inputs[0] && [...node.attributes.keys()].every((name) => rule.attributes[name] !== undefined);
}

function expectSame(label: string, declared: ValueInfo, got: Shape): void {
  if (declared.unranked) return;
  const differs = (a: Dim, b: Dim) => typeof a === 'number' && typeof b === 'number' && a !== b;
  const sameRank = declared.dims.length === got.dims.length;
  if (declared.type === got.type && sameRank && !declared.dims.some((dim, i) => differs(dim, got.dims[i]!))) return;
  throw fault(
    'GRAPH_SHAPE',
    `${label}: expected "${declared.name}" to be ${declared.type} ${shapeText(declared.dims)}, got ${got.type} ${shapeText(got.dims)}`,
  );
}

function undefinedValue(graph: Graph, where: string, name: string): GraphError {
  const later = graph.nodes.some((node) => node.outputs.includes(name));
  return fault(
    'GRAPH_UNDEFINED',
    `${where}: expected a value computed before, got "${name}", ${later ? 'computed later' : 'which nothing computes'}`,
  );
}

function fault(code: string, message: string): GraphError {
  return new GraphError(code, message, { hint: 'The graph was put together wrongly; build it with GraphBuilder.' });
}

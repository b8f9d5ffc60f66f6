import { infer } from '../../graph/infer.js';
import type { Shape } from '../../graph/ops/rule.js';
import type { Graph, Node } from '../../graph/types.js';

/** Dims by the name of the value. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * Shapes by the op table. An unknown operator is assumed to keep the shape of its first input or, with `certain`,
 * has no shape, nor has anything that depends on it.
 */
export function shapesOf(graph: Graph, certain = false): Shapes {
  return new Map([...knownShapes(graph, certain)].map(([name, { dims }]) => [name, dims as readonly number[]]));
}

/** The same with the types of the elements. */
export function knownShapes(graph: Graph, certain = false): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const { name, type, dims } of graph.inputs) shapes.set(name, { type, dims });
  for (const [name, { type, dims }] of graph.constants) shapes.set(name, { type, dims });
  const context = {
    shapeOf: (name: string) => shapes.get(name),
    constantOf: (name: string) => graph.constants.get(name),
  };
  for (const node of graph.nodes) {
    const known = tryInfer(node, context) ?? node.outputs.map(() => shapes.get(certain ? '' : (node.inputs[0] ?? '')));
    node.outputs.forEach((name, at) => {
      const shape = known[at];
      if (name && shape) shapes.set(name, shape);
    });
  }
  return shapes;
}

function tryInfer(node: Node, context: Parameters<typeof infer>[1]): readonly Shape[] | undefined {
  try {
    return infer(node, context);
  } catch {
    return undefined;
  }
}

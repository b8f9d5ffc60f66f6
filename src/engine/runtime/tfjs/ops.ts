import { EngineError } from '../../../errors.js';
import { subgraphs } from '../../../graph/passes/rewrite.js';
import type { Graph } from '../../../graph/types.js';
import { NodeView, type TfjsOp } from './call.js';
import { ELEMENTWISE } from './elementwise.js';
import { LAYOUT } from './layout.js';
import { PICTURE } from './picture.js';
import { REDUCE } from './reduce.js';
import { WINDOWED } from './window.js';

/** Every ONNX operator that runs on tfjs. */
export const OPS: ReadonlyMap<string, TfjsOp> = new Map(
  Object.entries({ ...ELEMENTWISE, ...LAYOUT, ...PICTURE, ...REDUCE, ...WINDOWED }),
);

/**
 * Checks that the table has all operators of a graph.
 *
 * @throws EngineError `ENGINE_OPS` that names them all
 */
export function checkOps(graph: Graph): void {
  const refused = new Set<string>();
  for (const node of graph.nodes) {
    const name = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    const row = node.domain === '' ? OPS.get(node.op) : undefined;
    const reason = row?.refuse?.(new NodeView(node));
    if (!row || subgraphs(node).length > 0) refused.add(name);
    else if (reason) refused.add(`${name} ${reason}`);
  }
  if (refused.size === 0) return;
  throw new EngineError('ENGINE_OPS', `tfjs cannot run this network: it has no ${[...refused].join(', ')}.`, {
    hint: 'Use --device cpu, webgpu or another device of ONNX Runtime.',
  });
}

import { expect, test } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { run } from '../run.js';

test('a network whose nodes have no names can be part of another graph', async () => {
  const inner = new GraphBuilder('inner');
  const x = inner.input('x', 'float32', [2]);
  const doubled = inner.op('Add', [x, x]);
  inner.output('y', inner.op('Mul', [doubled, doubled]));
  const model = inner.build();
  const nameless = {
    ...model,
    graph: { ...model.graph, nodes: model.graph.nodes.map((node) => ({ ...node, name: '' })) },
  };

  const outer = new GraphBuilder('outer');
  const given = outer.input('given', 'float32', [2]);
  const { y } = outer.embed(nameless, { x: given }, { y: { type: 'float32', dims: [2] } });
  outer.output('result', y!);
  const { result } = await run(outer.build(), { given: { type: 'float32', dims: [2], data: Float32Array.of(1, 3) } });
  expect([...(result!.data as Float32Array)]).toEqual([4, 36]);
});

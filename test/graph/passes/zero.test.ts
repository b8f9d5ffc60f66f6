import { expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { withoutZeros } from '#src/graph/passes/zero.js';
import { waves } from '../../reference/wave.js';
import { numbers, run } from '../run.js';

it('leaves out what an input of zeros adds, and keeps what else is made of it', async () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [2, 4]);
  const more = b.input('more', 'float32', [1, 2]);
  const tiles = b.op('Tile', [more, b.ints([2, 2])]);
  const scaled = b.op('Mul', [b.op('Neg', [x]), tiles]);
  const sum = b.op('Add', [b.op('Add', [scaled, b.op('Abs', [x])]), tiles]);
  b.output('y', b.op('Relu', [sum]));
  b.output('kept', b.op('Exp', [tiles]));
  const model = b.build();
  const pruned = { ...model, graph: withoutZeros(model.graph, 'more') };
  expect(model.graph.nodes.map(({ op }) => op)).toEqual(['Tile', 'Neg', 'Mul', 'Abs', 'Add', 'Add', 'Relu', 'Exp']);
  expect(pruned.graph.nodes.map(({ op }) => op)).toEqual(['Tile', 'Abs', 'Relu', 'Exp']);
  const feeds = (value: number) => ({
    x: tensor('float32', [2, 4], waves(8, 0.3, 1)),
    more: tensor('float32', [1, 2], [value, value]),
  });
  const [with0, with1, without] = [await run(model, feeds(0)), await run(model, feeds(1)), await run(pruned, feeds(0))];
  expect(numbers(without.y!)).toEqual(numbers(with0.y!));
  expect(numbers(without.kept!)).toEqual(numbers(with0.kept!));
  expect(numbers(with1.y!)).not.toEqual(numbers(with0.y!));
});

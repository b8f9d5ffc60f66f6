import { expect, test } from 'vitest';
import { inspect } from '#src/engine/analysis/inspect.js';
import { GraphBuilder } from '#src/graph/builder.js';

test('slices of a picture do not count as a coarser layer', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [1, 3, 96, 160]);
  const strip = (from: number, to: number) => b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([2])]);
  const framed = b.op('Concat', [strip(0, 2), x, strip(94, 96)], { axis: 2 });
  const weights = b.constant('float32', [3, 3, 5, 5], new Float32Array(225));
  b.output('y', b.op('Conv', [framed, weights], { pads: [0, 2, 0, 2] }));
  const facts = inspect(b.build(), { name: 'x', layout: 'nchw' });
  expect(facts.stride).toBe(1);
  expect(facts.reach).toBe(3);
  expect(facts.parameters).toBeGreaterThanOrEqual(225);
  expect(facts.gmac).toBeCloseTo((96 * 160 * 3 * 75) / 1e9, 9);
});

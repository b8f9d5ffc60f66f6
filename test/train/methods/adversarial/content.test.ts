import { describe, expect, it } from 'vitest';
import { backward } from '#src/autodiff/backward.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { styleNetwork } from '#src/nets/network.js';
import { initialParameters, TrainedParameters } from '#src/nets/parameters/parameters.js';
import { SharedParameters } from '#src/nets/parameters/shared.js';
import { contentReconstruction } from '#src/train/methods/adversarial/content.js';
import { interpret } from '../../../autodiff/interpreter.js';
import { waves } from '../../../reference/wave.js';

const size = 24;
const tier = { channels: [2, 2, 2], blocks: 1 } as const;

/** The loss of the content branch on a painting of the smallest network, and its gradient, all in one graph. */
function branch() {
  const b = new GraphBuilder();
  const photograph = b.constant('float32', [1, 3, size, size], waves(3 * size * size, 0.3, 0.4, 0.5));
  const place = b.constant('int64', [2], [3, 7]);
  const parameters = new TrainedParameters(b);
  const net = { b, parameters, norm: 'live', seen: new Map() } as const;
  const painting = styleNetwork(net, photograph, tier).picture;
  const painters = parameters.list.length;
  const known = new Map(parameters.list.map(({ name }, i) => [name, parameters.values[i]!]));
  const own = { ...net, parameters: new SharedParameters(known, parameters) };
  const loss = contentReconstruction(own, { painting, photograph, place }, tier, 1);
  const gradients = backward(b, loss, parameters.values).map((each) => b.op('Reshape', [each, b.ints([-1])]));
  b.output('loss', loss);
  b.output('gradient', b.op('Concat', gradients, { axis: 0 }));
  return { graph: b.build().graph, list: parameters.list, painters };
}

describe('the content branch', () => {
  it('sends its gradient through the painting to all of the style network, equal to finite differences', () => {
    const { graph, list, painters } = branch();
    // Away from where it starts: a branch that paints nothing but grey has no gradient to pass on.
    const data = Float64Array.from(initialParameters(list, 3), (value, i) => value + 0.4 * Math.sin(i));
    const dims = [data.length];
    const gradient = interpret(graph, { parameters: { dims, data } }).gradient!.data;
    const lossAt = (i: number, delta: number) =>
      interpret(graph, { parameters: { dims, data: data.with(i, data[i]! + delta) } }).loss!.data[0]!;
    // One parameter of each kind of layer: of the decoder, which is not shared, and of the shared encoder; of the
    // branch.
    const names = [
      'paint.detail',
      'merge1.scale',
      'merge2.weight',
      'body1.2.weight',
      'fine.weight',
      'content.merge.weight',
    ];
    for (const name of names) {
      const index = list.findIndex((parameter) => parameter.name === name);
      const { offset, size: count } = list[index]!;
      expect(index < painters, name).toBe(!name.startsWith('content'));
      const strongest = gradient
        .slice(offset, offset + count)
        .reduce((best, value, i, all) => (Math.abs(value) > Math.abs(all[best]!) ? i : best), 0);
      const at = offset + strongest;
      const slope = (lossAt(at, 1e-5) - lossAt(at, -1e-5)) / 2e-5;
      expect(Math.abs(slope), name).toBeGreaterThan(1e-4);
      expect(Math.abs(gradient[at]! - slope), `${name}: ${gradient[at]} and ${slope}`).toBeLessThan(
        1e-4 * Math.max(1, Math.abs(slope)),
      );
    }
  });
});

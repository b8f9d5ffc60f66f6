import type { Size } from '../../frame.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import { toBytes } from './live-wrap.js';

/** Origin of a region mask: `given` as a picture, or `found` by the person network. */
export type MaskKind = 'given' | 'found';

/**
 * Combines two pictures by a mask: `inside` and `outside` uint8 `[1, H, W, 3]` to `result` of the same kind,
 * `outside + (inside - outside) * mask`, rounded.
 *
 * The input `mask` is uint8 `[1, H, W, 3]`, grey, 255 inside, for a given mask; float32 `[1, 1, H, W]` in [0, 1], as
 * `PersonMask` returns it, for a found one.
 *
 * @param compare puts a further input `source` to the left: the result is twice as wide
 */
export function regionModel({ width, height }: Size, kind: MaskKind, compare: boolean): Model {
  const dims = [1, height, width, 3];
  const graph = new GraphBuilder('stylecast');
  const picture = (name: string) => graph.op('Cast', [graph.input(name, 'uint8', dims)], { to: 1 });
  const [inside, outside] = [picture('inside'), picture('outside')];
  const share =
    kind === 'given'
      ? graph.op('Mul', [picture('mask'), graph.scalar('float32', 1 / 255)])
      : graph.op('Reshape', [graph.input('mask', 'float32', [1, 1, height, width]), graph.ints([1, height, width, 1])]);
  const change = graph.op('Mul', [graph.op('Sub', [inside, outside]), share]);
  const mixed = toBytes(graph, graph.op('Add', [outside, change]));
  graph.output(
    'result',
    compare ? graph.op('Concat', [graph.input('source', 'uint8', dims), mixed], { axis: 2 }) : mixed,
  );
  return graph.build();
}

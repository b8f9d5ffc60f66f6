import type { Size } from '../../frame.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import { mirrored, toBytes } from './live-wrap.js';

/**
 * Use of a mask: none; painting inside (or, inverted, outside) and source elsewhere; or the mask as the picture's
 * alpha.
 */
export type Masking = 'none' | 'within' | 'alpha';

/**
 * The weighted mean of a source and `count` painted pictures, masked: `frame` and `painted_0`… uint8 `[1, H, W, 3]` to
 * `result` uint8 `[1, H, W, 3]`, or `[1, H, W, 4]` with straight alpha.
 *
 * Further inputs: `weights` float32 `[1, count + 1]`, the source's first; with a mask, `mask` float32 `[1, 1, H, W]` in
 * [0, 1], 1 inside; with `within`, `slope` and `offset` float32 scalars: the weight of the painting is `slope * mask +
 * offset`.
 */
export function mixModel({ width, height }: Size, count: number, masking: Masking): Model {
  const pixels = width * height;
  const graph = new GraphBuilder('stylecast');
  const planes = (name: string) => {
    const bytes = graph.input(name, 'uint8', [1, height, width, 3]);
    const planar = graph.op('Transpose', [bytes], { perm: [0, 3, 1, 2] });
    return graph.op('Reshape', [planar, graph.ints([1, 3 * pixels])]);
  };
  const names = ['frame', ...Array.from({ length: count }, (_, at) => `painted_${at}`)];
  const stacked = graph.op('Cast', [graph.op('Concat', names.map(planes), { axis: 0 })], { to: 1 });
  const weights = graph.input('weights', 'float32', [1, count + 1]);
  const shaped = (value: Value) => graph.op('Reshape', [value, graph.ints([3, pixels])]);
  let mixed = shaped(graph.op('MatMul', [weights, stacked]));
  if (masking !== 'none') {
    const given = graph.input('mask', 'float32', [1, 1, height, width]);
    const mask = graph.op('Reshape', [given, graph.ints([1, pixels])]);
    if (masking === 'alpha') {
      const alpha = graph.op('Mul', [mask, graph.scalar('float32', 255)]);
      mixed = graph.op('Concat', [mixed, alpha], { axis: 0 });
    } else {
      const slope = graph.op('Mul', [mask, graph.input('slope', 'float32', [])]);
      const shown = graph.op('Add', [slope, graph.input('offset', 'float32', [])]);
      const source = shaped(graph.op('Slice', [stacked, graph.ints([0]), graph.ints([1]), graph.ints([0])]));
      const change = graph.op('Sub', [mixed, source]);
      mixed = graph.op('Add', [source, graph.op('Mul', [change, shown])]);
    }
  }
  const channels = masking === 'alpha' ? 4 : 3;
  const result = graph.op('Transpose', [toBytes(graph, mixed)], { perm: [1, 0] });
  graph.output('result', graph.op('Reshape', [result, graph.ints([1, height, width, channels])]));
  return graph.build();
}

/** A grey picture as a mask: `frame` uint8 `[1, H, W, 3]` to `mask` float32 `[1, 1, H, W]` in [0, 1]. */
export function greyModel({ width, height }: Size): Model {
  const graph = new GraphBuilder();
  const frame = graph.input('frame', 'uint8', [1, height, width, 3]);
  const one = graph.op('Slice', [frame, graph.ints([0]), graph.ints([1]), graph.ints([3])]);
  const share = graph.op('Mul', [graph.op('Cast', [one], { to: 1 }), graph.scalar('float32', 1 / 255)]);
  graph.output('mask', graph.op('Reshape', [share, graph.ints([1, 1, height, width])]));
  return graph.build();
}

/** Mirrors left and right: `frame` to `result`, uint8 `[1, H, W, 3]`. */
export function mirrorModel({ width, height }: Size): Model {
  const graph = new GraphBuilder();
  graph.output('result', mirrored(graph, graph.input('frame', 'uint8', [1, height, width, 3])));
  return graph.build();
}

import type { GraphBuilder, Value } from '../graph/builder.js';
import { meanOf, relativeDistance } from './distance.js';

/** Steps between neighbours along an axis. */
function steps(b: GraphBuilder, x: Value, axis: number): Value {
  const size = Number(x.dims[axis]);
  const part = (start: number) => b.op('Slice', [x, b.ints([start]), b.ints([size - 1 + start]), b.ints([axis])]);
  return b.op('Sub', [part(1), part(0)]);
}

/**
 * How far a decoded picture is from the photograph, as a share: the mean of the distances of colours around their mean,
 * and of the steps between neighbours down and across, without which edges hardly count beside areas (gradient
 * difference, Mathieu 2016, arXiv 1511.05440). 0 is equal, 1 as far as one flat colour.
 *
 * @param decoded,photograph [n, 3, h, w].
 */
export function keptContentLoss(b: GraphBuilder, decoded: Value, photograph: Value): Value {
  const mean = b.op('ReduceMean', [photograph], { axes: [2, 3] });
  const around = (x: Value) => b.op('Sub', [x, mean]);
  return meanOf(b, [
    relativeDistance(b, around(decoded), around(photograph)),
    ...[2, 3].map((axis) => relativeDistance(b, steps(b, decoded, axis), steps(b, photograph, axis))),
  ]);
}

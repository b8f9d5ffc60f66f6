import type { GraphBuilder, Value } from '../../graph/builder.js';
import { meanOf, relativeDistance } from './distance.js';

/** Steps between neighbours along an axis. */
function steps(b: GraphBuilder, x: Value, axis: number): Value {
  const size = Number(x.dims[axis]);
  const part = (start: number) => b.op('Slice', [x, b.ints([start]), b.ints([size - 1 + start]), b.ints([axis])]);
  return b.op('Sub', [part(1), part(0)]);
}

/** A picture without its mean colours, [n, c, h, w]. */
function around(b: GraphBuilder, x: Value): Value {
  return b.op('Sub', [x, b.op('ReduceMean', [x], { axes: [2, 3] })]);
}

/**
 * How far a decoded picture is from the photograph, as a share: the mean of the distances of colours, and of the steps
 * between neighbours down and across, without which edges hardly count beside areas (gradient difference, Mathieu 2016,
 * arXiv 1511.05440). 0 is equal, 1 as far as one flat colour.
 *
 * Mean colour and contrast are the style's business, and instance norms take them away: the photograph counts with a
 * mean of 0 and a deviation of 1, the decoded picture with a mean of 0.
 *
 * @param decoded,photograph [n, 3, h, w].
 */
export function keptContentLoss(b: GraphBuilder, decoded: Value, photograph: Value): Value {
  const centred = around(b, photograph);
  const variance = b.op('ReduceMean', [b.op('Mul', [centred, centred])], { axes: [1, 2, 3] });
  const deviation = b.op('Sqrt', [b.op('Add', [variance, b.scalar('float32', 1e-4)])]);
  const [found, wanted] = [around(b, decoded), b.op('Div', [centred, deviation])];
  return meanOf(b, [
    relativeDistance(b, found, wanted),
    ...[2, 3].map((axis) => relativeDistance(b, steps(b, found, axis), steps(b, wanted, axis))),
  ]);
}

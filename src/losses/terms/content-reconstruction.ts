import type { GraphBuilder, Value } from '../../graph/builder.js';
import { meanOf, relativeDistance } from './distance.js';

/** Differences between neighbours along an axis. */
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
 * Relative distance of a decoded picture from the photograph: the mean of the distances of colours, and of the
 * differences between vertical and horizontal neighbours, without which edges would hardly count (gradient difference,
 * Mathieu 2016, arXiv 1511.05440). 0 is equal, 1 is the distance of one flat colour.
 *
 * Mean colour and contrast belong to the style and are removed by instance norms: the photograph is normalised to mean
 * 0 and standard deviation 1, the decoded picture to mean 0.
 *
 * @param decoded,photograph [n, 3, h, w].
 */
export function contentReconstructionLoss(b: GraphBuilder, decoded: Value, photograph: Value): Value {
  const centred = around(b, photograph);
  const variance = b.op('ReduceMean', [b.op('Mul', [centred, centred])], { axes: [1, 2, 3] });
  const deviation = b.op('Sqrt', [b.op('Add', [variance, b.scalar('float32', 1e-4)])]);
  const [found, wanted] = [around(b, decoded), b.op('Div', [centred, deviation])];
  return meanOf(b, [
    relativeDistance(b, found, wanted),
    ...[2, 3].map((axis) => relativeDistance(b, steps(b, found, axis), steps(b, wanted, axis))),
  ]);
}

import type { GraphBuilder, Value } from '../../graph/builder.js';
import { energy } from './distance.js';

/** Rec. 709 luminance of RGB [n, 3, h, w], as [n, 1, h, w]. */
export function luminance(b: GraphBuilder, rgb: Value): Value {
  const weights = b.constant('float32', [1, 3, 1, 1], [0.2126, 0.7152, 0.0722]);
  return b.op('ReduceSum', [b.op('Mul', [rgb, weights])], { axes: [1] });
}

/**
 * Output-level temporal loss with the luminance-change term of ReCoNet (Gao 2018, arXiv 1807.01197): the mean over
 * unmasked pixels of (later − warped earlier − change of the input's luminance)², as a share of the variance of the
 * later frame's colours. Relative, because otherwise a paler painting would count as a more stable one.
 *
 * @param later the later painted frame, [n, 3, h, w].
 * @param warped the earlier painted frame, warped by the motion; a target: stop the gradient there.
 * @param change expected change of luminance of the later painting, [n, 1, h, w] or a scalar. @param mask 1 where the
 * motion is known, else 0.
 */
export function temporalLoss(b: GraphBuilder, later: Value, warped: Value, change: Value, mask: Value): Value {
  const difference = b.op('Sub', [b.op('Sub', [later, warped]), change]);
  const kept = meanWhere(b, difference, mask);
  return b.op('Div', [kept, b.op('Add', [variance(b, later), b.scalar('float32', LEAST)])]);
}

/**
 * Feature-level temporal loss (ReCoNet): how far the encoder's features of the later frame are from the warped ones of
 * the earlier, relative to the mean variance of both, where the mask allows; plus the relative shortfall of the
 * variance below {@link ALIVE}.
 *
 * The denominator has a gradient with respect to the later frame too: relative to a constant, noisy features would be
 * driven to become weaker. And constant features are the most stable of all: a long training would collapse to them,
 * with a painting made by the skip connections alone.
 */
export function featureLoss(b: GraphBuilder, later: Value, warped: Value, mask: Value): Value {
  const number = (value: number) => b.scalar('float32', value);
  const kept = meanWhere(b, b.op('Sub', [later, warped]), mask);
  const own = variance(b, later);
  const mean = b.op('Mul', [b.op('Add', [own, variance(b, warped)]), number(0.5)]);
  const share = b.op('Div', [kept, b.op('Add', [mean, number(LEAST)])]);
  const lacking = b.op('Relu', [b.op('Sub', [number(1), b.op('Mul', [own, number(1 / ALIVE)])])]);
  return b.op('Add', [share, lacking]);
}

/** Variance that features must keep: half of that in networks that paint well. */
const ALIVE = 0.03;

/** Smallest variance used as a denominator. */
const LEAST = 1e-3;

/** The mean square of x [n, c, h, w] where a mask [n, 1, h, w] allows; dims []. */
function meanWhere(b: GraphBuilder, x: Value, mask: Value): Value {
  const kept = energy(b, b.op('Mul', [x, mask]));
  const pixels = b.op('ReduceSum', [mask], { keepdims: 0 });
  const elements = b.op('Mul', [pixels, b.scalar('float32', Number(x.dims[1]))]);
  return b.op('Div', [kept, b.op('Add', [elements, b.scalar('float32', 1)])]);
}

/** The mean square of what is around each channel's mean, [n, c, h, w]; dims []. */
function variance(b: GraphBuilder, x: Value): Value {
  const around = b.op('Sub', [x, b.op('ReduceMean', [x], { axes: [2, 3] })]);
  return b.op('ReduceMean', [b.op('Mul', [around, around])], { keepdims: 0 });
}

import type { GraphBuilder, Value } from '../graph/builder.js';
import { energy } from './distance.js';

/** Rec. 709 luminance of RGB [n, 3, h, w], as [n, 1, h, w]. */
export function luminance(b: GraphBuilder, rgb: Value): Value {
  const weights = b.constant('float32', [1, 3, 1, 1], [0.2126, 0.7152, 0.0722]);
  return b.op('ReduceSum', [b.op('Mul', [rgb, weights])], { axes: [1] });
}

/**
 * Output-level temporal loss with the luminance-change term of ReCoNet (Gao 2018, arXiv 1807.01197): the mean over
 * unmasked pixels of (later − warped earlier − change of the input's luminance)², as a share of the variance of the
 * later frame's colours. As a share, because otherwise a paler painting would be a calmer one.
 *
 * @param later the later painted frame, [n, 3, h, w].
 * @param warped the earlier painted frame where the motion takes it; a target: stop the gradient there.
 * @param change how much lighter the later painting should be, [n, 1, h, w] or a scalar. @param mask 1 where the motion is known, else 0.
 */
export function temporalLoss(b: GraphBuilder, later: Value, warped: Value, change: Value, mask: Value): Value {
  const difference = b.op('Sub', [b.op('Sub', [later, warped]), change]);
  const kept = energy(b, b.op('Mul', [difference, mask]));
  const pixels = b.op('ReduceSum', [mask], { keepdims: 0 });
  const count = b.op('Add', [
    b.op('Mul', [pixels, b.scalar('float32', Number(later.dims[1]))]),
    b.scalar('float32', 1),
  ]);
  const around = b.op('Sub', [later, b.op('ReduceMean', [later], { axes: [2, 3] })]);
  const variance = b.op('ReduceMean', [b.op('Mul', [around, around])], { keepdims: 0 });
  return b.op('Div', [b.op('Div', [kept, count]), b.op('Add', [variance, b.scalar('float32', 1e-3)])]);
}

/**
 * Feature-level temporal loss (ReCoNet): how far the encoder's features of the later frame are from the warped ones
 * of the earlier, as a share of their energy, where the mask allows.
 */
export function featureLoss(b: GraphBuilder, later: Value, warped: Value, mask: Value): Value {
  const difference = energy(b, b.op('Mul', [b.op('Sub', [later, warped]), mask]));
  const whole = energy(b, b.op('Mul', [warped, mask]));
  return b.op('Div', [difference, b.op('Add', [whole, b.scalar('float32', 1e-8)])]);
}

import type { GraphBuilder, Value } from '../../graph/builder.js';
import { featureLoss, temporalLoss } from '../../losses/terms/temporal.js';
import type { Building } from '../../nets/layers.js';
import type { StyleNetworkOutput } from '../../nets/network.js';
import { type MotionPair, warp } from './motion.js';

/** The temporal terms of an objective. */
export interface TemporalTerms {
  readonly temporal: Value;
  readonly features: Value;
  /** Targets, through which no gradient flows. */
  readonly stopped: readonly Value[];
}

/** The photographs among photographs and their warped counterparts. */
export function firstHalf(b: GraphBuilder, x: Value): Value {
  return half(b, x, 0);
}

function half(b: GraphBuilder, x: Value, which: number): Value {
  const pairs = Number(x.dims[0]) / 2;
  return b.op('Slice', [x, b.ints([which * pairs]), b.ints([(which + 1) * pairs]), b.ints([0])]);
}

/** The temporal terms of pairs of frames: the later one must equal the warped earlier one, in painting and encoding. */
export function temporalTerms({ b, norm }: Building, painted: StyleNetworkOutput, pair: MotionPair): TemporalTerms {
  const warped = warp(b, half(b, painted.picture, 0), pair.grid, 'bicubic');
  const coarse = downscaledGrid(b, pair.grid, Number(painted.features.dims[2]));
  const target = warp(b, half(b, painted.features, 0), coarse);
  const mask = b.op('AveragePool', [pair.mask], { kernel_shape: [8, 8], strides: [8, 8] });
  // A live norm removes the exposure change, so the painting must keep its luminance.
  const change = norm === 'live' ? b.scalar('float32', 0) : pair.change;
  return {
    temporal: temporalLoss(b, half(b, painted.picture, 1), warped, change, pair.mask),
    features: featureLoss(b, half(b, painted.features, 1), target, b.op('Floor', [mask])),
    stopped: [warped, target],
  };
}

/** A grid [n, s, s, 2] for pictures of a smaller size. */
function downscaledGrid(b: GraphBuilder, grid: Value, size: number): Value {
  const planes = b.op('Transpose', [grid], { perm: [0, 3, 1, 2] });
  const window = Number(grid.dims[1]) / size;
  const mean = b.op('AveragePool', [planes], { kernel_shape: [window, window], strides: [window, window] });
  // Cell centres lie further inside than the corners of the picture.
  const stretch = (size * window - 1) / (size * window - window);
  return b.op('Transpose', [b.op('Mul', [mean, b.scalar('float32', stretch)])], { perm: [0, 2, 3, 1] });
}

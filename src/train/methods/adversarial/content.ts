import type { GraphBuilder, Value } from '../../../graph/builder.js';
import { contentReconstructionLoss } from '../../../losses/terms/content-reconstruction.js';
import { contentBranch } from '../../../nets/content-branch.js';
import type { Building } from '../../../nets/layers.js';
import { Random } from '../../../nets/parameters/random.js';
import type { NetworkWidths } from '../../../nets/tiers.js';

/** Standard deviation of the noise on the content branch's input, relative to that of the painting. */
const NOISE_SHARE = 0.25;
/** The noise picture is larger than the crop by this, so that it can be shifted from step to step. */
const MARGIN = 64;

/** Further input of `contentReconstruction`. */
export const CONTENT_NOISE_INPUT = { name: 'veil', type: 'int64', dims: [2] } as const;

/** Random offset of the noise for a step, (y, x). */
export function randomNoiseOffset(random: Random): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from({ length: 2 }, () => BigInt(random.below(MARGIN)));
}

/**
 * Relative error of the content branch in reconstructing the photograph from the painting (see
 * `contentReconstructionLoss`).
 *
 * Noise is added to its input first: otherwise the network hides the content in imperceptible differences (Chu 2017,
 * arXiv 1712.02950). The noise is proportional to the painting's contrast, so that stronger colours cannot drown it.
 *
 * @param net source of the parameters of the encoder and of the branch.
 * @param painting,photograph [n, 3, s, s]. @param place offset of the noise, int64 [2].
 */
export function contentReconstruction(
  net: Building,
  { painting, photograph, place }: { painting: Value; photograph: Value; place: Value },
  tier: NetworkWidths,
  seed: number,
): Value {
  const { b } = net;
  const noise = shiftedNoise(b, Number(painting.dims[2]), place, seed);
  const veiled = b.op('Add', [painting, b.op('Mul', [noise, contrast(b, painting)])]);
  return contentReconstructionLoss(b, contentBranch(net, veiled, tier), photograph);
}

/** Standard deviation of each picture's values, [n, 1, 1, 1]. */
function contrast(b: GraphBuilder, x: Value): Value {
  const around = b.op('Sub', [x, b.op('ReduceMean', [x], { axes: [1, 2, 3] })]);
  const variance = b.op('ReduceMean', [b.op('Mul', [around, around])], { axes: [1, 2, 3] });
  return b.op('Sqrt', [b.op('Add', [variance, b.scalar('float32', 1e-4)])]);
}

function shiftedNoise(b: GraphBuilder, size: number, place: Value, seed: number): Value {
  const side = size + MARGIN;
  const random = new Random(seed, 8);
  const noise = Float32Array.from({ length: 3 * side * side }, () => NOISE_SHARE * random.normal());
  const end = b.op('Add', [place, b.ints([size, size])]);
  return b.op('Slice', [b.constant('float32', [1, 3, side, side], noise), place, end, b.ints([2, 3])]);
}

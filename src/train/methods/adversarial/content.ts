import type { GraphBuilder, Value } from '../../../graph/builder.js';
import { keptContentLoss } from '../../../losses/terms/kept-content.js';
import { contentBranch } from '../../../nets/content-branch.js';
import type { Building } from '../../../nets/layers.js';
import { Random } from '../../../nets/parameters/random.js';
import type { Tier } from '../../../nets/tiers.js';

/** Deviation of the noise on what the content branch sees, as a share of that of the painting. */
const VEIL = 0.25;
/** The noise picture is larger than the crop by this, so that it can be shifted from step to step. */
const MARGIN = 64;

/** What `keptContent` is fed with. */
export const VEIL_INPUT = { name: 'veil', type: 'int64', dims: [2] } as const;

/** Where the noise is read at a step, (y, x). */
export function veilPlace(random: Random): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from({ length: 2 }, () => BigInt(random.below(MARGIN)));
}

/**
 * How much of the photograph the content branch cannot read out of the painting, as a share (see `keptContentLoss`).
 *
 * What it reads is veiled with noise first: otherwise the network hides the content in differences that nobody sees
 * (Chu 2017, arXiv 1712.02950), and the branch is content while the eye is not. The noise is as strong as the painting's
 * contrast is: louder colours do not drown it.
 *
 * @param net where the encoder's parameters come from, and the branch's own.
 * @param painting,photograph [n, 3, s, s]. @param place of the noise, int64 [2].
 */
export function keptContent(
  net: Building,
  { painting, photograph, place }: { painting: Value; photograph: Value; place: Value },
  tier: Tier,
  seed: number,
): Value {
  const { b } = net;
  const noise = veil(b, Number(painting.dims[2]), place, seed);
  const veiled = b.op('Add', [painting, b.op('Mul', [noise, contrast(b, painting)])]);
  return keptContentLoss(b, contentBranch(net, veiled, tier), photograph);
}

/** The deviation of every picture's colours, [n, 1, 1, 1]. */
function contrast(b: GraphBuilder, x: Value): Value {
  const around = b.op('Sub', [x, b.op('ReduceMean', [x], { axes: [1, 2, 3] })]);
  const variance = b.op('ReduceMean', [b.op('Mul', [around, around])], { axes: [1, 2, 3] });
  return b.op('Sqrt', [b.op('Add', [variance, b.scalar('float32', 1e-4)])]);
}

function veil(b: GraphBuilder, size: number, place: Value, seed: number): Value {
  const side = size + MARGIN;
  const random = new Random(seed, 8);
  const noise = Float32Array.from({ length: 3 * side * side }, () => VEIL * random.normal());
  const end = b.op('Add', [place, b.ints([size, size])]);
  return b.op('Slice', [b.constant('float32', [1, 3, side, side], noise), place, end, b.ints([2, 3])]);
}

import type { Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import type { Credit } from '../../model/manifest/types.js';
import type { Norm } from '../../nets/layers.js';
import { TIERS } from '../../nets/tiers.js';
import type { Pictures } from '../data/made-pictures.js';
import type { Photographs } from '../data/photographs.js';
import type { StyleTarget } from '../data/style-picture.js';
import { type TrainingStep, trainingStep, type Weights } from '../objective/step.js';
import type { StageName } from '../progress.js';
import type { Tensors } from '../session/session.js';
import type { TrainOptions } from '../settings/options.js';
import type { Settings } from '../settings/settings.js';

/** A training with everything it needs at hand. */
export interface Work {
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly threads: number;
  readonly network: LossNetwork;
  readonly photographs: Pictures;
  readonly target: StyleTarget;
  /** The style's palette, [1, 4, 4]. */
  readonly palette?: Tensor;
  /** Pictures of the style, for a discriminator to tell from paintings. */
  readonly domain?: Photographs;
  readonly training: string;
  /** Whom to thank for the style. */
  readonly credits: readonly Credit[];
  /** The styles, where one network learns many; `target` is that of the first then, and there is no `palette`. */
  readonly styles?: StyleSupply;
}

/** What a training of many styles feeds beside photographs. */
export interface StyleSupply {
  /** The styles of a step, the `index`-th from the first on; they depend on the seed and the step only. */
  feeds(index: number, rows: number): Promise<Tensors>;
  /** The styles of a preview's rows. */
  preview(rows: number): Tensors;
}

/** How a stage normalises. */
export function normOf({ freeze }: Settings, stage: StageName): Norm {
  return freeze && stage === 'second' ? 'folded' : 'live';
}

/** From this temporal weight on, content and tone count least: this many times as much as without. */
const STEADY = { from: 20, least: 0.4 };

/**
 * The weights beside the temporal terms. Content and tone give way to them: what is steady is nearer to the photograph
 * anyway, and the style would pay for it.
 */
export function steadyWeights(weights: Weights): Weights {
  const share = 1 - (1 - STEADY.least) * Math.min(1, weights.temporal / STEADY.from);
  return { ...weights, content: share * weights.content, tone: share * weights.tone };
}

/** The training step of a stage: the second stage moves half as fast, and sees pairs of frames. */
export function stepOf({ settings, network, target, palette, styles }: Work, stage: StageName): TrainingStep {
  const { size, batch, weights, rate, warmUp, clip, seed } = settings;
  const motion = stage === 'second' && weights.temporal > 0;
  const judged = {
    network,
    target,
    ...(palette ? { palette } : {}),
    many: styles !== undefined,
  };
  const weighed = motion ? steadyWeights(weights) : weights;
  const shared = { tier: TIERS[settings.tier], size, batch, weights: weighed, ...judged, warmUp, clip, seed };
  return trainingStep({ ...shared, norm: normOf(settings, stage), motion, rate: stage === 'first' ? rate : rate / 2 });
}

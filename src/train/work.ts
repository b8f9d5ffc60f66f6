import type { Tensor } from '../graph/types.js';
import type { LossNetwork } from '../losses/network.js';
import type { Norm } from '../nets/layers.js';
import { TIERS } from '../nets/tiers.js';
import type { Pictures } from './made-pictures.js';
import type { StageName } from './progress.js';
import type { Settings, TrainOptions } from './settings.js';
import { type TrainingStep, trainingStep } from './step.js';
import type { StyleTarget } from './style-picture.js';

/** A training with everything it needs at hand. */
export interface Work {
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly threads: number;
  readonly network: LossNetwork;
  readonly photographs: Pictures;
  readonly target: StyleTarget;
  /** The style's palette, [1, 4, 4]. */
  readonly palette: Tensor;
  readonly training: string;
}

/** How a stage normalises. */
export function normOf({ freeze }: Settings, stage: StageName): Norm {
  return freeze && stage === 'second' ? 'folded' : 'live';
}

/** The training step of a stage: the second stage moves half as fast, and sees pairs of frames. */
export function stepOf({ settings, network, target, palette }: Work, stage: StageName): TrainingStep {
  const { size, batch, weights, rate, warmUp, clip, seed } = settings;
  const motion = stage === 'second' && weights.temporal > 0;
  const shared = { tier: TIERS[settings.tier], size, batch, weights, network, target, palette, warmUp, clip, seed };
  return trainingStep({ ...shared, norm: normOf(settings, stage), motion, rate: stage === 'first' ? rate : rate / 2 });
}

import type { Tensors } from '../../engine/threads/graph-session.js';
import type { Palette } from '../../losses/colour/palette.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import type { Credit } from '../../model/manifest/types.js';
import type { Norm } from '../../nets/layers.js';
import { TIERS } from '../../nets/tiers.js';
import type { StyleTarget } from '../../quality/style/target.js';
import type { Photographs } from '../data/photographs.js';
import type { CropSource } from '../data/synthetic-pictures.js';
import { type TrainingStep, trainingStep } from '../objective/step.js';
import type { StageName } from '../progress.js';
import type { TrainOptions } from '../settings/options.js';
import type { TrainSettings } from '../settings/settings.js';

/** Everything that the functions of a training share. */
export interface TrainingContext {
  readonly options: TrainOptions;
  readonly settings: TrainSettings;
  readonly threads: number;
  readonly network: LossNetwork;
  readonly photographs: CropSource;
  readonly target: StyleTarget;
  /** The colours of the style; absent for a domain, whose colours no term compares. */
  readonly palette?: Palette;
  /** Pictures of the style, for a discriminator. */
  readonly domain?: Photographs;
  readonly training: string;
  /** Credits of the style. */
  readonly credits: readonly Credit[];
  /** The styles of a network of many; then `target` and `palette` are those of the first. */
  readonly styles?: StyleSupply;
}

/** Feeds of many styles, besides photographs. */
export interface StyleSupply {
  /** The styles of the `index`-th step; they depend only on the seed and the step. */
  feeds(index: number, rows: number): Promise<Tensors>;
  /** The styles of a preview's rows. */
  preview(rows: number): Tensors;
}

/** The kind of norm of a stage. */
export function normOf({ freeze }: TrainSettings, stage: StageName): Norm {
  return freeze && stage === 'second' ? 'folded' : 'live';
}

/** The training step of a stage: the second stage has half the learning rate and uses pairs of frames. */
export function stepOf(
  { settings, network, target, palette, styles }: TrainingContext,
  stage: StageName,
): TrainingStep {
  const { size, batch, weights, rate, warmUp, clip, seed } = settings;
  const motion = stage === 'second' && weights.temporal > 0;
  const judged = { network, target, palette: palette!, many: styles !== undefined };
  const shared = { tier: TIERS[settings.tier], size, batch, weights, ...judged, warmUp, clip, seed };
  return trainingStep({ ...shared, norm: normOf(settings, stage), motion, rate: stage === 'first' ? rate : rate / 2 });
}

import { type SentTensor, scalar } from '../../../engine/threads/graph-session.js';
import { Random } from '../../../nets/parameters/random.js';
import { TIERS } from '../../../nets/tiers.js';
import type { Photographs } from '../../data/photographs.js';
import { motionInputs, randomMotion } from '../../objective/motion.js';
import type { TrainingStep } from '../../objective/step.js';
import type { StageName } from '../../progress.js';
import { newCollapse } from '../../run/collapse.js';
import { domainFeed } from '../../run/domain.js';
import type { StageObjective } from '../../run/stage.js';
import type { TrainSettings } from '../../settings/settings.js';
import { CONTENT_NOISE_INPUT, randomNoiseOffset } from './content.js';
import { hasContent } from './settings.js';
import { adversarialStep } from './step.js';

/**
 * The adversarial step of a stage: in the second the gradient of the content branch reaches the network, and frames
 * come in pairs.
 */
export function adversarialStepOf(settings: TrainSettings, stage: StageName): TrainingStep {
  const { tier, size, batch, weights, rate, warmUp, clip, seed } = settings;
  const joint = stage === 'second';
  const motion = joint && weights.temporal > 0;
  const shared = { size, batch, weights, rate, warmUp, clip, seed, joint, motion };
  return adversarialStep({ ...shared, tier: TIERS[tier], content: hasContent(settings) });
}

/** The objective of a stage: photographs or pairs of frames, with pictures of the domain. */
export function adversarialObjective(settings: TrainSettings, domain: Photographs, stage: StageName): StageObjective {
  const { batch, size, seed, weights } = settings;
  const pairs = stage === 'second' && weights.temporal > 0 ? batch : 0;
  const veiled = hasContent(settings);
  const shown = domainFeed(domain, settings);
  return {
    step: adversarialStepOf(settings, stage),
    norm: 'live',
    count: batch,
    notice: newCollapse,
    feeds: async (index, share) => {
      const feeds: Record<string, SentTensor> = await shown(index);
      if (veiled) {
        const { name, type, dims } = CONTENT_NOISE_INPUT;
        feeds[name] = { type, dims, data: randomNoiseOffset(new Random(seed, index, 9)) };
      }
      if (pairs === 0) return feeds;
      const motion = randomMotion(new Random(seed, index, 5), pairs, size);
      for (const [name, { type, dims }] of Object.entries(motionInputs(pairs))) {
        feeds[name] = { type, dims, data: motion[name as keyof typeof motion] };
      }
      return { ...feeds, ramp: scalar(Math.min(1, share / 0.2)) };
    },
  };
}

import { Random } from '../../nets/random.js';
import { TIERS } from '../../nets/tiers.js';
import { motionInputs, randomMotion } from '../motion.js';
import type { Photographs } from '../photographs.js';
import type { StageName } from '../progress.js';
import { type SentTensor, scalar } from '../session.js';
import type { Settings } from '../settings.js';
import type { Lesson } from '../stage.js';
import { newCollapse } from './collapse.js';
import { VEIL_INPUT, veilPlace } from './content.js';
import { hasContent } from './settings.js';
import { type AdversarialStep, adversarialStep } from './step.js';

/** The adversarial step of a stage: in the second the content branch teaches the network, and frames come in pairs. */
export function adversarialStepOf(settings: Settings, stage: StageName): AdversarialStep {
  const { tier, size, batch, weights, rate, warmUp, clip, seed } = settings;
  const joint = stage === 'second';
  const motion = joint && weights.temporal > 0;
  const shared = { size, batch, weights, rate, warmUp, clip, seed, joint, motion };
  return adversarialStep({ ...shared, tier: TIERS[tier], content: hasContent(settings) });
}

/** What a stage shows: photographs, or pairs of frames, beside pictures of the domain. */
export function adversarialLesson(settings: Settings, domain: Photographs, stage: StageName): Lesson {
  const { batch, size, seed, weights } = settings;
  const pairs = stage === 'second' && weights.temporal > 0 ? batch : 0;
  const veiled = hasContent(settings);
  const crops = (index: number) => domain.crops(seed + 4, index, batch, size);
  let ahead: { readonly index: number; readonly bytes: Promise<Uint8Array> } | undefined;
  return {
    step: adversarialStepOf(settings, stage),
    norm: 'live',
    count: batch,
    notice: newCollapse,
    feeds: async (index, share) => {
      const data = await (ahead?.index === index ? ahead.bytes : crops(index));
      ahead = { index: index + 1, bytes: crops(index + 1) };
      // A failure of the prefetched crops is dealt with when they are awaited.
      ahead.bytes.catch(() => undefined);
      const feeds: Record<string, SentTensor> = { domain: { type: 'uint8', dims: [batch, size, size, 3], data } };
      if (veiled) {
        const { name, type, dims } = VEIL_INPUT;
        feeds[name] = { type, dims, data: veilPlace(new Random(seed, index, 9)) };
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

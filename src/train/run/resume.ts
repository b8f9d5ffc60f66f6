import { TrainError } from '../../errors.js';
import { changedOption, optionError } from '../../options.js';
import type { TrainOptions } from '../settings/options.js';
import type { TrainingSources, TrainSettings } from '../settings/settings.js';

/** The settings that options result in. */
const RESULTING_SETTING: Partial<Record<keyof TrainOptions, (settings: TrainSettings) => unknown>> = {
  tier: ({ tier }) => tier,
  minutes: ({ minutes }) => minutes,
  steps: ({ steps }) => steps,
  size: ({ size }) => size,
  seed: ({ seed }) => seed,
  freeze: ({ freeze }) => freeze,
  styleScale: ({ styleScale }) => styleScale,
  temporal: ({ weights }) => weights.temporal,
  styleStrength: ({ weights }) => weights.style,
  // Methods on a domain have no light, and the content of others depends on what they begin with.
  contentStrength: ({ weights }) => weights.light || weights.content,
  adversarial: ({ weights }) => weights.adversarial,
};

const OTHERS: Readonly<Record<keyof TrainingSources, string>> = {
  pictures: 'the pictures of the style are not those',
  photographs: 'the photographs are not those',
  lossNetwork: 'the loss network is not the one',
};

/**
 * Refuses changes that a resumed training does not allow: options that differ from its own, the style, the loss
 * network, and whether photographs are given.
 *
 * @param asked the settings that the options would give a new training.
 * @throws OptionError OPTION_VALUE; TrainError TRAIN_NO_CHECKPOINT.
 */
export function checkResumed(options: TrainOptions, begun: TrainSettings, asked: TrainSettings): void {
  const changed = changedOption(options, RESULTING_SETTING, begun, asked);
  if (changed) {
    const hint = `Leave it out beside --resume, or begin anew with --overwrite. The training was begun with: ${begun.command}`;
    throw optionError(changed, 'what the training was begun with', String(options[changed]), hint);
  }
  // Older checkpoints do not have them.
  const { sources } = begun;
  if (!sources) return;
  for (const name of Object.keys(OTHERS) as (keyof TrainingSources)[]) {
    if (sources[name] === asked.sources![name]) continue;
    throw new TrainError('TRAIN_NO_CHECKPOINT', `nothing to resume: ${OTHERS[name]} that it was begun with`, {
      hint: `Give the same, or begin anew with --overwrite. The training was begun with: ${begun.command}`,
    });
  }
}

import { TrainError } from '../../errors.js';
import type { TrainOptions } from '../settings/options.js';
import { optionError, type TrainingSources, type TrainSettings } from '../settings/settings.js';

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
  contentStrength: ({ weights }) => [weights.content, weights.light].join(),
  adversarial: ({ weights }) => weights.adversarial,
};

const OTHERS: Readonly<Record<keyof TrainingSources, string>> = {
  pictures: 'the pictures of the style are not those',
  photographs: 'the photographs are not those',
  lossNetwork: 'the loss network is not the one',
};

/**
 * A given option that differs from the settings of the checkpoint. @param decided the settings that options result in.
 */
export function changedOption<Options extends object, Begun>(
  options: Options,
  decided: Partial<Record<keyof Options, (settings: Begun) => unknown>>,
  begun: Begun,
  asked: Begun,
): (keyof Options & string) | undefined {
  const names = Object.keys(decided) as (keyof Options & string)[];
  return names.find((name) => options[name] !== undefined && decided[name]!(asked) !== decided[name]!(begun));
}

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

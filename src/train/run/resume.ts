import { TrainError } from '../../errors.js';
import type { TrainOptions } from '../settings/options.js';
import { type Settings, type Sources, wrong } from '../settings/settings.js';

/** What the options of a training became. */
const DECIDED: Partial<Record<keyof TrainOptions, (settings: Settings) => unknown>> = {
  tier: ({ tier }) => tier,
  minutes: ({ minutes }) => minutes,
  steps: ({ steps }) => steps,
  size: ({ size }) => size,
  seed: ({ seed }) => seed,
  freeze: ({ freeze }) => freeze,
  styleScale: ({ styleScale }) => styleScale,
  temporal: ({ weights }) => weights.temporal,
  styleStrength: ({ weights }) => weights.style,
  contentStrength: ({ weights }) => weights.content,
  adversarial: ({ weights }) => weights.adversarial,
};

const OTHERS: Readonly<Record<keyof Sources, string>> = {
  pictures: 'the pictures of the style are not those',
  photographs: 'the photographs are not those',
  lossNetwork: 'the loss network is not the one',
};

/** An option that is given, and is not what work was begun with. @param decided what an option became in settings. */
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
 * Says what cannot be changed when a training goes on: options that are given and differ from those it was begun with,
 * the style, the loss network, and whether photographs are given.
 *
 * @param asked what the options would make of a new training.
 * @throws OptionError OPTION_VALUE; TrainError TRAIN_NO_CHECKPOINT.
 */
export function checkResumed(options: TrainOptions, begun: Settings, asked: Settings): void {
  const changed = changedOption(options, DECIDED, begun, asked);
  if (changed) {
    const hint = `Leave it out beside --resume, or begin anew with --overwrite. The training was begun with: ${begun.command}`;
    throw wrong(changed, 'what the training was begun with', String(options[changed]), hint);
  }
  // Before these were kept, nothing can be said.
  const { sources } = begun;
  if (!sources) return;
  for (const name of Object.keys(OTHERS) as (keyof Sources)[]) {
    if (sources[name] === asked.sources![name]) continue;
    throw new TrainError('TRAIN_NO_CHECKPOINT', `nothing to resume: ${OTHERS[name]} that it was begun with`, {
      hint: `Give the same, or begin anew with --overwrite. The training was begun with: ${begun.command}`,
    });
  }
}

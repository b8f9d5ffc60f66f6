import { optionError } from '../../../options.js';
import { paintedFiles } from '../../data/clip/painted-files.js';
import { trainCommand } from '../../settings/command.js';
import type { TrainOptions } from '../../settings/options.js';
import { settingsOf, type TrainSettings } from '../../settings/settings.js';

/** Default side of the crops, and minutes. */
const [SIZE, MINUTES] = [192, 10];

/** The middle of smaller crops, which is compared, would be too small for a discriminator. */
const SMALLEST = 128;

/** Options that say nothing where frames are painted. */
const OTHERS = ['photos', 'domain', 'any', 'into', 'styleScale', 'contentStrength'] as const;

/**
 * Checks the options of a training on painted frames, whose paintings are its pictures.
 *
 * @throws OptionError OPTION_VALUE naming the option, what was expected and what it got.
 */
export function framesSettings(options: TrainOptions): TrainSettings {
  const useless = OTHERS.find((name) => options[name] !== undefined);
  if (useless)
    throw optionError(useless, 'none beside frames, which are all that is learned on', String(options[useless]));
  const { styleStrength = 1, temporal = 1, adversarial = ADVERSARIAL, size = SIZE, minutes, steps } = options;
  const timed = minutes === undefined && steps === undefined ? { minutes: MINUTES } : {};
  const { freeze: _, adversarial: __, ...plain } = options;
  // The discriminator's weight is checked as any other's.
  settingsOf({ ...plain, adversarial });
  const settings = settingsOf({ ...plain, size, ...timed });
  if (size < SMALLEST) throw optionError('size', `a multiple of 32 from ${SMALLEST} beside frames`, String(size));
  return {
    ...settings,
    command: trainCommand(options),
    painted: paintedFiles(options.painted ?? []).map(({ frame }) => frame),
    weights: { ...WEIGHTS, style: WEIGHTS.style * styleStrength, temporal: WEIGHTS.temporal * temporal, adversarial },
    warmUp: 10,
    // One clip has one light: its statistics, folded at once, make each crop be painted as in the whole frame.
    freeze: true,
    firstShare: 0.01,
  };
}

/** Weight of the discriminator. */
const ADVERSARIAL = 0.5;

/** The terms' weights. */
const WEIGHTS = {
  content: 0.5,
  light: 0,
  colour: 0,
  tint: 0,
  cast: 0,
  style: 1,
  smoothness: 0,
  range: 10,
  temporal: 3,
  pixels: 4,
  mesh: 20_000,
};

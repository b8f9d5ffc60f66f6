import { optionError } from '../../../options.js';
import type { TrainOptions } from '../../settings/options.js';
import { settingsOf, type TrainSettings } from '../../settings/settings.js';

/** Whether there is a content branch. */
export function hasContent({ method }: Pick<TrainSettings, 'method'>): boolean {
  return method === 'adversarial';
}

/**
 * Checks the options of a training on a domain.
 *
 * @throws OptionError OPTION_VALUE naming the option, what was expected and what it got.
 */
export function adversarialSettings(options: TrainOptions): TrainSettings {
  const settings = settingsOf(options);
  const { method } = settings;
  const { contentStrength, styleStrength = 1, temporal = 1 } = options;
  const content = hasContent(settings);
  if (options.freeze) throw optionError('freeze', `no freezing with the method ${method}`, 'true');
  if (contentStrength !== undefined && !content)
    throw optionError('contentStrength', `none with the method ${method}`, String(contentStrength));
  return {
    ...settings,
    batch: 2,
    weights: {
      content: content ? 0.7 * (contentStrength ?? 1) : 0,
      light: 0,
      colour: 0,
      tint: 0,
      cast: 0,
      // The weight of the generator loss.
      style: styleStrength,
      smoothness: 0,
      range: 10,
      temporal: 2 * temporal,
      pixels: 0,
      mesh: 0,
      adversarial: 0,
    },
    rate: 4e-4,
    firstShare: 0.3,
  };
}

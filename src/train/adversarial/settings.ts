import { type Settings, settingsOf, type TrainOptions, wrong } from '../settings.js';
import type { Weights } from '../step.js';

/** The terms' weights, for strengths and `temporal` of 1. `style` is that of deceiving the discriminator. */
const WEIGHTS: Weights = { content: 2, style: 1, palette: 0, smoothness: 0, range: 10, temporal: 2 };
const PLAIN = settingsOf({ pictures: [''], output: '' }).weights;

/** Is there a content branch? */
export function hasContent({ method }: Pick<Settings, 'method'>): boolean {
  return method === 'adversarial';
}

/**
 * Checks the options of a training on a domain.
 *
 * @throws OptionError OPTION_VALUE naming the option, what was expected and what it got.
 */
export function adversarialSettings(options: TrainOptions): Settings {
  const settings = settingsOf(options);
  const { method, weights } = settings;
  if (options.freeze) throw wrong('freeze', `no freezing with the method ${method}`, 'true');
  if (options.contentStrength !== undefined && !hasContent(settings))
    throw wrong('contentStrength', `none with the method ${method}`, String(options.contentStrength));
  const scaled = Object.entries(WEIGHTS).map(([name, weight]) => {
    const key = name as keyof Weights;
    return [key, PLAIN[key] === 0 ? weight : (weight * weights[key]) / PLAIN[key]];
  });
  return {
    ...settings,
    batch: 2,
    weights: Object.fromEntries(scaled) as Record<keyof Weights, number>,
    rate: 4e-4,
    firstShare: 0.3,
  };
}

import { OptionError } from '../../../errors.js';
import { namePattern } from '../../../model/manifest/schema.js';
import { checkSettings } from '../../settings/settings.js';
import type { LiveSettings, Show } from '../../show/types.js';

/**
 * Changes settings as somebody from outside asks: a style is named as the gallery does, or by what cannot be a path.
 *
 * @throws OptionError `LIVE_SETTING`, `LIVE_STYLE`; as `Show.change`
 */
export async function applyFromOutside(
  show: Pick<Show, 'change' | 'styles'>,
  settings: Record<string, unknown>,
): Promise<LiveSettings> {
  checkSettings(settings);
  for (const name of [settings.style, settings.second, settings.outside]) {
    if (typeof name !== 'string' || namePattern.test(name) || show.styles.some((card) => card.name === name)) continue;
    throw new OptionError('LIVE_STYLE', `There is no style "${name.slice(0, 40)}" in this show.`, {
      hint: 'Choose one of the gallery.',
    });
  }
  return show.change(settings);
}

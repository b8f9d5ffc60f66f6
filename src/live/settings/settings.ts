import { OptionError } from '../../errors.js';
import type { LiveSettings } from '../show/types.js';
import { FOUND_MASKS, SETTING_NAMES, SETTINGS } from './table.js';

const isName = (name: string): name is keyof LiveSettings => Object.hasOwn(SETTINGS, name);

/** Whether a value is valid for a setting. */
export function isSetting(name: string, value: unknown): boolean {
  return isName(name) && SETTINGS[name].allows(value);
}

/**
 * Checks settings before they are changed.
 *
 * @throws OptionError `LIVE_SETTING` for an unknown name or a value out of range
 */
export function checkSettings(wanted: Partial<LiveSettings>): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (isSetting(name, value)) continue;
    if (!isName(name)) {
      throw new OptionError('LIVE_SETTING', `There is no setting "${name.slice(0, 40)}".`, {
        hint: `Use ${SETTING_NAMES.join(', ')}.`,
      });
    }
    const { expected, flag: option } = SETTINGS[name];
    const flag = /--([a-z-]+)/.exec(option?.usage ?? '')?.[1];
    const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 60);
    throw new OptionError('LIVE_SETTING', `${name} is ${shown}; expected ${expected}.`, {
      hint: `Correct ${flag === undefined || flag === name ? name : `${name}, on the command line --${flag}`}.`,
    });
  }
}

/**
 * Checks that there is a mask file where the mode `picture` is requested.
 *
 * @throws OptionError `LIVE_MASK`
 */
export function checkMask({ mask }: Partial<LiveSettings>, given: boolean): void {
  if (mask !== 'picture' || given) return;
  throw new OptionError('LIVE_MASK', `mask is "picture", but no mask was given; expected ${FOUND_MASKS.join(', ')}.`, {
    hint: 'Start with a picture or a clip as the mask: --mask mask.png.',
  });
}

/** The share of a second style that is named while none is blended in: one that cannot be seen would be a puzzle. */
const FIRST_BLEND = 0.5;

/** The settings after a change: a second style comes in to be seen, and goes when nothing of it is left. */
export function changedSettings(before: LiveSettings, wanted: Partial<LiveSettings>): LiveSettings {
  const after = { ...before, ...wanted };
  const named = wanted.second !== undefined && wanted.second !== null && wanted.blend === undefined;
  const blend = named && after.blend === 0 ? FIRST_BLEND : after.blend;
  const seen = blend > 0 || (after.fine ?? 0) > 0;
  return { ...after, blend, second: seen ? after.second : null };
}

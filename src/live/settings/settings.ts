import { OptionError } from '../../errors.js';
import type { LiveSettings, MaskMode } from '../show/types.js';

/** Smallest working height in pixels. */
export const MIN_HEIGHT = 144;

/** All mask modes. */
export const MASK_MODES: readonly MaskMode[] = ['none', 'person', 'background', 'picture', 'cutout'];

/** The mask modes that need no mask file. */
export const FOUND_MASKS: readonly MaskMode[] = MASK_MODES.filter((mode) => mode !== 'picture');

/** Largest working height in pixels. */
const MAX_HEIGHT = 2160;

/** Longest style-cycling period in seconds. */
const MAX_CYCLE_SECONDS = 3600;

/** The default settings. */
export const DEFAULT_SETTINGS: LiveSettings = {
  style: null,
  second: null,
  blend: 0,
  fine: null,
  truncation: 1,
  drift: 0,
  strength: 1,
  keepColors: false,
  mask: 'none',
  outside: null,
  mirror: false,
  height: 720,
  prefer: 'pace',
  paused: false,
};

const share = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1;
const switched = (value: unknown) => typeof value === 'boolean';
const named = (value: unknown) => value === null || (typeof value === 'string' && value !== '' && value.length <= 200);

/** For each setting a test of its value, and the expected value in words. */
const RULES: Record<keyof LiveSettings, readonly [test: (value: unknown) => boolean, expected: string]> = {
  style: [named, 'the name of a style, or null'],
  second: [named, 'the name of a style, or null'],
  blend: [share, 'a number from 0 to 1'],
  fine: [(value) => value === null || share(value), 'a number from 0 to 1, or null'],
  truncation: [share, 'a number from 0 to 1'],
  drift: [
    (value) => typeof value === 'number' && value >= 0 && value <= MAX_CYCLE_SECONDS,
    `a number of seconds from 0 to ${MAX_CYCLE_SECONDS}`,
  ],
  strength: [share, 'a number from 0 to 1'],
  keepColors: [switched, 'true or false'],
  mask: [(value) => MASK_MODES.includes(value as MaskMode), MASK_MODES.join(', ')],
  outside: [named, 'the name of a style, or null'],
  mirror: [switched, 'true or false'],
  height: [
    (value) => Number.isInteger(value) && (value as number) >= MIN_HEIGHT && (value as number) <= MAX_HEIGHT,
    `a whole number from ${MIN_HEIGHT} to ${MAX_HEIGHT}`,
  ],
  prefer: [(value) => value === 'pace' || value === 'detail', 'pace or detail'],
  paused: [switched, 'true or false'],
};

/** Whether a value is valid for a setting. */
export function isSetting(name: string, value: unknown): boolean {
  return Object.hasOwn(RULES, name) && RULES[name as keyof LiveSettings][0](value);
}

/**
 * Checks settings before they are changed.
 *
 * @throws OptionError `LIVE_SETTING` for an unknown name or a value out of range
 */
export function checkSettings(wanted: Partial<LiveSettings>): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (isSetting(name, value)) continue;
    if (!Object.hasOwn(RULES, name)) {
      throw new OptionError('LIVE_SETTING', `There is no setting "${name.slice(0, 40)}".`, {
        hint: `Use ${Object.keys(RULES).join(', ')}.`,
      });
    }
    const [, expected] = RULES[name as keyof LiveSettings];
    const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 60);
    throw new OptionError('LIVE_SETTING', `${name} is ${shown}; expected ${expected}.`, {
      hint: `Correct ${name}.`,
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

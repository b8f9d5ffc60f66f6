import type { LookSettings } from '../show/look.js';
import type { LiveSettings, MaskMode, Preference } from '../show/types.js';

/** Smallest working height in pixels. */
export const MIN_HEIGHT = 144;

/** Largest working height in pixels. */
const MAX_HEIGHT = 2160;

/** Longest style-cycling period in seconds. */
const MAX_CYCLE_SECONDS = 3600;

/** All mask modes. */
export const MASK_MODES: readonly MaskMode[] = ['none', 'person', 'background', 'picture', 'cutout'];

/** The mask modes that need no mask file. */
export const FOUND_MASKS: readonly MaskMode[] = MASK_MODES.filter((mode) => mode !== 'picture');

/** What is kept where painting takes too long. */
const PREFERENCES: readonly Preference[] = ['pace', 'detail'];

/** The option of a setting on the command line. */
export interface SettingFlag {
  readonly usage: string;
  readonly help: string;
  /** Whether it is a number. */
  readonly number?: true;
  readonly choices?: readonly string[];
}

/** One setting of a show: everything but its type and its field on the control page. */
export interface SettingRule<T> {
  readonly value: T;
  readonly allows: (value: unknown) => boolean;
  /** What is allowed, in words. */
  readonly expected: string;
  /** Its option on the command line. */
  readonly flag?: SettingFlag;
  /** False for what is of the camera or the moment, and no part of a look. */
  readonly look?: false;
}

const share = {
  allows: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1,
  expected: 'a number from 0 to 1',
};
const shareOrNull = {
  allows: (value: unknown) => value === null || share.allows(value),
  expected: 'a number from 0 to 1, or null',
};
const switched = { allows: (value: unknown) => typeof value === 'boolean', expected: 'true or false' };
const named = {
  allows: (value: unknown) => value === null || (typeof value === 'string' && value !== '' && value.length <= 200),
  expected: 'the name of a style, or null',
};
const between = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && value >= least && value <= most;

/** The settings of a show, in the order in which they are listed. */
export const SETTINGS: { readonly [K in keyof LiveSettings]: SettingRule<LiveSettings[K]> } = {
  style: {
    value: null,
    ...named,
    flag: {
      usage: '-s, --style <style>',
      help: 'a preset (preset:style of one with many), its folder, an .onnx file, or "auto[:a,b]"; see "stylecast styles"',
    },
  },
  auto: { value: false, ...switched },
  second: { value: null, ...named, flag: { usage: '--second <style>', help: 'a second style to blend with' } },
  blend: {
    value: 0,
    ...share,
    flag: {
      usage: '--second-share <0-1>',
      help: 'how much of the second style: 0 is the first alone, 1 the second',
      number: true,
    },
  },
  fine: {
    value: null,
    ...shareOrNull,
    flag: {
      usage: '--fine-share <0-1>',
      help: 'the same for edges and colours alone, of two styles of one preset',
      number: true,
    },
  },
  truncation: {
    value: 1,
    ...share,
    flag: {
      usage: '--truncation <0-1>',
      help: 'of a style of many: 0 is the mean of its preset, 1 the style',
      number: true,
    },
  },
  drift: {
    value: 0,
    allows: between(0, MAX_CYCLE_SECONDS),
    expected: `a number of seconds from 0 to ${MAX_CYCLE_SECONDS}`,
    flag: {
      usage: '--drift <seconds>',
      help: 'on to the next style of the preset, and the next, each within so long',
      number: true,
    },
  },
  strength: {
    value: 1,
    ...share,
    flag: { usage: '--strength <0-1>', help: '0 gives the original picture, 1 the full style', number: true },
  },
  detail: {
    value: null,
    ...shareOrNull,
    flag: {
      usage: '--detail <0-1>',
      help: "how much of the source's fine detail stays, such as eyes and letters (default: as the style says)",
      number: true,
    },
  },
  keepColors: {
    value: false,
    ...switched,
    flag: { usage: '--keep-colors', help: 'style in luminance only, colours of the original' },
  },
  mask: {
    value: 'none',
    allows: (value) => MASK_MODES.includes(value as MaskMode),
    expected: MASK_MODES.join(', '),
    flag: {
      usage: '--mask <mask>',
      help: 'none, person or background (what is painted), cutout, or a picture or clip, white there',
    },
  },
  outside: {
    value: null,
    ...named,
    flag: { usage: '--style-outside <style>', help: 'style for the rest (default: the source stays)' },
  },
  mirror: { value: false, ...switched, flag: { usage: '--mirror', help: 'like a mirror' }, look: false },
  height: {
    value: 720,
    allows: (value) => Number.isInteger(value) && between(MIN_HEIGHT, MAX_HEIGHT)(value),
    expected: `a whole number from ${MIN_HEIGHT} to ${MAX_HEIGHT}`,
    flag: { usage: '--working-height <N>', help: 'height that the network works at, at most', number: true },
  },
  prefer: {
    value: 'pace',
    allows: (value) => PREFERENCES.includes(value as Preference),
    expected: PREFERENCES.join(' or '),
    flag: {
      usage: '--prefer <what>',
      help: 'what is kept where painting takes too long (default: pace)',
      choices: PREFERENCES,
    },
  },
  paused: { value: false, ...switched, look: false },
};

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (keyof LiveSettings)[];

/** The default settings. */
export const DEFAULT_SETTINGS = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, SETTINGS[name].value]),
) as unknown as LiveSettings;

/** The settings that make up a look. */
export const LOOK_SETTINGS = SETTING_NAMES.filter(
  (name) => SETTINGS[name].look !== false,
) as readonly (keyof LookSettings)[];

/** What of settings makes up a look. */
export function lookOf(settings: LiveSettings): LookSettings {
  return Object.fromEntries(LOOK_SETTINGS.map((name) => [name, settings[name]]));
}

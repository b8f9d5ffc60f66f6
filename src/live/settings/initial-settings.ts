import { messageOf } from '../../errors.js';
import { chosenStyle, splitName } from '../../model/blend.js';
import type { Style } from '../../model/style.js';
import { type Candidate, candidatesOf, choosesStyle } from '../../pipeline/auto/candidates.js';
import { openStyle } from '../../pipeline/style.js';
import type { LiveSettings } from '../show/types.js';
import type { AddedStyles } from './gallery/added-styles.js';
import { Gallery, type Variation } from './gallery/gallery.js';
import { checkSettings } from './settings.js';
import type { StoredSettings } from './settings-file.js';
import { DEFAULT_SETTINGS, FOUND_MASKS } from './table.js';

/** Options that decide the initial settings of a show. */
export interface InitialOptions extends Variation {
  /** A preset's name, a preset's folder, an `.onnx` file, or `auto`: chosen by content. */
  readonly style?: string;
  readonly second?: string;
  /** Style for the part that the mask leaves. */
  readonly styleOutside?: string;
  /**
   * What is painted: where a picture or clip is white, or `none` (everything), `person`, `background` or `cutout`; unless
   * the settings say otherwise.
   */
  readonly mask?: string;
  readonly settings?: Partial<Omit<LiveSettings, 'style' | 'second'>>;
}

/** Options in which `mask` is a file, if it is there: a mode is a setting. */
export function withMaskMode<T extends InitialOptions>(options: T): T {
  const mode = FOUND_MASKS.find((name) => name === options.mask);
  if (!mode) return options;
  const { mask: _, ...others } = options;
  return { ...others, settings: { mask: mode, ...options.settings } } as T;
}

/**
 * Initial settings of a show and the styles it can switch to, the added ones among them: defaults, overridden by saved settings, overridden by
 * options. Without any style the first of tier `lite` is taken.
 *
 * @throws OptionError when a setting is out of range, or the requested style has no noise input; PresetError when a
 * requested style is missing or broken
 */
export async function initialSettings(
  {
    style,
    second,
    styleOutside,
    mask,
    settings = {},
    vary,
    varySeed,
    signal,
  }: InitialOptions & { signal?: AbortSignal },
  remembered: StoredSettings,
  onNote: (note: string) => void,
  added?: AddedStyles,
): Promise<{
  readonly gallery: Gallery;
  readonly settings: LiveSettings;
  /** The styles to choose from by content, with style `auto`. */
  readonly candidates: readonly Candidate[] | undefined;
}> {
  checkSettings(settings);
  if (remembered.note) onNote(remembered.note);
  const given: Style[] = [];
  const variation: Variation = {
    ...(vary === undefined ? {} : { vary }),
    ...(varySeed === undefined ? {} : { varySeed }),
  };
  const open = async (nameOrPath: string) => {
    const opened = await openStyle(nameOrPath, onNote, signal);
    if (nameOrPath === style) chosenStyle(opened, variation);
    // The gallery finds only listed presets by name.
    if (/[\\/]|\.(onnx|jpe?g|png|webp)$/i.test(nameOrPath)) given.push(opened);
    // Of a network of many styles, the named one or else the first.
    const { modulation } = opened.manifest;
    return modulation && !splitName(opened.name) ? `${opened.name}:${modulation.styles[0]!.name}` : opened.name;
  };
  let candidates: Candidate[] | undefined;
  if (choosesStyle(style)) {
    candidates = [];
    for (const one of await candidatesOf(style)) candidates.push({ ...one, name: await open(one.name) });
  }
  const byHand = style === undefined || candidates ? {} : { style: await open(style), auto: false };
  const first = candidates ? { style: null, auto: true } : byHand;
  const asked: Partial<LiveSettings> = {
    ...first,
    ...(second === undefined ? {} : { second: await open(second) }),
    ...(styleOutside === undefined ? {} : { outside: await open(styleOutside) }),
  };
  const gallery = await Gallery.open(given, variation, added);
  const known = await usable(remembered.settings, gallery, onNote);
  const lightest = gallery.cards.find(({ tier }) => tier === 'lite') ?? gallery.cards[0];
  // The mask file of the last run may not be given this time.
  const masks =
    mask === undefined ? (known.mask === 'picture' ? { mask: 'none' as const } : {}) : { mask: 'picture' as const };
  const all = { ...DEFAULT_SETTINGS, style: lightest?.name ?? null, ...known, ...masks, ...settings, ...asked };
  // A second style at blend 0 would be invisible, which would puzzle the user.
  const blend = second !== undefined && settings.blend === undefined && all.blend === 0 ? 0.5 : all.blend;
  return { gallery, settings: { ...all, blend }, candidates };
}

/** Removes styles that no longer exist. */
async function usable(
  remembered: Partial<LiveSettings>,
  gallery: Gallery,
  onNote: (note: string) => void,
): Promise<Partial<LiveSettings>> {
  const known: { -readonly [K in keyof LiveSettings]?: LiveSettings[K] } = { ...remembered };
  for (const which of ['style', 'second', 'outside'] as const) {
    const name = known[which];
    if (!name) continue;
    await gallery.style(name).catch((error) => {
      onNote(`The style of last time cannot be used again: ${messageOf(error)}`);
      delete known[which];
    });
  }
  return known;
}

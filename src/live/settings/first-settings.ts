import { messageOf } from '../../errors.js';
import { chosenStyle, splitName } from '../../model/blend.js';
import type { Style } from '../../model/style.js';
import { type Candidate, candidatesOf, choosesStyle } from '../../pipeline/auto/candidates.js';
import { openStyle } from '../../pipeline/style.js';
import type { LiveSettings } from '../show/types.js';
import { Gallery, type Variation } from './gallery.js';
import { checkSettings, DEFAULT_SETTINGS } from './settings.js';
import type { Remembered } from './settings-file.js';

/** What someone asks a show to begin with. */
export interface Asked extends Variation {
  /** A preset's name, a preset's folder, an `.onnx` file, or `auto`: chosen by content. */
  readonly style?: string;
  readonly second?: string;
  /** Style for the part that the mask leaves. */
  readonly styleOutside?: string;
  /** A picture or a clip: the style where it is white, unless the settings say otherwise. */
  readonly mask?: string;
  readonly settings?: Partial<Omit<LiveSettings, 'style' | 'second'>>;
}

/**
 * What a show begins with, and the styles it can be switched to: the defaults, then what is remembered, then what is
 * asked for. Without any style it is the first light one.
 *
 * @throws OptionError when a setting is out of range, or the style that is asked for cannot vary; PresetError when a style that is asked for is not there or broken
 */
export async function firstSettings(
  { style, second, styleOutside, mask, settings = {}, vary, varySeed }: Asked,
  remembered: Remembered,
  onNote: (note: string) => void,
): Promise<{
  readonly gallery: Gallery;
  readonly settings: LiveSettings;
  /** The styles to choose among by content, where that was asked for. */
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
    const opened = await openStyle(nameOrPath, onNote);
    if (nameOrPath === style) chosenStyle(opened, variation);
    // The gallery finds by their names only the presets that are listed.
    if (/[\\/]|\.(onnx|jpe?g|png|webp)$/i.test(nameOrPath)) given.push(opened);
    // Of a network of many, one: the first where none is named.
    const { modulation } = opened.manifest;
    return modulation && !splitName(opened.name) ? `${opened.name}:${modulation.styles[0]!.name}` : opened.name;
  };
  let candidates: Candidate[] | undefined;
  if (choosesStyle(style)) {
    candidates = [];
    for (const one of await candidatesOf(style)) candidates.push({ ...one, name: await open(one.name) });
  }
  const first = candidates ? { style: null } : style === undefined ? {} : { style: await open(style) };
  const asked: Partial<LiveSettings> = {
    ...first,
    ...(second === undefined ? {} : { second: await open(second) }),
    ...(styleOutside === undefined ? {} : { outside: await open(styleOutside) }),
  };
  const gallery = await Gallery.open(given, variation);
  const known = await usable(remembered.settings, gallery, onNote);
  const lightest = gallery.cards.find(({ tier }) => tier === 'lite') ?? gallery.cards[0];
  // A mask that was given the last time is not there any more.
  const masks =
    mask === undefined ? (known.mask === 'picture' ? { mask: 'none' as const } : {}) : { mask: 'picture' as const };
  const all = { ...DEFAULT_SETTINGS, style: lightest?.name ?? null, ...known, ...masks, ...settings, ...asked };
  // A second style that cannot be seen would be a puzzle.
  const blend = second !== undefined && settings.blend === undefined && all.blend === 0 ? 0.5 : all.blend;
  return { gallery, settings: { ...all, blend }, candidates };
}

/** Without styles that are gone since. */
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

import { PresetError } from '../../../errors.js';
import { chosenStyle, namedStyle, networkOf, type StyleChoice, splitName } from '../../../model/blend.js';
import { type ListedStyle, listStyles } from '../../../model/library/list.js';
import { noiseInputOf } from '../../../model/manifest/noise.js';
import type { Credit, NamedStyle } from '../../../model/manifest/types.js';
import { readStyle, type Style } from '../../../model/style.js';
import { listen } from '../../show/listen.js';
import type { StyleCard, Thumbnail } from '../../show/types.js';
import type { AddedStyles } from './added-styles.js';
import { readThumbnail, thumbnailPath } from './thumbnail.js';

/** File names of a preset's thumbnail, best first. */
const THUMBNAILS = ['thumbnail.jpg', 'preview.jpg'];

/** Noise that varies the strokes of styles whose networks have a noise input. */
export type Variation = Pick<StyleChoice, 'vary' | 'varySeed'>;

/**
 * The styles that a show can switch to: the listed presets, those given by path, and pictures that the user has added.
 * Controllers name styles; no name leads to any other file.
 */
export class Gallery {
  private readonly listeners = new Set<(changed?: string) => void>();
  private readonly given = new Map<string, Style>();
  private folders = new Map<string, string>();
  /** Where small pictures are: the preset's folder, and the file's name in it. */
  private pictures = new Map<string, readonly [folder: string, file: string]>();
  private listed: readonly StyleCard[] = [];

  private constructor(
    private readonly variation: Variation,
    private readonly added: AddedStyles | undefined,
  ) {}

  /**
   * @param given styles that were opened already, such as one named by its path
   * @param added the pictures that were added as styles; `update` is to be called when they have changed
   */
  static async open(given: readonly Style[] = [], variation: Variation = {}, added?: AddedStyles): Promise<Gallery> {
    const gallery = new Gallery(variation, added);
    for (const style of given) for (const each of separateStyles(style)) gallery.given.set(each.name, each);
    await gallery.refresh();
    return gallery;
  }

  /** All styles: those given by path first, then the others by name, then the added ones. */
  get cards(): readonly StyleCard[] {
    return this.listed;
  }

  /**
   * Reads anew what there is, and tells it.
   *
   * @param changed a style that paints otherwise now
   */
  async update(changed?: string): Promise<void> {
    await this.refresh();
    for (const listener of this.listeners) listener(changed);
  }

  /** Called when there are other styles, or they are called or paint otherwise. Returns how to stop listening. */
  onChange(listener: (changed?: string) => void): () => void {
    return listen(this.listeners, listener);
  }

  /** A style's small picture; undefined where there is none. */
  async thumbnail(name: string): Promise<Thumbnail | undefined> {
    const picture = this.pictures.get(name);
    return picture && readThumbnail(...picture);
  }

  /**
   * Reads and checks a style.
   *
   * @throws PresetError `PRESET_UNKNOWN`, or as `readStyle`
   */
  async style(name: string): Promise<Style> {
    const style = await this.find(name);
    return noiseInputOf(style.manifest) ? chosenStyle(style, this.variation) : style;
  }

  private async find(name: string): Promise<Style> {
    const given = this.given.get(name);
    if (given) return given;
    if (this.added?.has(name)) return this.added.style(name);
    // It may have been created since.
    if (!this.folders.has(name)) await this.refresh();
    const folder = this.folders.get(name);
    const one = splitName(name)?.[1];
    if (folder !== undefined) return one === undefined ? readStyle(folder) : namedStyle(await readStyle(folder), one);
    throw new PresetError('PRESET_UNKNOWN', `There is no style "${name.slice(0, 60)}".`, {
      hint: `Choose ${this.listed.map((card) => card.name).join(', ') || 'none: no styles were found'}.`,
    });
  }

  private async refresh(): Promise<void> {
    const { styles } = await listStyles();
    const cards: StyleCard[] = [];
    const add = async ({ name, title, artist, tier, folder }: Entry, pictures: readonly string[]) => {
      for (const file of folder === undefined ? [] : pictures) {
        if (this.pictures.has(name) || !(await thumbnailPath(folder!, file))) continue;
        this.pictures.set(name, [folder!, file]);
      }
      const path = this.pictures.has(name) ? `/thumbnails/${encodeURIComponent(name)}` : undefined;
      cards.push({ name, title: title || name, artist, tier, thumbnail: path });
    };
    this.pictures = new Map();
    const addedNames = this.added?.all.map(({ name }) => name) ?? [];
    const own = [...this.given.values()].map(({ name, manifest: { title } }) => ({ name, title }));
    const presets = [...own, ...styles];
    for (const { name, manifest, folder } of this.given.values()) {
      const { title, tier, modulation, credits } = manifest;
      const one = modulation?.styles.find((style) => style.name === splitName(name)?.[1]);
      const about = one ? aboutOne(one, credits, presets) : { title, artist: artistOf(credits) };
      await add({ name, ...about, tier, folder }, one ? thumbnailOf(one) : THUMBNAILS);
    }
    const all = styles.flatMap((preset) => {
      const { credits } = preset;
      if (preset.styles.length === 0) return [{ ...preset, artist: artistOf(credits), pictures: THUMBNAILS }];
      return preset.styles.map((one) => {
        const name = `${preset.name}:${one.name}`;
        return { ...preset, name, ...aboutOne(one, credits, presets), pictures: thumbnailOf(one) };
      });
    });
    const others = all.filter(({ name }) => !this.given.has(name) && !addedNames.includes(name));
    for (const { pictures, ...other } of others) await add(other, pictures);
    for (const { picture, ...card } of this.added?.all ?? []) {
      if (this.given.has(card.name)) continue;
      this.pictures.set(card.name, picture);
      const thumbnail = `/thumbnails/${encodeURIComponent(card.name)}`;
      cards.push({ ...card, tier: styles.find(({ name }) => name === networkOf(card.name))?.tier, thumbnail });
    }
    this.folders = new Map(others.map(({ name, folder }) => [name, folder]));
    this.listed = cards;
  }
}

/** A style and where it was found. */
interface Entry {
  readonly name: string;
  readonly title: string;
  readonly artist: string | undefined;
  readonly tier: string | undefined;
  readonly folder: string | undefined;
}

/** The styles of a network of many, as separate styles; the named one first. */
function separateStyles(style: Style): Style[] {
  const { modulation } = style.manifest;
  if (!modulation) return [style];
  const [preset, named] = splitName(style.name) ?? [style.name];
  const names = modulation.styles.map(({ name }) => name).sort((a, b) => Number(b === named) - Number(a === named));
  return names.map((name) => namedStyle({ ...style, name: preset }, name));
}

/**
 * Title and artist of a style of a network of many: its own, else those of the preset of that name or of the picture that
 * it was learned from, so that one painting has one title whatever paints it.
 */
function aboutOne(
  { name, title, sha256 }: Omit<NamedStyle, 'vector'>,
  credits: readonly Credit[],
  presets: readonly Pick<ListedStyle, 'name' | 'title'>[],
): Pick<Entry, 'title' | 'artist'> {
  const credit = credits.find((one) => sha256 !== undefined && one.sha256 === sha256);
  const words = name.replaceAll(/[-_]+/g, ' ');
  const preset = presets.find((one) => one.name === name);
  const known = title ?? preset?.title ?? credit?.title;
  return { title: known ?? words.charAt(0).toUpperCase() + words.slice(1), artist: credit?.author };
}

/** All who painted what a preset was learned from. */
function artistOf(credits: readonly Credit[]): string | undefined {
  return [...new Set(credits.map(({ author }) => author))].join(', ') || undefined;
}

/** Its own thumbnail or none: the preset's shows another style. */
function thumbnailOf({ thumbnail }: Omit<NamedStyle, 'vector'>): readonly string[] {
  return thumbnail === undefined ? [] : [thumbnail];
}

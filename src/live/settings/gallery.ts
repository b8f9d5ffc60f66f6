import { PresetError } from '../../errors.js';
import { chosenStyle, namedStyle, networkOf, type StyleChoice, splitName } from '../../model/blend.js';
import { listStyles } from '../../model/library/list.js';
import { noiseInputOf } from '../../model/manifest/noise.js';
import type { NamedStyle } from '../../model/manifest/types.js';
import { readStyle, type Style } from '../../model/style.js';
import type { StyleCard, Thumbnail } from '../show/types.js';
import { readThumbnail, thumbnailPath } from './thumbnail.js';

/** File names of a preset's thumbnail, best first. */
const THUMBNAILS = ['thumbnail.jpg', 'preview.jpg'];

/** Noise that varies the strokes of styles whose networks have a noise input. */
export type Variation = Pick<StyleChoice, 'vary' | 'varySeed'>;

/**
 * The styles that a show can switch to: the listed presets, and those given by path. Controllers name styles; no
 * name leads to any other file.
 */
export class Gallery {
  private readonly given = new Map<string, Style>();
  private folders = new Map<string, string>();
  /** Where small pictures are: the preset's folder, and the file's name in it. */
  private pictures = new Map<string, readonly [folder: string, file: string]>();
  private listed: readonly StyleCard[] = [];

  private constructor(private readonly variation: Variation) {}

  /** @param given styles that were opened already, such as one named by its path */
  static async open(given: readonly Style[] = [], variation: Variation = {}): Promise<Gallery> {
    const gallery = new Gallery(variation);
    for (const style of given) for (const each of separateStyles(style)) gallery.given.set(each.name, each);
    await gallery.refresh();
    return gallery;
  }

  /** All styles: those given by path first, then the others by name. */
  get cards(): readonly StyleCard[] {
    return this.listed;
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
    const add = async ({ name, title, tier, folder }: Entry, pictures: readonly string[]) => {
      for (const file of folder === undefined ? [] : pictures) {
        if (this.pictures.has(name) || !(await thumbnailPath(folder!, file))) continue;
        this.pictures.set(name, [folder!, file]);
      }
      const path = this.pictures.has(name) ? `/thumbnails/${encodeURIComponent(name)}` : undefined;
      cards.push({ name, title: title || name, tier, thumbnail: path });
    };
    this.pictures = new Map();
    for (const { name, manifest, folder } of this.given.values()) {
      const { title, tier, modulation } = manifest;
      const one = modulation?.styles.find((style) => style.name === splitName(name)?.[1]);
      await add({ name, title: one ? titleOf(one) : title, tier, folder }, one ? thumbnailOf(one) : THUMBNAILS);
    }
    const all = styles.flatMap((preset) => {
      if (preset.styles.length === 0) return [{ ...preset, pictures: THUMBNAILS }];
      return preset.styles.map((one) => {
        return { ...preset, name: `${preset.name}:${one.name}`, title: titleOf(one), pictures: thumbnailOf(one) };
      });
    });
    const others = all.filter(({ name }) => !this.given.has(name));
    for (const { pictures, ...other } of others) await add(other, pictures);
    this.folders = new Map(others.map(({ name, folder }) => [name, folder]));
    this.listed = cards.map((card) => ({ ...card, title: titleAmong(cards, card) }));
  }
}

/** A style and where it was found. */
interface Entry {
  readonly name: string;
  readonly title: string;
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

/** The title of a card; with the name of its preset added where another card has the same title. */
function titleAmong(cards: readonly StyleCard[], { name, title }: StyleCard): string {
  const preset = networkOf(name);
  const alone = cards.every((card) => card.name === name || card.title !== title);
  return preset === undefined || alone ? title : `${title} (${preset})`;
}

function titleOf({ name, title }: Omit<NamedStyle, 'vector'>): string {
  const words = name.replaceAll(/[-_]+/g, ' ');
  return title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Its own thumbnail or none: the preset's shows another style. */
function thumbnailOf({ thumbnail }: Omit<NamedStyle, 'vector'>): readonly string[] {
  return thumbnail === undefined ? [] : [thumbnail];
}

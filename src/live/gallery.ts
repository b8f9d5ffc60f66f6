import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PresetError } from '../errors.js';
import { listStyles } from '../model/list.js';
import { readStyle, type Style } from '../model/style.js';
import type { StyleCard } from './types.js';

/** Names that a preset's small picture may have, best first. */
const THUMBNAILS = ['thumbnail.jpg', 'preview.jpg'];

/**
 * The styles that a show can be switched to: the presets that are listed, and those that were given by their path.
 * Controllers name styles; no name leads to any other file.
 */
export class Gallery {
  private readonly given = new Map<string, Style>();
  private folders = new Map<string, string>();
  private pictures = new Map<string, string>();
  private listed: readonly StyleCard[] = [];

  /** @param given styles that were opened already, such as one named by its path */
  static async open(given: readonly Style[] = []): Promise<Gallery> {
    const gallery = new Gallery();
    for (const style of given) gallery.given.set(style.name, style);
    await gallery.refresh();
    return gallery;
  }

  /** All styles, those given first, then by name. */
  get cards(): readonly StyleCard[] {
    return this.listed;
  }

  /** The file of a style's small picture. */
  thumbnail(name: string): string | undefined {
    return this.pictures.get(name);
  }

  /**
   * Reads and checks a style.
   *
   * @throws PresetError `PRESET_UNKNOWN`, or as `readStyle`
   */
  async style(name: string): Promise<Style> {
    const given = this.given.get(name);
    if (given) return given;
    // It may have been made since.
    if (!this.folders.has(name)) await this.refresh();
    const folder = this.folders.get(name);
    if (folder !== undefined) return readStyle(folder);
    throw new PresetError('PRESET_UNKNOWN', `There is no style "${name.slice(0, 60)}".`, {
      hint: `Choose ${this.listed.map((card) => card.name).join(', ') || 'none: no styles were found'}.`,
    });
  }

  private async refresh(): Promise<void> {
    const { styles } = await listStyles();
    const cards: StyleCard[] = [];
    const add = async (name: string, title: string, tier: string | undefined, folder: string | undefined) => {
      for (const file of folder === undefined ? [] : THUMBNAILS.map((picture) => join(folder, picture))) {
        const found = await stat(file).catch(() => undefined);
        if (!found?.isFile() || this.pictures.has(name)) continue;
        this.pictures.set(name, file);
      }
      const thumbnail = this.pictures.has(name) ? `/thumbnails/${encodeURIComponent(name)}` : undefined;
      cards.push({ name, title: title || name, tier, thumbnail });
    };
    this.pictures = new Map();
    for (const { name, manifest, folder } of this.given.values()) {
      await add(name, manifest.title, manifest.tier, folder);
    }
    const others = styles.filter(({ name }) => !this.given.has(name));
    for (const { name, title, tier, folder } of others) await add(name, title, tier, folder);
    this.folders = new Map(others.map(({ name, folder }) => [name, folder]));
    this.listed = cards;
  }
}

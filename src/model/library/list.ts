import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, StylecastError } from '../../errors.js';
import { presetFolders } from '../folders.js';
import { fileInside } from '../manifest/inside.js';
import type { Credit, NamedStyle, Tier } from '../manifest/types.js';
import { manifestFile, readManifest } from '../style.js';

/** A preset that can be used by its name. */
export interface ListedStyle {
  /** The name of the preset's folder, to be used as `--style`. */
  readonly name: string;
  readonly title: string;
  readonly tier: Tier;
  readonly licence: string;
  readonly credits: readonly Credit[];
  /** Length of the network in bytes. */
  readonly bytes: number;
  /** Milliseconds per picture of 640×360 measured by its author; undefined if not measured. */
  readonly ms: number | undefined;
  /** Its styles, to be used as `--style name:style`, where one network has many; else none. */
  readonly styles: readonly Omit<NamedStyle, 'vector'>[];
  /** Whether it can paint in the style of any picture, `--style picture.jpg`. */
  readonly anyPicture: boolean;
  /** The preset's folder. */
  readonly folder: string;
}

/** A preset that cannot be used, and why. */
export interface BrokenStyle {
  readonly name: string;
  readonly folder: string;
  /** Stable code of the error. */
  readonly code: string;
  /** What is wrong with it. */
  readonly problem: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** Where to look for presets. */
export interface StyleFolders {
  /** Folders with presets, first match first; default {@link presetFolders}. */
  readonly folders?: readonly string[];
}

/** Available presets: `styles` can be used, `broken` cannot. Each is sorted by name. */
export interface StyleList {
  readonly styles: readonly ListedStyle[];
  readonly broken: readonly BrokenStyle[];
}

/**
 * Lists every preset that can be named, the first folder's where two have the same name. Manifests and the presence
 * of networks are checked; the networks themselves are checked when a style is opened.
 */
export async function listStyles({ folders = presetFolders() }: StyleFolders = {}): Promise<StyleList> {
  const styles: ListedStyle[] = [];
  const broken: BrokenStyle[] = [];
  for (const [name, folder] of await findPresets(folders)) {
    try {
      const { title, tier, licence, credits, model, figures, modulation } = await readManifest(folder);
      await fileInside(folder, model.file);
      const many = modulation?.styles.map(({ vector: _, ...style }) => style) ?? [];
      const { bytes } = model;
      const anyPicture = modulation?.prediction !== undefined;
      styles.push({ name, title, tier, licence, credits, bytes, ms: figures?.ms, styles: many, anyPicture, folder });
    } catch (error) {
      const { code, hint } = error instanceof StylecastError ? error : { code: 'PRESET_UNREADABLE', hint: undefined };
      broken.push({ name, folder, code, problem: messageOf(error), hint });
    }
  }
  return { styles, broken };
}

/** Names and folders of presets, good and broken, sorted by name. */
export async function findPresets(folders: readonly string[]): Promise<[name: string, folder: string][]> {
  const found = new Map<string, string>();
  for (const parent of folders) {
    const entries = await readdir(parent).catch(() => []);
    for (const name of entries) {
      const folder = join(parent, name);
      if (found.has(name) || name.startsWith('.')) continue;
      if (await stat(join(folder, manifestFile)).catch(() => undefined)) found.set(name, folder);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

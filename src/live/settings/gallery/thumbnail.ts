import { open } from 'node:fs/promises';
import { sharp } from '../../../media/sharp.js';
import { fileInside } from '../../../model/manifest/inside.js';
import type { Thumbnail } from '../../show/types.js';

/** Bytes of a small picture, and pixels, at most. */
const LARGEST = 2 ** 20;
const MOST_PIXELS = 2 ** 24;

/** What may be served as a picture, by the format that its bytes are in, whatever the file is called. */
const TYPES: Readonly<Record<string, string>> = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp' };

/**
 * The path of a preset's small picture; undefined where there is none, or where it is not a file inside the preset's
 * folder: somebody else's preset must not be able to show other files of the user to the network.
 */
export function thumbnailPath(folder: string, file: string): Promise<string | undefined> {
  return fileInside(folder, file).catch(() => undefined);
}

/** Reads a small picture of a preset; undefined where it is none: too large, or no JPEG, PNG or WebP. */
export async function readThumbnail(folder: string, file: string): Promise<Thumbnail | undefined> {
  const path = await thumbnailPath(folder, file);
  const opened = path && (await open(path).catch(() => undefined));
  if (!opened) return undefined;
  try {
    if ((await opened.stat()).size > LARGEST) return undefined;
    const body = await opened.readFile();
    const { format } = await sharp(body, { limitInputPixels: MOST_PIXELS }).metadata();
    const type = TYPES[format];
    return type === undefined ? undefined : { body, type };
  } catch {
    // No picture, or gone since.
    return undefined;
  } finally {
    await opened.close();
  }
}

import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { messageOf, OptionError } from '../../errors.js';
import { isPicture } from '../../media/files/pictures/image.js';
import { splitName } from '../../model/blend.js';
import type { Style } from '../../model/style.js';
import type { GivenPaintings } from '../options.js';

/** A picture of a style. */
export interface TargetPicture {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
}

/** The style pictures, and the index of each style's own picture. */
export interface StyleTargets {
  readonly pictures: readonly TargetPicture[];
  readonly own: readonly (number | undefined)[];
}

/**
 * Matches each style with its own picture: by the SHA-256 in its manifest, else by order if there are as many pictures
 * as styles and folders of paintings together, else the only picture. Folders of paintings may name their own.
 *
 * @param paths files, and folders of pictures, from which only those are taken that a manifest names.
 * @returns `own` of the styles, then of the paintings.
 * @throws OptionError `EVAL_STYLE_PICTURE` when a path cannot be read.
 */
export async function matchTargets(
  styles: readonly Style[],
  paths: readonly string[],
  paintings: readonly GivenPaintings[] = [],
): Promise<StyleTargets> {
  const known = styles.map(knownPictures);
  const { pictures, files } = await readTargets(paths, new Set(known.flat()));
  const all = [...pictures];
  const at = (sha256: string) => all.findIndex((picture) => picture.sha256 === sha256);
  const brought: (number | undefined)[] = [];
  for (const { stylePicture } of paintings) {
    const picture = stylePicture === undefined ? undefined : await pictureOf(stylePicture);
    if (picture && at(picture.sha256) < 0) all.push(picture);
    brought.push(picture && at(picture.sha256));
  }
  const count = styles.length + paintings.length;
  const own = Array.from({ length: count }, (_, i) => {
    const named = known[i] ?? [];
    const match = brought[i - styles.length] ?? all.findIndex(({ sha256 }) => named.includes(sha256));
    if (match >= 0) return match;
    if (files.length === count) return pictures.indexOf(files[i]!);
    return all.length === 1 ? 0 : undefined;
  });
  return { pictures: all, own };
}

/** The pictures at paths: files, and those of folders that are known. */
async function readTargets(paths: readonly string[], known: ReadonlySet<string>) {
  const files: TargetPicture[] = [];
  const pictures: TargetPicture[] = [];
  for (const path of paths) {
    const facts = await stat(path).catch((cause) => {
      throw unreadable(path, cause);
    });
    if (facts.isDirectory()) {
      const inside = (await readdir(path)).filter(isPicture).sort();
      for (const name of inside) {
        const picture = await pictureOf(join(path, name));
        if (known.has(picture.sha256)) pictures.push(picture);
      }
    } else {
      const picture = await pictureOf(path);
      files.push(picture);
      pictures.push(picture);
    }
  }
  return { files, pictures };
}

/** SHA-256 of the pictures that a style was made from: of one style of a network of many, its own. */
function knownPictures({ name, manifest }: Style): string[] {
  const [, wanted] = splitName(name) ?? [];
  const many = manifest.modulation?.styles ?? [];
  // The first style is the default.
  const one = wanted === undefined ? many[0] : many.find((style) => style.name === wanted);
  return (one ? [one] : manifest.credits).flatMap(({ sha256 }) => sha256 ?? []);
}

async function pictureOf(file: string): Promise<TargetPicture> {
  const bytes = await readFile(file).catch((cause) => {
    throw unreadable(file, cause);
  });
  return { name: basename(file, extname(file)), file, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function unreadable(path: string, cause: unknown): OptionError {
  return new OptionError('EVAL_STYLE_PICTURE', `The style picture ${path} cannot be read: ${messageOf(cause)}.`, {
    hint: 'Check the path given with --style-picture, or with --paintings.',
    cause,
  });
}

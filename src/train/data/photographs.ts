import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, TrainError } from '../../errors.js';
import { isPicture } from '../../media/files/pictures/image.js';
import { sharp } from '../../media/sharp.js';
import { Random } from '../../nets/parameters/random.js';
import { readPicture } from '../../quality/style/style-picture.js';
import type { CropSource } from './synthetic-pictures.js';

/** Longer side in pixels at which a picture is decoded to check that it is readable. */
const CHECK_SIDE = 64;

/** Name of a kind of pictures for messages, and their scale. */
export interface PictureKind {
  readonly called: string;
  readonly hint: string;
  /** 2 enlarges everything in a picture to twice its size. */
  readonly zoom: number;
}

const PHOTOGRAPHS: PictureKind = {
  called: 'photographs',
  hint: 'Give a folder of photographs with --photos; any few hundred will do.',
  zoom: 1,
};

/** Photographs or other picture files as a source of crops. */
export class Photographs implements CropSource {
  readonly #files: readonly string[];
  readonly #kind: PictureKind;
  readonly #broken = new Map<string, string>();

  constructor(files: readonly string[], kind = PHOTOGRAPHS) {
    this.#files = files;
    this.#kind = kind;
  }

  /**
   * All JPEG, PNG and WebP files of a folder, recursively, in order of their names.
   *
   * @throws TrainError TRAIN_NO_PHOTOS when there are none.
   */
  static async in(folder: string, kind = PHOTOGRAPHS): Promise<Photographs> {
    let names: string[];
    try {
      names = await readdir(folder, { recursive: true });
    } catch (error) {
      throw noPictures(kind, folder, messageOf(error));
    }
    const files = names.filter(isPicture).sort();
    if (files.length === 0) throw noPictures(kind, folder, 'no JPEG, PNG or WebP files in it');
    return new Photographs(
      files.map((name) => join(folder, name)),
      kind,
    );
  }

  /** Their paths, in order of their names. */
  get files(): readonly string[] {
    return this.#files;
  }

  get count(): number {
    return this.#files.length;
  }

  /** Files that could not be read so far, and why. */
  get broken(): ReadonlyMap<string, string> {
    return this.#broken;
  }

  /**
   * Up to `count` readable ones, evenly spread over the folder. Unreadable files are left out and recorded.
   *
   * @throws TrainError TRAIN_NO_PHOTOS when none can be read.
   */
  async some(count: number): Promise<string[]> {
    const { length } = this.#files;
    const found: string[] = [];
    for (let i = 0; i < count; i++) {
      const part = this.#files.slice(Math.floor((i * length) / count), Math.floor(((i + 1) * length) / count));
      const first = await this.#firstRead(part);
      if (first !== undefined) found.push(first);
    }
    if (found.length > 0) return found;
    throw this.#unreadable();
  }

  async #firstRead(files: readonly string[]): Promise<string | undefined> {
    for (const file of files) {
      try {
        await readPicture(file, CHECK_SIDE, 1);
        return file;
      } catch (error) {
        this.#broken.set(file, messageOf(error));
      }
    }
    return undefined;
  }

  /**
   * Random square crops, RGB bytes [count, size, size, 3]: each from another photograph, at a random scale, half of
   * them mirrored. They depend only on the seed and the step. Unreadable files are left out and recorded.
   *
   * @throws TrainError TRAIN_NO_PHOTOS when none can be read.
   */
  async crops(seed: number, step: number, count: number, size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count * size * size * 3);
    for (let i = 0; i < count; i++) bytes.set(await this.#crop(seed, step * count + i, size), i * size * size * 3);
    return bytes;
  }

  /** The `index`-th crop of a seed: every photograph once per epoch, reshuffled each time. */
  async #crop(seed: number, index: number, size: number): Promise<Uint8Array> {
    const random = new Random(seed, index, 3);
    const { length } = this.#files;
    const order = new Random(seed, Math.floor(index / length), 4).permutation(length);
    for (let attempt = 0; attempt < length; attempt++) {
      const file = this.#files[order[(index + attempt) % length]!]!;
      if (this.#broken.has(file)) continue;
      try {
        return await crop(file, random, size, this.#kind.zoom);
      } catch (error) {
        this.#broken.set(file, messageOf(error));
      }
    }
    throw this.#unreadable();
  }

  #unreadable(): TrainError {
    return noPictures(this.#kind, dirname(this.#files[0]!), `none of ${this.count} files can be read`);
  }
}

/** A square of a photograph, RGB bytes [size, size, 3]. */
async function crop(file: string, random: Random, size: number, zoom: number): Promise<Uint8Array> {
  const { width, height, orientation = 1 } = await sharp(file).metadata();
  const turned = orientation >= 5;
  const [w, h] = turned ? [height, width] : [width, height];
  const short = Math.min(w, h);
  // From the whole picture down to its own pixels, but never enlarged more than necessary.
  const largest = Math.max(size, Math.min(short * Math.max(zoom, 1), size * 2 * zoom));
  const side = Math.round(random.between(Math.min(largest, Math.max(size, size * zoom)), largest));
  const scale = side / short;
  const [scaledWidth, scaledHeight] = [Math.max(size, Math.round(w * scale)), Math.max(size, Math.round(h * scale))];
  const left = random.below(scaledWidth - size + 1);
  const top = random.below(scaledHeight - size + 1);
  const picture = sharp(file, { failOn: 'error' })
    .rotate()
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .resize(scaledWidth, scaledHeight, { fit: 'fill' })
    .extract({ left, top, width: size, height: size });
  const { data, info } = await (random.chance(0.5) ? picture.flop() : picture)
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return data;
  throw new Error(`${info.channels} channels`);
}

function noPictures({ called, hint }: PictureKind, folder: string, why: string): TrainError {
  return new TrainError('TRAIN_NO_PHOTOS', `no ${called} in ${folder}: ${why}`, { hint });
}

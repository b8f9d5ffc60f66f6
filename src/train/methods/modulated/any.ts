import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TrainError } from '../../../errors.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import { isPicture } from '../../../media/files/pictures/image.js';
import { type Sharp, sharp } from '../../../media/sharp.js';
import { Random } from '../../../nets/parameters/random.js';
import type { TrainOptions } from '../../settings/options.js';
import { type LearnedStyle, measureLearnedStyle } from './learned.js';

/** Crops of each picture in addition to the whole: strokes at several sizes count as several styles. */
const PARTS = 3;
/** Number of crops that keep their colours; the others are recoloured, for more variety of palettes. */
const AS_PAINTED = 1;
/** Smallest hue rotation of a recoloured crop in degrees, in either direction. */
const MIN_HUE_ROTATION = 40;
/** Range of the saturation factor of a recoloured crop. */
const SATURATION = [0.6, 1.5] as const;
/** Probability of inverting the lightness as well. */
const NEGATIVES = 0.25;
/** Largest number of additional styles; each takes up to 1.7 MB of memory. */
const MAX_STYLES = 240;
/** Smallest shorter side of a crop in pixels. */
const SMALLEST = 96;

/**
 * The styles of a folder's pictures and of crops of a third to three quarters of a side. They depend only on the seed
 * and the files. Where there are too many pictures, some are left out.
 *
 * @param broken collects unreadable files and why; they are left out.
 * @throws TrainError TRAIN_NO_PHOTOS when the folder has no pictures, or none that can be read; the signal's reason.
 */
export async function otherStyles(
  folder: string,
  seed: number,
  network: LossNetwork,
  options: { readonly scale: number; readonly threads: number },
  { signal, onLook }: Pick<TrainOptions, 'signal' | 'onLook'> = {},
  broken = new Map<string, string>(),
): Promise<LearnedStyle[]> {
  const names = await readdir(folder, { recursive: true }).catch((error) => {
    throw noPictures(folder, messageOf(error));
  });
  const files = names.filter(isPicture).sort();
  if (files.length === 0) throw noPictures(folder, 'no JPEG, PNG or WebP files in it');
  const order = new Random(seed, 9).permutation(files.length);
  const styles: LearnedStyle[] = [];
  for (const index of order) {
    if (styles.length > MAX_STYLES - (PARTS + 1)) break;
    onLook?.(styles.length / Math.min(MAX_STYLES, files.length * (PARTS + 1)));
    signal?.throwIfAborted();
    const file = join(folder, files[index]!);
    try {
      styles.push(await measureLearnedStyle(file, file, network, options));
    } catch (error) {
      if (!(error instanceof TrainError) || error.code !== 'TRAIN_PICTURE') throw error;
      broken.set(file, messageOf(error));
      continue;
    }
    const random = new Random(seed, index, 10);
    for (let part = 0; part < PARTS; part++) {
      const bytes = await cropPart(file, random, part >= AS_PAINTED);
      if (bytes)
        styles.push(await measureLearnedStyle(`${file}, part ${part + 1}`, { name: file, bytes }, network, options));
    }
  }
  if (styles.length > 0) return styles;
  throw noPictures(folder, `none of ${files.length} files can be read`);
}

/** A random crop of a picture, optionally recoloured, as a PNG; undefined where it would be too small. */
async function cropPart(file: string, random: Random, recoloured: boolean): Promise<Uint8Array | undefined> {
  const { data, info } = await sharp(file, { failOn: 'error' }).rotate().png().toBuffer({ resolveWithObject: true });
  const share = random.between(1 / 3, 3 / 4);
  const [width, height] = [Math.round(info.width * share), Math.round(info.height * share)];
  const left = random.below(info.width - width + 1);
  const top = random.below(info.height - height + 1);
  if (Math.min(width, height) < SMALLEST) return undefined;
  const part = sharp(data).extract({ left, top, width, height });
  return (recoloured ? recolour(part, random) : part).png().toBuffer();
}

/** Rotates hues, scales saturation, and sometimes inverts lightness; the strokes stay. */
function recolour(picture: Sharp, random: Random): Sharp {
  const hue = MIN_HUE_ROTATION + random.below(360 - 2 * MIN_HUE_ROTATION);
  const turned = picture.modulate({
    hue,
    saturation: random.between(...SATURATION),
  });
  return random.chance(NEGATIVES) ? turned.negate({ alpha: false }) : turned;
}

function noPictures(folder: string, why: string): TrainError {
  return new TrainError('TRAIN_NO_PHOTOS', `no pictures in ${folder}: ${why}`, {
    hint: 'Give a folder of pictures with --any: paintings, drawings, photographs.',
  });
}

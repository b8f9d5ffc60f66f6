import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TrainError } from '../../../errors.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import { type Sharp, sharp } from '../../../media/sharp.js';
import { Random } from '../../../nets/parameters/random.js';
import { isPicture } from '../../data/photographs.js';
import type { TrainOptions } from '../../settings/options.js';
import { type LearnedStyle, measured } from './learned.js';

/** Parts that are cut out of a picture, beside the whole: strokes of one picture at several sizes are several manners. */
const PARTS = 3;
/** How many of them keep their colours; the others get any, for there are more palettes than a folder has pictures. */
const AS_PAINTED = 1;
/** All hues of such a part are turned by an angle, in degrees: this one at least, either way. */
const LEAST_TURN = 40;
/** By how much a part in other colours may be less, and more, colourful than the picture is. */
const SATURATION = [0.6, 1.5] as const;
/** How often light and dark change places as well. */
const NEGATIVES = 0.25;
/** The most manners that are learned besides; each takes 1.4 MB of memory. */
const MOST = 240;
/** Parts have this many pixels along their shorter side, at least. */
const SMALLEST = 96;

/**
 * The manners of a folder's pictures and of parts of them: between a third and three quarters of a side. They depend on
 * the seed and the files only. Where there are too many pictures, some are left out.
 *
 * @param broken takes the files that cannot be read, and why: they are left out.
 * @throws TrainError TRAIN_NO_PHOTOS when the folder has no pictures, or none that can be read; the signal's reason.
 */
export async function otherStyles(
  folder: string,
  seed: number,
  network: LossNetwork,
  options: { readonly scale: number; readonly scales: number; readonly threads: number },
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
    if (styles.length > MOST - (PARTS + 1)) break;
    onLook?.(styles.length / Math.min(MOST, files.length * (PARTS + 1)));
    signal?.throwIfAborted();
    const file = join(folder, files[index]!);
    try {
      styles.push(await measured(file, file, network, options));
    } catch (error) {
      if (!(error instanceof TrainError) || error.code !== 'TRAIN_PICTURE') throw error;
      broken.set(file, messageOf(error));
      continue;
    }
    const random = new Random(seed, index, 10);
    for (let part = 0; part < PARTS; part++) {
      const bytes = await cut(file, random, part >= AS_PAINTED);
      if (bytes) styles.push(await measured(`${file}, part ${part + 1}`, { name: file, bytes }, network, options));
    }
  }
  if (styles.length > 0) return styles;
  throw noPictures(folder, `none of ${files.length} files can be read`);
}

/** A part of a picture, in other colours if so, as a PNG; undefined where it would be too small. */
async function cut(file: string, random: Random, recoloured: boolean): Promise<Uint8Array | undefined> {
  const { data, info } = await sharp(file, { failOn: 'error' }).rotate().png().toBuffer({ resolveWithObject: true });
  const share = random.between(1 / 3, 3 / 4);
  const [width, height] = [Math.round(info.width * share), Math.round(info.height * share)];
  const left = random.below(info.width - width + 1);
  const top = random.below(info.height - height + 1);
  if (Math.min(width, height) < SMALLEST) return undefined;
  const part = sharp(data).extract({ left, top, width, height });
  return (recoloured ? inOtherColours(part, random) : part).png().toBuffer();
}

/** All hues turned by one angle, all colours stronger or weaker, and now and then a negative: the strokes stay. */
function inOtherColours(picture: Sharp, random: Random): Sharp {
  const hue = LEAST_TURN + random.below(360 - 2 * LEAST_TURN);
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

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { lineOf } from '../../model/manifest/field.js';
import type { Credit, Training } from '../../model/manifest/types.js';
import { unreadable } from '../../quality/style/style-picture.js';
import { Photographs } from '../data/photographs.js';
import type { CropSource } from '../data/synthetic-pictures.js';
import type { TrainOptions } from '../settings/options.js';
import type { TrainSettings } from '../settings/settings.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/**
 * How a network was trained, for its manifest.
 *
 * @param learned training data: photographs or synthetic pictures.
 */
export function trainingRecord(
  options: TrainOptions,
  settings: TrainSettings,
  { steps, learned, lossNetwork }: { steps: number; learned: CropSource; lossNetwork: string },
): Training {
  const photographs =
    learned instanceof Photographs
      ? `${learned.count - learned.broken.size} photographs of ${basename(options.photos!)}`
      : (learned.called ?? 'made pictures');
  return {
    command: lineOf(settings.command, 4000),
    seed: settings.seed,
    steps,
    size: settings.size,
    data: lineOf(`${photographs}; ${lossNetwork}`, 1000),
    version,
  };
}

/** Most pictures that are credited one by one; the frames of a film are not. */
const MAX_CREDITS = 100;

/**
 * The pictures that a network was trained on, for its manifest, identified by the SHA-256 of their files; many
 * pictures get one common credit.
 *
 * @param folder their folder.
 * @throws TrainError TRAIN_PICTURE when one cannot be read.
 */
export async function pictureCredits(pictures: readonly string[], folder?: string): Promise<Credit[]> {
  if (pictures.length > MAX_CREDITS) {
    const where = basename(resolve(folder ?? dirname(pictures[0]!)));
    return [{ title: lineOf(`${pictures.length} pictures of ${where}`, 200), author: 'unknown' }];
  }
  return Promise.all(
    pictures.map(async (picture) => {
      const bytes = await readFile(picture).catch((error) => {
        throw unreadable(picture, error);
      });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { title: lineOf(basename(picture, extname(picture)), 200), author: 'unknown', sha256 };
    }),
  );
}

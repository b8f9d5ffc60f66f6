import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Credit, Training } from '../model/manifest.js';
import type { Settings, TrainOptions } from './settings.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/**
 * How a network was trained, for its manifest.
 *
 * @param learnedOn how many photographs there were; undefined when the pictures were made.
 */
export function trainingRecord(
  options: TrainOptions,
  settings: Settings,
  { steps, learnedOn, lossNetwork }: { steps: number; learnedOn: number | undefined; lossNetwork: string },
): Training {
  const photographs =
    learnedOn === undefined ? 'made pictures' : `${learnedOn} photographs of ${basename(options.photos!)}`;
  return {
    command: settings.command,
    seed: settings.seed,
    steps,
    size: settings.size,
    data: `${photographs}; ${lossNetwork}`,
    version,
  };
}

/** The pictures that a network was trained on, for its manifest, known by the SHA-256 of their files. */
export function pictureCredits(pictures: readonly string[]): Promise<Credit[]> {
  return Promise.all(
    pictures.map(async (picture) => ({
      title: basename(picture, extname(picture)),
      author: 'unknown',
      sha256: createHash('sha256')
        .update(await readFile(picture))
        .digest('hex'),
    })),
  );
}

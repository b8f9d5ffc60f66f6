import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Credit, Training } from '../model/manifest.js';
import type { Pictures } from './made-pictures.js';
import { Photographs } from './photographs.js';
import type { Settings, TrainOptions } from './settings.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/**
 * How a network was trained, for its manifest.
 *
 * @param learned what it learned on: photographs, or pictures that were made.
 */
export function trainingRecord(
  options: TrainOptions,
  settings: Settings,
  { steps, learned, lossNetwork }: { steps: number; learned: Pictures; lossNetwork: string },
): Training {
  const photographs =
    learned instanceof Photographs
      ? `${learned.count - learned.broken.size} photographs of ${basename(options.photos!)}`
      : 'made pictures';
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

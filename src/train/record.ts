import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Credit, Training } from '../model/manifest.js';
import type { Settings, TrainOptions } from './settings.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** The options that decide what comes out, as the command line calls them. */
const FLAGS: readonly (readonly [keyof TrainOptions, string])[] = [
  ['method', '--method'],
  ['domain', '--domain'],
  ['photos', '--photos'],
  ['tier', '--tier'],
  ['minutes', '--minutes'],
  ['steps', '--steps'],
  ['size', '--size'],
  ['temporal', '--temporal'],
  ['styleScale', '--style-scale'],
  ['styleStrength', '--style-strength'],
  ['contentStrength', '--content-strength'],
  ['freeze', '--freeze'],
  ['from', '--from'],
  ['lossNetwork', '--loss-network'],
  ['device', '--device'],
  ['seed', '--seed'],
];
/** Options that name files: where these lie is nobody's business, so only their names are kept. */
const PATHS: ReadonlySet<string> = new Set(['domain', 'photos', 'from', 'lossNetwork']);

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
  const flags = FLAGS.flatMap(([option, flag]) => {
    const value = options[option];
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [flag, quoted(PATHS.has(option) ? basename(String(value)) : String(value))];
  });
  const pictures = options.pictures.map((picture) => quoted(basename(picture)));
  const photographs =
    learnedOn === undefined ? 'made pictures' : `${learnedOn} photographs of ${basename(options.photos!)}`;
  return {
    command: [
      ...['stylecast train', ...pictures, ...flags],
      ...(options.resume ? ['--resume'] : []),
      ...['-o', quoted(basename(options.output))],
    ].join(' '),
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

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

import { basename } from 'node:path';
import type { TrainOptions } from './options.js';

/** The options that decide the result, with their command-line flags. */
const FLAGS: readonly (readonly [keyof TrainOptions, string])[] = [
  ['method', '--method'],
  ['domain', '--domain'],
  ['any', '--any'],
  ['into', '--into'],
  ['frames', '--frames'],
  ['photos', '--photos'],
  ['tier', '--tier'],
  ['minutes', '--minutes'],
  ['steps', '--steps'],
  ['size', '--size'],
  ['temporal', '--temporal'],
  ['styleScale', '--style-scale'],
  ['styleStrength', '--style-strength'],
  ['contentStrength', '--content-strength'],
  ['adversarial', '--adversarial'],
  ['freeze', '--freeze'],
  ['from', '--from'],
  ['lossNetwork', '--loss-network'],
  ['device', '--device'],
  ['seed', '--seed'],
];
/** Options that name files: for privacy only the base names are recorded. */
const PATHS: ReadonlySet<string> = new Set(['domain', 'any', 'into', 'frames', 'photos', 'from', 'lossNetwork']);

/** The command that trains with these options, without the folders of files. */
export function trainCommand(options: TrainOptions): string {
  const flags = FLAGS.flatMap(([option, flag]) => {
    const value = options[option];
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [flag, quoted(PATHS.has(option) ? basename(String(value)) : String(value))];
  });
  // Paintings of frames are pictures as well, but are named with their frames.
  const { painted } = options;
  const pictures = painted ? [] : options.pictures.map((picture) => quoted(basename(picture)));
  const named = painted ? ['--painted', quoted(painted.map(paintedName).join(','))] : [];
  return ['stylecast train', ...pictures, ...flags, ...named, '-o', quoted(basename(options.output))].join(' ');
}

/** `120=folder/file.png` without the folder. */
function paintedName(text: string): string {
  const [, frame = '', file] = /^(\d+=)?(.*)$/s.exec(text)!;
  return `${frame}${basename(file!)}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

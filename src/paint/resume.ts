import { readFile } from 'node:fs/promises';
import { TrainError } from '../errors.js';
import { checksum } from '../model/style.js';
import { changedOption, optionError } from '../options.js';
import type { PaintOptions, PaintSettings } from './settings.js';

/** The input files of a painting, by their SHA-256. */
export interface PaintSources {
  readonly photograph: string;
  /** With their weights. */
  readonly styles: string;
  /** `content`, `noise`, or a picture. */
  readonly init: string;
  readonly lossNetwork: string;
}

/** The settings that options result in. */
const RESULTING_SETTING: Partial<Record<keyof PaintOptions, (settings: PaintSettings) => unknown>> = {
  contentWeight: ({ weights }) => weights.content,
  styleWeight: ({ weights }) => weights.style,
  steps: ({ steps }) => steps,
  size: ({ size }) => size,
  optimizer: ({ optimizer }) => optimizer,
  keepColors: ({ keepColors }) => keepColors,
  seed: ({ seed }) => seed,
  seeds: ({ seeds }) => seeds,
  styleScale: ({ styleScale }) => styleScale,
};

const HINT = 'Leave it out or give the same beside --resume, or begin anew with --overwrite.';

/**
 * The settings of a resumed painting: the original ones, with current paths of files.
 *
 * @throws OptionError OPTION_VALUE when an option is given that differs.
 */
export function resumedSettings(options: PaintOptions, begun: PaintSettings, asked: PaintSettings): PaintSettings {
  const changed = changedOption(options, RESULTING_SETTING, begun, asked);
  if (changed) throw optionError(changed, 'what the painting was begun with', String(options[changed]), HINT);
  const { content, styles } = asked;
  return { ...begun, content, styles, init: options.init ?? begun.init };
}

/** Computes the SHA-256 of the files of a painting. */
export async function sourcesOf(settings: PaintSettings, lossNetwork: string): Promise<PaintSources> {
  const known = async (path: string) => checksum(await readFile(path));
  const styles = [];
  for (const { picture, weight } of settings.styles) styles.push(`${await known(picture)} ${weight}`);
  const { content, init } = settings;
  const start = init === 'content' || init === 'noise' ? init : await known(init);
  return { photograph: await known(content), styles: styles.join(), init: start, lossNetwork };
}

const SOURCES: Readonly<Record<keyof PaintSources, string>> = {
  photograph: 'the photograph is not the one',
  styles: 'the pictures of the style, or their weights, are not those',
  init: 'what it starts from is not that',
  lossNetwork: 'the loss network is not the one',
};

/** @throws TrainError PAINT_NO_STATE when a painting would be resumed with other pictures or another loss network. */
export function checkSources(begun: PaintSources, now: PaintSources): void {
  for (const name of Object.keys(SOURCES) as (keyof PaintSources)[]) {
    if (begun[name] === now[name]) continue;
    throw new TrainError('PAINT_NO_STATE', `nothing to resume: ${SOURCES[name]} that the painting was begun with`, {
      hint: HINT,
    });
  }
}

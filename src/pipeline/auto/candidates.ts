import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LivePainter } from '../../engine/painter/live-painter.js';
import { OptionError } from '../../errors.js';
import { readImage } from '../../media/files/pictures/image.js';
import { sharp } from '../../media/sharp.js';
import { namedStyle, splitName } from '../../model/blend.js';
import { presetFolders } from '../../model/folders.js';
import { findPresets } from '../../model/library/list.js';
import type { Style } from '../../model/style.js';
import { openStyle } from '../style.js';
import { APPEARANCE_SIZE, type Appearance, appearanceOf, distanceOf } from './appearance.js';

/** A style that can be chosen by content. */
export interface Candidate {
  /** Name for `openStyle`. */
  readonly name: string;
  readonly appearance: Appearance;
}

/** The photographs of preset samples, side by side. */
const PHOTOGRAPHS = fileURLToPath(new URL('../../../presets/photographs.jpg', import.meta.url));
const COUNT = 3;

/** Tiers too slow to be chosen by default. */
const LARGE: ReadonlySet<string> = new Set(['standard', 'fine']);

/** Whether a style is to be chosen by content: `auto`, or `auto:` with the names of candidates. */
export function choosesStyle(style: unknown): style is string {
  return typeof style === 'string' && /^auto(:|$)/.test(style);
}

/**
 * The candidates of `auto` or `auto:ink,great-wave`: all presets except large ones, or those named, with their
 * appearance. It is measured on the preset's sample, which shows three photographs; without a sample the network paints
 * the same photographs. Of a network of many styles, each is a candidate; it is opened once for all.
 *
 * @throws OptionError `AUTO_NONE` when there is nothing to choose from; PresetError when a named style is not there or
 * broken; what `LivePainter.load` throws
 */
export async function candidatesOf(style: string): Promise<Candidate[]> {
  const named = style.split(':').slice(1).join(':');
  const names = named === '' ? await installed() : named.split(',').map((name) => name.trim());
  const candidates: Candidate[] = [];
  for (const name of names) {
    // A broken one is skipped, unless it was named.
    const opened = await openStyle(name).catch((error) => {
      if (named !== '') throw error;
    });
    if (!opened || (named === '' && LARGE.has(opened.manifest.tier))) continue;
    const shown = await appearanceShown(opened);
    candidates.push(...(shown ? [{ name, appearance: shown }] : await painted(separateStyles(name, opened))));
  }
  if (candidates.length > 0) return candidates;
  throw new OptionError('AUTO_NONE', `There are no presets for --style ${style}; expected at least one.`, {
    hint: 'Run "stylecast styles" for the styles there are.',
  });
}

/** The candidate whose appearance is nearest to the content; the first of equal ones. */
export function bestOf(candidates: readonly Candidate[], content: Appearance): Candidate {
  return candidates.reduce((best, one) =>
    distanceOf(one.appearance, content) < distanceOf(best.appearance, content) ? one : best,
  );
}

/** A style, or all styles of a network of many. */
function separateStyles(name: string, style: Style): [name: string, style: Style][] {
  const { modulation } = style.manifest;
  if (!modulation || splitName(name)) return [[name, style]];
  return modulation.styles.map((one) => [`${name}:${one.name}`, namedStyle(style, one.name)]);
}

async function installed(): Promise<string[]> {
  return (await findPresets(presetFolders())).map(([name]) => name);
}

const PLAIN = { strength: 1, keepColors: false, mirror: false, mask: 'none' } as const;
const ROW = { width: COUNT * APPEARANCE_SIZE.width, height: APPEARANCE_SIZE.height };

/** The appearance of a preset's sample; undefined where there is none, or where it shows only one of many styles. */
async function appearanceShown({ folder, manifest }: Style): Promise<Appearance | undefined> {
  const { sample, modulation } = manifest;
  if (folder === undefined || sample === undefined || modulation) return undefined;
  const shown = await readImage(join(folder, sample), ROW).catch(() => undefined);
  return shown && appearanceOf(shown.frame.data, ROW.width);
}

/** Appearance of the photographs painted with styles. Styles of one network are painted by one session. */
async function painted(styles: readonly (readonly [name: string, style: Style])[]): Promise<Candidate[]> {
  const { frame } = await readImage(PHOTOGRAPHS);
  const { width, height } = frame;
  const painter = await LivePainter.open({ picture: frame, device: 'cpu', steady: false });
  try {
    const candidates: Candidate[] = [];
    for (const [name, style] of styles) {
      await painter.load(style, frame);
      const look = { styles: [{ name: style.name, weight: 1 }], ...PLAIN };
      const { data } = await painter.paint(frame.data.slice(), look);
      const raw = { width, height, channels: 3 } as const;
      const row = await sharp(data, { raw }).resize(ROW.width, ROW.height, { fit: 'fill' }).raw().toBuffer();
      candidates.push({ name, appearance: appearanceOf(row, ROW.width) });
    }
    return candidates;
  } finally {
    await painter.close();
  }
}

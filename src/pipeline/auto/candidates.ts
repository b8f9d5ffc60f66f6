import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LivePainter } from '../../engine/painter/live-painter.js';
import { OptionError } from '../../errors.js';
import { readImage } from '../../media/files/image.js';
import { sharp } from '../../media/sharp.js';
import { namedStyle, splitName } from '../../model/blend.js';
import { presetFolders } from '../../model/folders.js';
import { findPresets } from '../../model/library/list.js';
import type { Style } from '../../model/style.js';
import { openStyle } from '../style.js';
import { type Appearance, appearanceOf, distanceOf, LOOKED_AT } from './appearance.js';

/** A style that may be chosen. */
export interface Candidate {
  /** What `openStyle` finds it by. */
  readonly name: string;
  readonly appearance: Appearance;
}

/** The photographs that presets are shown on, side by side. */
const PHOTOGRAPHS = fileURLToPath(new URL('../../../presets/photographs.jpg', import.meta.url));
const COUNT = 3;

/** Tiers too slow to be chosen unasked: they paint what a smaller network of the same style paints too. */
const LARGE: ReadonlySet<string> = new Set(['standard', 'fine']);

/** Whether a style is to be chosen by content: `auto`, or `auto:` and the names of those that may be chosen. */
export function choosesStyle(style: unknown): style is string {
  return typeof style === 'string' && /^auto(:|$)/.test(style);
}

/**
 * The styles that `auto` or `auto:ink,great-wave` leaves the choice among: all presets but large ones, or those named, with what they
 * look like. That is taken from the preset's sample, which shows it on three photographs; where a preset has none, its
 * network paints the same photographs. Of a network of many styles, each is a candidate; it is opened once for all.
 *
 * @throws OptionError `AUTO_NONE` when there is nothing to choose from; PresetError when a named style is not there or
 * broken; what `LivePainter.load` throws
 */
export async function candidatesOf(style: string): Promise<Candidate[]> {
  const named = style.split(':').slice(1).join(':');
  const names = named === '' ? await installed() : named.split(',').map((name) => name.trim());
  const candidates: Candidate[] = [];
  for (const name of names) {
    // One that is broken is no choice, unless it was asked for.
    const opened = await openStyle(name).catch((error) => {
      if (named !== '') throw error;
    });
    if (!opened || (named === '' && LARGE.has(opened.manifest.tier))) continue;
    const shown = await appearanceShown(opened);
    candidates.push(...(shown ? [{ name, appearance: shown }] : await painted(severally(name, opened))));
  }
  if (candidates.length > 0) return candidates;
  throw new OptionError('AUTO_NONE', `There are no presets for --style ${style}; expected at least one.`, {
    hint: 'Run "stylecast styles" for the styles there are.',
  });
}

/** The candidate that looks most like what is to be painted; of equals the first. */
export function bestOf(candidates: readonly Candidate[], content: Appearance): Candidate {
  return candidates.reduce((best, one) =>
    distanceOf(one.appearance, content) < distanceOf(best.appearance, content) ? one : best,
  );
}

/** A style, or each of a network of many that is named without one of them. */
function severally(name: string, style: Style): [name: string, style: Style][] {
  const { modulation } = style.manifest;
  if (!modulation || splitName(name)) return [[name, style]];
  return modulation.styles.map((one) => [`${name}:${one.name}`, namedStyle(style, one.name)]);
}

async function installed(): Promise<string[]> {
  return (await findPresets(presetFolders())).map(([name]) => name);
}

const PLAIN = { strength: 1, keepColors: false, mirror: false, mask: 'none' } as const;
const ROW = { width: COUNT * LOOKED_AT.width, height: LOOKED_AT.height };

/** What a preset's sample shows; undefined where there is none, or where it shows only one of many styles. */
async function appearanceShown({ folder, manifest }: Style): Promise<Appearance | undefined> {
  const { sample, modulation } = manifest;
  if (folder === undefined || sample === undefined || modulation) return undefined;
  const shown = await readImage(join(folder, sample), ROW).catch(() => undefined);
  return shown && appearanceOf(shown.frame.data, ROW.width);
}

/** What styles make of the photographs. Those of one network are painted by one session, which takes them as inputs. */
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

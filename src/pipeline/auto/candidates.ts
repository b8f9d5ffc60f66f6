import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openPainter } from '../../engine/open.js';
import { OptionError } from '../../errors.js';
import { readImage } from '../../media/image.js';
import { namedStyle, splitName } from '../../model/blend.js';
import { presetFolders } from '../../model/folders.js';
import { findPresets } from '../../model/list.js';
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

/** Whether a style is to be chosen by content: `auto`, or `auto:` and the names of those that may be chosen. */
export function choosesStyle(style: unknown): style is string {
  return typeof style === 'string' && /^auto(:|$)/.test(style);
}

/**
 * The styles that `auto` or `auto:ink,great-wave` leaves the choice among: all presets, or those named, with what they
 * look like. That is taken from the preset's sample, which shows it on three photographs; where a preset has none, its
 * network paints the same photographs. Of a network of many styles, each is a candidate.
 *
 * @throws OptionError `AUTO_NONE` when there is nothing to choose from; PresetError when a named style is not there or
 * broken; what `openPainter` throws
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
    for (const [each, one] of opened ? severally(name, opened) : []) {
      candidates.push({ name: each, appearance: await appearanceOfStyle(one) });
    }
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

const ROW = { width: COUNT * LOOKED_AT.width, height: LOOKED_AT.height };

async function appearanceOfStyle(style: Style): Promise<Appearance> {
  const { sample, modulation } = style.manifest;
  // The sample of a network of many shows only one of them.
  if (style.folder !== undefined && sample !== undefined && !modulation) {
    const shown = await readImage(join(style.folder, sample), ROW).catch(() => undefined);
    if (shown) return appearanceOf(shown.frame.data, ROW.width);
  }
  const { frame } = await readImage(PHOTOGRAPHS);
  const { width, height } = frame;
  const { painter } = await openPainter(style, { width, height }, { aim: 'latency', device: 'cpu', pictures: 1 });
  try {
    const { data } = await painter.paint(frame);
    const raw = { width, height, channels: 3 } as const;
    return appearanceOf(
      await sharp(data, { raw }).resize(ROW.width, ROW.height, { fit: 'fill' }).raw().toBuffer(),
      ROW.width,
    );
  } finally {
    await painter.close();
  }
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { PresetError } from '../../errors.js';
import { namedStyle, splitName } from '../blend.js';
import { presetFolders } from '../folders.js';
import { show } from '../manifest/explain.js';
import { manifestFile, readModelFile, readStyle, type Style } from '../style.js';
import { bareStyle } from './foreign.js';
import { findPresets, type StyleFolders } from './list.js';

/**
 * Finds a style by the name of a preset, the path of a preset's folder, or the path of an `.onnx` file, and checks its
 * network against its manifest. `preset:style` is one style of a network of many.
 *
 * A bare `.onnx` file gets a manifest from its graph and assumptions, see `guessConventions`.
 * @throws OptionError `BLEND` for a style that a network of many does not have; PresetError `PRESET_UNKNOWN` for a name
 * that no folder has, `PRESET_NETWORK` for an `.onnx` file without a picture as input or output, else as {@link
 * readStyle} and {@link readModelFile}; GraphError when a bare file is no ONNX model.
 */
export async function findStyle(nameOrPath: string, { folders = presetFolders() }: StyleFolders = {}): Promise<Style> {
  if (/\.onnx$/i.test(nameOrPath)) return bareStyle(nameOrPath, await readModelFile(nameOrPath));
  const [preset, name] = splitName(nameOrPath) ?? [];
  if (preset !== undefined) return namedStyle(await findStyle(preset, { folders }), name!);
  if (/[\\/]/.test(nameOrPath) || /^\.+$/.test(nameOrPath)) return readStyle(nameOrPath);
  for (const parent of nameOrPath === '' ? [] : [...folders, '.']) {
    const folder = join(parent, nameOrPath);
    if (await stat(join(folder, manifestFile)).catch(() => undefined)) return readStyle(folder);
  }
  throw await unknown(nameOrPath, folders);
}

async function unknown(name: string, folders: readonly string[]): Promise<PresetError> {
  const names = (await findPresets(folders)).map(([other]) => other);
  const typed = name.slice(0, 100).toLowerCase();
  const near = names
    .map((other) => ({ other, edits: distance(typed, other.toLowerCase()) }))
    .filter(({ other, edits }) => edits <= Math.max(2, other.length / 2) || other.toLowerCase().startsWith(typed))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ other }) => `"${other}"`);
  const guess = name === '' || near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
  return new PresetError(
    'PRESET_UNKNOWN',
    `There is no style ${show(name)}; expected the name of a preset, a preset's folder or an .onnx file.`,
    { hint: `${guess}Run "stylecast styles" for the styles there are.` },
  );
}

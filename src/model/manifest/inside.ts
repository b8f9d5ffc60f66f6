import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { PresetError } from '../../errors.js';
import { show } from './explain.js';

/**
 * The real path of a regular file that a manifest names, which must lie inside the preset's folder: a preset that
 * somebody else made must not be able to read other files of the user.
 *
 * @throws PresetError `PRESET_PATH` for absolute paths, `..`, backslashes, drive letters and symbolic links that lead
 * out of the folder; `PRESET_NO_MODEL` when there is no such file.
 */
export async function fileInside(folder: string, file: string): Promise<string> {
  const strange = isAbsolute(file) || win32.isAbsolute(file) || /\\|^[a-z]:|\0/i.test(file);
  if (strange || file.split('/').includes('..')) throw outside(folder, file);
  const path = resolve(folder, file);
  const real = await realpath(path).catch(() => undefined);
  const facts = real === undefined ? undefined : await stat(real).catch(() => undefined);
  if (real === undefined || !facts) {
    throw new PresetError('PRESET_NO_MODEL', `${path} does not exist; the preset's manifest expected it.`, {
      hint: 'The preset is incomplete: get it again, or import the network to make a new one.',
    });
  }
  const within = relative(await realpath(folder), real);
  if (within === '' || within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within)) {
    throw outside(folder, file);
  }
  if (!facts.isFile()) {
    throw new PresetError('PRESET_NO_MODEL', `${path} is not a regular file; expected an ONNX network.`, {
      hint: 'The preset is broken: get it again, or import the network to make a new one.',
    });
  }
  return real;
}

function outside(folder: string, file: string): PresetError {
  return new PresetError(
    'PRESET_PATH',
    `The preset in ${folder} names the network ${show(file)}, which is outside its folder; expected a file inside it.`,
    { hint: 'Do not trust this preset, or copy the network into its folder.' },
  );
}

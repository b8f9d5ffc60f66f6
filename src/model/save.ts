import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, PresetError } from '../errors.js';
import { largestModel, parseManifest } from './manifest/schema.js';
import type { Manifest } from './manifest/types.js';
import { checksum, manifestFile, type Style } from './style.js';

/** File name of a saved network. */
const modelFile = 'model.onnx';

/** Options of `saveStyle`. */
export interface SaveOptions {
  /** Replace an existing preset; default false. */
  readonly overwrite?: boolean;
  /** Further files named in the manifest. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/**
 * Saves a style as a preset atomically: `folder` appears complete, with manifest and network, or not at all. The
 * manifest's `model` entry is computed from the network's bytes.
 *
 * @throws PresetError `PRESET_EXISTS` when the folder is there already (and, asked to overwrite, is no preset),
 * `PRESET_MANIFEST` when the manifest is wrong, `PRESET_TOO_LARGE`, `PRESET_WRITE`.
 */
export async function saveStyle(
  folder: string,
  manifest: Omit<Manifest, 'model'>,
  model: Uint8Array,
  { overwrite = false, files = {} }: SaveOptions = {},
): Promise<Style> {
  const target = resolve(folder);
  if (model.length > largestModel) {
    throw new PresetError(
      'PRESET_TOO_LARGE',
      `The network has ${model.length} bytes; expected at most ${largestModel}.`,
      {
        hint: 'Export the network with float16 weights, or choose a smaller one.',
      },
    );
  }
  const entry = { file: modelFile, sha256: checksum(model), bytes: model.length };
  const complete = parseManifest({ ...manifest, model: entry }, join(target, manifestFile));
  const replaces = await mayTake(target, overwrite);

  const mark = randomBytes(6).toString('hex');
  const making = join(dirname(target), `.${basename(target)}.${mark}.new`);
  const aside = join(dirname(target), `.${basename(target)}.${mark}.old`);
  let moved = false;
  try {
    await mkdir(making, { recursive: true });
    for (const [name, data] of Object.entries({ ...files, [modelFile]: model })) await write(join(making, name), data);
    await write(join(making, manifestFile), `${JSON.stringify(complete, null, 2)}\n`);
    if (replaces) {
      await rename(target, aside);
      moved = true;
    }
    await rename(making, target);
  } catch (cause) {
    if (moved) await rename(aside, target).catch(() => undefined);
    await rm(making, { recursive: true, force: true }).catch(() => undefined);
    throw refused(target, cause);
  }
  if (moved) await rm(aside, { recursive: true, force: true }).catch(() => undefined);
  return { name: basename(target), manifest: complete, model, folder: target };
}

/**
 * Whether there is a preset that may be replaced.
 *
 * @param how hint on how to allow it. @throws PresetError `PRESET_EXISTS` when something exists that may not be
 * replaced.
 */
export async function mayTake(
  target: string,
  overwrite: boolean,
  how = 'say that it may be overwritten',
): Promise<boolean> {
  const facts = await stat(target).catch(() => undefined);
  const files = facts?.isDirectory() ? await readdir(target) : undefined;
  if (!facts) return false;
  if (files?.length === 0) return true;
  if (!files?.includes(manifestFile))
    throw exists(target, 'It is no preset, so it is left alone: choose another name.');
  if (overwrite) return true;
  throw exists(target, `Choose another name, or ${how}.`);
}

function exists(target: string, hint: string): PresetError {
  return new PresetError('PRESET_EXISTS', `${target} exists already; expected a new folder.`, { hint });
}

/** Writes a file and waits until it is on disk. */
async function write(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

function refused(target: string, cause: unknown): PresetError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOTEMPTY' || code === 'EEXIST') {
    return exists(target, 'Somebody else has just made it: choose another name.');
  }
  return new PresetError('PRESET_WRITE', `${target} cannot be written (${messageOf(cause)}).`, {
    hint: 'Check the free space and the permissions of the folder that it goes into.',
    cause,
  });
}

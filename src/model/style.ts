import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { messageOf, PresetError } from '../errors.js';
import { fileInside } from './manifest/inside.js';
import { largestModel, parseManifest } from './manifest/schema.js';
import type { Manifest, ModelFile } from './manifest/types.js';

/** Name of the manifest in a preset's folder. */
export const manifestFile = 'preset.json';
/** The largest manifest that is read, in bytes. */
const largestManifest = 2 ** 20;

/** A style, ready to be loaded by an engine. */
export interface Style {
  /** Name of the preset's folder or of the `.onnx` file. */
  readonly name: string;
  readonly manifest: Manifest;
  /** The network, an ONNX file's bytes. */
  readonly model: Uint8Array;
  /** The preset's folder, absolute; absent for a bare `.onnx` file. */
  readonly folder?: string;
}

/**
 * Reads a preset's manifest without its network.
 *
 * @throws PresetError `PRESET_NOT_FOUND`, `PRESET_NO_MANIFEST`, `PRESET_TOO_LARGE`, `PRESET_MANIFEST` or
 * `PRESET_FORMAT`.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, manifestFile);
  const facts = await stat(file).catch(() => undefined);
  if (!facts?.isFile()) throw await withoutManifest(folder);
  if (facts.size > largestManifest) {
    throw new PresetError('PRESET_TOO_LARGE', `${file} has ${facts.size} bytes; expected at most ${largestManifest}.`, {
      hint: 'A manifest is a short text; check that the file is one.',
    });
  }
  const json = await readFile(file, 'utf8').catch((cause) => {
    throw unreadable(file, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new PresetError('PRESET_MANIFEST', `${file} is not JSON; expected a preset's manifest.`, {
      hint: 'Correct the file, or import the network again.',
      cause,
    });
  }
  return parseManifest(value, file);
}

async function withoutManifest(folder: string): Promise<PresetError> {
  const facts = await stat(folder).catch(() => undefined);
  return facts?.isDirectory()
    ? new PresetError('PRESET_NO_MANIFEST', `${folder} holds no ${manifestFile}; expected a preset's folder.`, {
        hint: 'Name a folder that "stylecast import" or "stylecast train" made, or the .onnx file itself.',
      })
    : new PresetError('PRESET_NOT_FOUND', `${folder} is not a folder; expected a preset's folder or an .onnx file.`, {
        hint: 'Check the path, or run "stylecast styles" for the styles there are.',
      });
}

/**
 * Reads a style from a preset's folder and checks its network against the manifest.
 *
 * @throws PresetError as {@link readManifest}, and `PRESET_PATH` when the network lies outside the folder,
 * `PRESET_NO_MODEL` when it is missing, `PRESET_CHECKSUM` when its length or SHA-256 differ.
 */
export async function readStyle(folder: string): Promise<Style> {
  const manifest = await readManifest(folder);
  const file = await fileInside(folder, manifest.model.file);
  const { size } = await stat(file);
  if (size !== manifest.model.bytes) throw differs(file, `${size} bytes`, `${manifest.model.bytes}`);
  const model = await readModelFile(file);
  const sha256 = checksum(model);
  if (sha256 !== manifest.model.sha256) throw differs(file, `SHA-256 ${sha256}`, manifest.model.sha256);
  return { name: basename(resolve(folder)), manifest, model, folder: resolve(folder) };
}

/**
 * Reads a further network of a preset and checks it against the manifest.
 *
 * @throws PresetError as {@link readStyle}.
 */
export async function readFurther(folder: string, { file, sha256, bytes }: ModelFile): Promise<Uint8Array> {
  const path = await fileInside(folder, file);
  const model = await readModelFile(path);
  if (model.length !== bytes) throw differs(path, `${model.length} bytes`, `${bytes}`);
  const found = checksum(model);
  if (found !== sha256) throw differs(path, `SHA-256 ${found}`, sha256);
  return model;
}

function differs(file: string, got: string, expected: string): PresetError {
  return new PresetError('PRESET_CHECKSUM', `${file} has ${got}; its manifest expected ${expected}.`, {
    hint: 'The file is damaged or was exchanged: get the preset again, or import the network to make a new one.',
  });
}

/**
 * Reads a network's bytes.
 *
 * @throws PresetError `PRESET_NOT_FOUND` when there is no such file, `PRESET_TOO_LARGE`, `PRESET_UNREADABLE`.
 */
export async function readModelFile(file: string): Promise<Uint8Array> {
  const facts = await stat(file).catch(() => undefined);
  if (!facts?.isFile()) {
    throw new PresetError('PRESET_NOT_FOUND', `${file} is no file; expected an .onnx file.`, {
      hint: 'Check the path, or run "stylecast styles" for the styles there are.',
    });
  }
  if (facts.size > largestModel) {
    throw new PresetError('PRESET_TOO_LARGE', `${file} has ${facts.size} bytes; expected at most ${largestModel}.`, {
      hint: 'Export the network with float16 weights, or choose a smaller one.',
    });
  }
  return readFile(file).catch((cause) => {
    throw unreadable(file, cause);
  });
}

function unreadable(file: string, cause: unknown): PresetError {
  return new PresetError('PRESET_UNREADABLE', `${file} cannot be read (${messageOf(cause)}).`, {
    hint: 'Check the permissions of the file and its folders.',
    cause,
  });
}

/** SHA-256 of bytes, as 64 lower-case hexadecimal digits. */
export function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

import { mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, TrainError } from '../errors.js';
import { notesOf, readSafetensors, safetensorsOf } from '../losses/networks/safetensors.js';
import { writeRunFile } from '../write-file.js';
import type { PlanarPicture } from './pictures/pixels.js';
import type { PaintSources } from './resume.js';
import type { PaintSettings } from './settings.js';

/** State of a painting, for resuming it. */
export interface PaintState {
  readonly settings: PaintSettings;
  readonly sources: PaintSources;
  /** Which of several paintings, from 0 on; those before it are finished. */
  readonly run: number;
  /** Index of the level, and the steps done in it. */
  readonly level: number;
  readonly done: number;
  /** Seconds and pixels of the steps so far. */
  readonly spent: { readonly seconds: number; readonly pixels: number };
  /** The picture at the level's size. */
  readonly picture: PlanarPicture;
}

/** The folder beside an output that holds the state and the preview while it is painted. */
export function workFolder(output: string): string {
  return `${output}.painting`;
}

const FILE = 'state.safetensors';
const PREVIEW = 'preview.png';
/** The preview in such a folder. */
export const previewFile = (folder: string) => join(folder, PREVIEW);

/** Version of the format; incremented when older states can no longer be read. */
const FORMAT = 2;

/**
 * Writes the state as a safetensors file; the previous one is kept until the new one is completely on disk.
 *
 * @throws TrainError TRAIN_CHECKPOINT when it cannot be written, as on a full disk.
 */
export async function saveState(folder: string, { picture, ...rest }: PaintState): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { data, width, height } = picture;
  const notes = { stylecast: JSON.stringify({ format: FORMAT, ...rest }) };
  await writeRunFile(join(folder, FILE), safetensorsOf({ picture: { dims: [3, height, width], data } }, notes));
}

/** The state in a folder. @throws TrainError PAINT_NO_STATE when there is none that can be read. */
export async function loadState(folder: string): Promise<PaintState> {
  const path = join(folder, FILE);
  try {
    const bytes = await readFile(path);
    const { dims, data } = readSafetensors(bytes).get('picture')!;
    const { format, ...rest } = JSON.parse(notesOf(bytes).stylecast!) as { format: number } & Omit<
      PaintState,
      'picture'
    >;
    if (format !== FORMAT) throw new Error(`format ${format}, expected ${FORMAT}`);
    return { ...rest, picture: { data, width: dims[2]!, height: dims[1]! } };
  } catch (error) {
    throw new TrainError('PAINT_NO_STATE', `nothing to resume: ${path}: ${messageOf(error)}`, {
      hint: `Paint without --resume, or name the output of a painting that was stopped in ${dirname(path)}.`,
      cause: error,
    });
  }
}

/** Refuses to start where a stopped painting exists. @throws TrainError PAINT_EXISTS. */
export async function checkNoState(folder: string): Promise<void> {
  if (!(await stat(join(folder, FILE)).catch(() => undefined))) return;
  throw new TrainError('PAINT_EXISTS', `${folder} holds a painting that was stopped; expected a new one`, {
    hint: 'Go on with it by --resume, or begin anew with --overwrite.',
  });
}

/** Removes the state and the preview of a painting that is finished, and the folder if nothing else is in it. */
export async function removeState(folder: string): Promise<void> {
  for (const file of [FILE, PREVIEW]) await rm(join(folder, file), { force: true });
  await rmdir(folder).catch(() => undefined);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TrainError } from '../../errors.js';
import { notesOf, readSafetensors, safetensorsOf } from '../../losses/networks/safetensors.js';
import { writeRunFile } from '../../write-file.js';
import type { Balance } from '../objective/balance.js';
import type { StageName, StepLosses } from '../progress.js';
import type { TrainSettings } from '../settings/settings.js';

/** Everything a training needs to resume exactly. */
export interface Checkpoint {
  readonly settings: TrainSettings;
  readonly stage: StageName;
  /** Steps done in this stage. */
  readonly done: number;
  /** Steps done in the stage before. */
  readonly before: number;
  /** Milliseconds spent in steps. */
  readonly elapsed: number;
  /** Losses of every tenth step, from the first on. */
  readonly history: readonly { readonly step: number; readonly losses: StepLosses }[];
  /** Weight of content and structure at the next step. */
  readonly balance: Balance;
  readonly parameters: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** Running means of Gram matrices; empty where the objective has none. */
  readonly grams: Float32Array;
}

/** The tensors of a checkpoint: the state of a training step. */
export const VECTORS = ['parameters', 'mean', 'square', 'grams'] as const;
const FILE = 'checkpoint.safetensors';
/** Where a training keeps its checkpoint. */
export const checkpointFile = (folder: string) => join(folder, FILE);

/** Version of the format; incremented when older checkpoints can no longer be read. */
const FORMAT = 5;

/**
 * Writes a checkpoint as a safetensors file; the previous one is kept until the new one is completely on disk.
 *
 * @throws TrainError TRAIN_CHECKPOINT when it cannot be written, as on a full disk.
 */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { parameters, mean, square, grams, ...rest } = checkpoint;
  const tensors = Object.fromEntries(
    Object.entries({ parameters, mean, square, grams }).map(([name, data]) => [name, { dims: [data.length], data }]),
  );
  const bytes = safetensorsOf(tensors, { stylecast: JSON.stringify({ format: FORMAT, ...rest }) });
  await writeRunFile(checkpointFile(folder), bytes);
}

/** The last checkpoint of a folder. @throws TrainError TRAIN_NO_CHECKPOINT when there is none that can be read. */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const path = checkpointFile(folder);
  try {
    const bytes = await readFile(path);
    const vectors = readSafetensors(bytes);
    const { format, ...rest } = JSON.parse(notesOf(bytes).stylecast!) as { format: number } & Omit<
      Checkpoint,
      (typeof VECTORS)[number]
    >;
    if (format !== FORMAT) throw otherFormat(path, format);
    const [parameters, mean, square, grams] = VECTORS.map((name) => vectors.get(name)!.data) as Float32Array[];
    return { ...rest, parameters: parameters!, mean: mean!, square: square!, grams: grams! };
  } catch (error) {
    if (error instanceof TrainError && error.code === 'TRAIN_NO_CHECKPOINT') throw error;
    throw new TrainError('TRAIN_NO_CHECKPOINT', `nothing to resume: ${path}: ${messageOf(error)}`, {
      hint: 'Train without --resume, or name the output of the training that was stopped.',
      cause: error,
    });
  }
}

function otherFormat(path: string, format: number): TrainError {
  const which = format < FORMAT ? 'an earlier' : 'a later';
  return new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `nothing to resume: ${path} is of ${which} version of stylecast, format ${format}; expected ${FORMAT}`,
    { hint: 'Begin anew with --overwrite, or go on with the version that it was begun with.' },
  );
}

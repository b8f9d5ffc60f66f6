import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, TrainError } from '../../errors.js';
import { readSafetensors } from '../../losses/networks/safetensors.js';
import { writeFileAtomically } from '../../write-file.js';
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
const FORMAT = 3;

/**
 * Writes a checkpoint as a safetensors file; the previous one is kept until the new one is completely on disk.
 *
 * @throws TrainError TRAIN_CHECKPOINT when it cannot be written, as on a full disk.
 */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { parameters, mean, square, grams, ...rest } = checkpoint;
  const vectors = { parameters, mean, square, grams };
  let end = 0;
  const entries = VECTORS.map((name) => {
    const start = end;
    end += vectors[name].byteLength;
    return [name, { dtype: 'F32', shape: [vectors[name].length], data_offsets: [start, end] }];
  });
  const metadata = { stylecast: JSON.stringify({ format: FORMAT, ...rest }) };
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const padded = Buffer.concat([header, Buffer.alloc((8 - (header.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = VECTORS.map((name) => {
    const { buffer, byteOffset, byteLength } = vectors[name];
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  await replaceFile(checkpointFile(folder), Buffer.concat([length, padded, ...data]));
}

/** Writes a file of a run atomically. @throws TrainError TRAIN_CHECKPOINT. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomically(path, bytes);
  } catch (error) {
    throw new TrainError('TRAIN_CHECKPOINT', `could not write ${path}: ${messageOf(error)}`, {
      hint: `Make room on the disk of ${dirname(path)}, then go on with --resume.`,
      cause: error,
    });
  }
}

/** The last checkpoint of a folder. @throws TrainError TRAIN_NO_CHECKPOINT when there is none that can be read. */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const path = checkpointFile(folder);
  try {
    const bytes = await readFile(path);
    const vectors = readSafetensors(bytes);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as {
      __metadata__: { stylecast: string };
    };
    const { format, ...rest } = JSON.parse(header.__metadata__.stylecast) as { format: number } & Omit<
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

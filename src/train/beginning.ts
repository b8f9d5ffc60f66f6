import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, TrainError } from '../errors.js';
import { headerFor, readSafetensors } from '../losses/safetensors.js';
import { initialParameters, lengthOf, type Parameter, partOf } from '../nets/parameters.js';
import type { TierName } from '../nets/tiers.js';
import { replaceFile } from './checkpoint.js';

/** What a training leaves for others to begin with. */
const FILE = 'beginning.safetensors';
/** Those that come with stylecast, a file a tier. */
const shipped = fileURLToPath(new URL('../../presets/beginnings', import.meta.url));
const TENSOR = 'parameters';

/** Keeps a network at the end of its first stage, with live norms: what other styles are learned from soonest. */
export async function saveBeginning(training: string, parameters: Float32Array): Promise<void> {
  const { buffer, byteOffset, byteLength, length } = parameters;
  const header = headerFor([{ name: TENSOR, dtype: 'F32', shape: [length], start: 0, end: byteLength }]);
  await replaceFile(join(training, FILE), Buffer.concat([header, Buffer.from(buffer, byteOffset, byteLength)]));
}

/**
 * The parameters that training starts from: those of another style of the same tier, which already know how to
 * take a picture apart and put it together, or random ones.
 *
 * @param from folder of an earlier training, a file of its kind, or `scratch`; where absent, what comes with stylecast
 * for this tier, or random ones where nothing does.
 * @param earlier a network whose parameters will do too: those of the same names are taken, the others are random.
 * @throws TrainError TRAIN_BEGINNING when there is none, or it belongs to a network of another shape.
 */
export async function beginningParameters(
  from: string | undefined,
  tier: TierName,
  list: readonly Parameter[],
  seed: number,
  earlier: readonly Parameter[] = list,
): Promise<Float32Array> {
  if (from === 'scratch') return initialParameters(list, seed);
  const path = from === undefined ? join(shipped, `${tier}.safetensors`) : await fileOf(from);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (from === undefined && error.code === 'ENOENT') return undefined;
    throw unusable(path, messageOf(error), error);
  });
  if (bytes === undefined) return initialParameters(list, seed);
  const found = readSafetensors(bytes).get(TENSOR)?.data;
  const expected = lengthOf(list);
  if (found?.length === expected) return found;
  if (found?.length === lengthOf(earlier)) return grafted(found, earlier, initialParameters(list, seed), list);
  throw unusable(path, `it has ${found?.length ?? 'no'} parameters; expected ${expected} for the tier ${tier}`);
}

function grafted(
  found: Float32Array,
  earlier: readonly Parameter[],
  onto: Float32Array,
  list: readonly Parameter[],
): Float32Array {
  for (const { name, offset } of list) {
    if (earlier.some((each) => each.name === name)) onto.set(partOf(found, earlier, name), offset);
  }
  return onto;
}

async function fileOf(from: string): Promise<string> {
  const isFolder = await stat(from).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isFolder ? join(from, FILE) : from;
}

function unusable(path: string, why: string, cause?: unknown): TrainError {
  return new TrainError('TRAIN_BEGINNING', `cannot begin with ${path}: ${why}`, {
    hint: 'Name the .training folder of a style of the same tier with --from, or use --from scratch.',
    cause,
  });
}

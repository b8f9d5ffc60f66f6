import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, TrainError } from '../../errors.js';
import { readSafetensors, safetensorsOf } from '../../losses/networks/safetensors.js';
import { initialParameters, lengthOf, type Parameter, partOf } from '../../nets/parameters/parameters.js';
import type { TierName } from '../../nets/tiers.js';
import { writeRunFile } from '../../write-file.js';
import { growParameters } from './grow.js';

/** File of the initial weights that a training leaves for others. */
const FILE = 'beginning.safetensors';
/** The initial weights that come with stylecast. */
const SHIPPED = fileURLToPath(new URL('../../../presets/beginnings/lite.safetensors', import.meta.url));
const TENSOR = 'parameters';

/** Saves a network at the end of its first stage, with live norms: the best initial weights for other styles. */
export async function saveInitialWeights(training: string, parameters: Float32Array): Promise<void> {
  const tensors = { [TENSOR]: { dims: [parameters.length], data: parameters } };
  await writeRunFile(join(training, FILE), safetensorsOf(tensors));
}

/**
 * Initial parameters of a training: those of another style, grown where the tier is larger, or random ones.
 *
 * @param from folder of an earlier training, a file of its kind, or `scratch`; default: the ones that come with
 * stylecast, or random ones where the tier is too small for them.
 * @param earlier parameters of an alternative network: those of the same names are used, the others are random.
 * @throws TrainError TRAIN_BEGINNING when there is none, or it belongs to a larger network.
 */
export async function initialWeights(
  from: string | undefined,
  tier: TierName,
  list: readonly Parameter[],
  seed: number,
  earlier: readonly Parameter[] = list,
): Promise<Float32Array> {
  if (from === 'scratch') return initialParameters(list, seed);
  const path = from === undefined ? SHIPPED : await fileOf(from);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw unusable(path, messageOf(error), error);
  });
  const found = readSafetensors(bytes).get(TENSOR)?.data;
  const expected = lengthOf(list);
  if (found?.length === expected) return found;
  const network = found?.length === lengthOf(earlier) ? found : found && growParameters(found, earlier, seed);
  if (network) return grafted(network, earlier, initialParameters(list, seed), list);
  if (from === undefined) return initialParameters(list, seed);
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
    hint: 'Name the .training folder of a style of the same tier or a smaller one with --from, or use --from scratch.',
    cause,
  });
}

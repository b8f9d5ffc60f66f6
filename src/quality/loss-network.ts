import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TrainError } from '../errors.js';
import type { LossNetwork } from '../losses/networks/network.js';
import { randomFilters } from '../losses/networks/random-filters.js';
import { readSafetensors } from '../losses/networks/safetensors.js';
import { vgg19 } from '../losses/networks/vgg.js';
import { userFolder } from '../model/folders.js';

/** Default path of the weights, used by `fetchLossNetwork` and training. */
export function lossNetworkFile(): string {
  return join(userFolder(), 'loss-network', 'vgg19.safetensors');
}

/**
 * The loss network of a file; without one, of the file in the user's folder; without that, fixed random filters.
 *
 * @throws TrainError TRAIN_WEIGHTS when a given file cannot be read or is not VGG-19.
 */
export async function openLossNetwork(path: string | undefined): Promise<LossNetwork> {
  try {
    return vgg19(readSafetensors(await readFile(path ?? lossNetworkFile())));
  } catch (error) {
    if (path === undefined && !(error instanceof TrainError)) return randomFilters();
    const file = path ?? lossNetworkFile();
    throw new TrainError('TRAIN_WEIGHTS', `could not read the loss network ${file}: ${messageOf(error)}`, {
      hint: (error instanceof TrainError && error.hint) || 'Name the VGG-19 weights with --loss-network.',
      cause: error,
    });
  }
}

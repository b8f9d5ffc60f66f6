import { mkdir, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { messageOf, TrainError } from '../../errors.js';
import { isPresetName, NAME_RULE } from '../../model/manifest/schema.js';
import { mayTake } from '../../model/save.js';
import { optionError } from '../../options.js';
import type { TrainOptions } from '../settings/options.js';
import { checkpointFile } from '../weights/checkpoint.js';

/**
 * Checks before a training that its preset can be saved.
 *
 * @param own a folder that may be replaced without asking: the preset that is extended.
 * @throws OptionError OPTION_VALUE for an invalid preset name; PresetError PRESET_EXISTS when something exists there;
 * TrainError TRAIN_EXISTS when a training exists there.
 */
export async function checkOutput({ output, overwrite, resume }: TrainOptions, own?: string): Promise<void> {
  const name = basename(output);
  if (!isPresetName(name))
    throw optionError('output', `a name of ${NAME_RULE}`, name, 'Choose another name, such as presets/wave.');
  const target = resolve(output);
  await mayTake(target, (overwrite ?? false) || (resume ?? false) || target === own, 'add --overwrite');
  if (overwrite || resume || own !== undefined) return;
  const training = `${output}.training`;
  if (!(await stat(checkpointFile(training)).catch(() => undefined))) return;
  throw new TrainError('TRAIN_EXISTS', `${training} holds a training already; expected a new one`, {
    hint: 'Go on with it by --resume, or begin anew with --overwrite.',
  });
}

/** Creates the folder of a training. @throws TrainError TRAIN_CHECKPOINT. */
export async function makeFolder(training: string): Promise<void> {
  await mkdir(training, { recursive: true }).catch((cause) => {
    throw new TrainError('TRAIN_CHECKPOINT', `could not make the folder ${training}: ${messageOf(cause)}`, {
      hint: 'Name an output in a folder that you may write to.',
      cause,
    });
  });
}

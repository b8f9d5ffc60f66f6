import { mkdir, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { messageOf, TrainError } from '../../errors.js';
import { isPresetName, NAME_RULE } from '../../model/manifest/schema.js';
import { mayTake } from '../../model/save.js';
import type { TrainOptions } from '../settings/options.js';
import { wrong } from '../settings/settings.js';
import { checkpointFile } from '../weights/checkpoint.js';

/**
 * Says before a training what would be said after it: that its preset cannot be saved where it is asked for.
 *
 * @param own a folder that may be replaced unasked: the preset that is added to.
 * @throws OptionError OPTION_VALUE when a preset cannot have that name; PresetError PRESET_EXISTS when something is there;
 * TrainError TRAIN_EXISTS when a training was begun there.
 */
export async function checkOutput({ output, overwrite, resume }: TrainOptions, own?: string): Promise<void> {
  const name = basename(output);
  if (!isPresetName(name))
    throw wrong('output', `a name of ${NAME_RULE}`, name, 'Choose another name, such as presets/wave.');
  const target = resolve(output);
  await mayTake(target, (overwrite ?? false) || (resume ?? false) || target === own, 'add --overwrite');
  if (overwrite || resume || own !== undefined) return;
  const training = `${output}.training`;
  if (!(await stat(checkpointFile(training)).catch(() => undefined))) return;
  throw new TrainError('TRAIN_EXISTS', `${training} holds a training already; expected a new one`, {
    hint: 'Go on with it by --resume, or begin anew with --overwrite.',
  });
}

/** Makes the folder of a training. @throws TrainError TRAIN_CHECKPOINT. */
export async function makeFolder(training: string): Promise<void> {
  await mkdir(training, { recursive: true }).catch((cause) => {
    throw new TrainError('TRAIN_CHECKPOINT', `could not make the folder ${training}: ${messageOf(cause)}`, {
      hint: 'Name an output in a folder that you may write to.',
      cause,
    });
  });
}

import { optionError } from '../../options.js';
import type { TrainResult } from '../run/run.js';
import type { TrainOptions } from '../settings/options.js';
import { trainOnDomain } from './adversarial/train.js';
import { trainOnFrames } from './frames/train.js';
import { joinStyles } from './modulated/join.js';
import { trainModulated } from './modulated/train.js';
import { trainSingle } from './one-style.js';

/** The training methods by name. */
export const METHODS = {
  /** One network for one style, from pictures of it. */
  single: trainSingle,
  /** One network for many styles, one a picture. */
  modulated: trainModulated,
  /** One network for a body of work, trained against a discriminator, with a branch that preserves content. */
  adversarial: trainOnDomain,
  /** The same without the content branch, for comparison. */
  gan: trainOnDomain,
} satisfies Record<string, (options: TrainOptions) => Promise<TrainResult>>;

/** Names of the methods. */
export type MethodName = keyof typeof METHODS;

/**
 * Trains a style network on pictures of a style and saves it as a preset, by the given method (default `single`). When
 * aborted it leaves a checkpoint to resume from.
 *
 * @throws OptionError OPTION_VALUE; TrainError TRAIN_NO_PHOTOS, TRAIN_PICTURE, TRAIN_WEIGHTS, TRAIN_BEGINNING,
 * TRAIN_NO_CHECKPOINT, TRAIN_CHECKPOINT, TRAIN_DIVERGED (with the last good checkpoint kept), TRAIN_SESSION;
 * PresetError.
 */
export async function trainStyle(given: TrainOptions): Promise<TrainResult> {
  // Without a trailing slash, which shells add: the training folder is a sibling of the preset.
  const options = { ...given, output: given.output.replace(/(?<=.)[\\/]+$/, '') };
  try {
    return await methodOf(options)(options);
  } catch (error) {
    if (!options.signal?.aborted || error !== options.signal.reason) throw error;
    // It was still looking at the pictures.
    const training = `${options.output}.training`;
    return { preset: undefined, interrupted: true, training, steps: 0, losses: {}, brokenPhotos: new Map() };
  }
}

function methodOf({
  method: asked,
  any,
  into,
  frames,
  painted,
}: TrainOptions): (options: TrainOptions) => Promise<TrainResult> {
  if (frames !== undefined) {
    if (asked === undefined || asked === 'frames') return (all) => trainOnFrames(all, frames);
    throw optionError('frames', 'the method frames with it', asked, 'Leave --method out.');
  }
  if (painted !== undefined || asked === 'frames')
    throw optionError('frames', 'the clip whose frames were painted', 'none', 'Name it with --frames.');
  const method = asked ?? 'single';
  if (any !== undefined && method !== 'modulated') {
    const hint = 'Add --method modulated, or leave --any out.';
    throw optionError('any', 'the method modulated with it', method, hint);
  }
  if (into !== undefined) {
    if (asked === undefined || asked === 'modulated') return (all) => joinStyles(all, into);
    throw optionError('into', 'the method modulated with it', method);
  }
  if (Object.hasOwn(METHODS, method)) return METHODS[method as MethodName];
  throw optionError('method', `one of ${Object.keys(METHODS).join(', ')}`, method);
}

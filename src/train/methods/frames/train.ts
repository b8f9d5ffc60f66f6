import { TrainError } from '../../../errors.js';
import { TIERS } from '../../../nets/tiers.js';
import { optionError } from '../../../options.js';
import { measureStyle, STYLE_SIDE } from '../../../quality/style/style-picture.js';
import { ClipFrames } from '../../data/clip/clip-frames.js';
import { paintedFiles } from '../../data/clip/painted-files.js';
import { PaintedPairs } from '../../data/clip/painted-pairs.js';
import { measureNetwork } from '../../report/measure.js';
import { PREVIEW_PHOTOGRAPHS } from '../../report/preview.js';
import { normOf, type TrainingContext } from '../../run/context.js';
import { finishTraining, stoppedResult } from '../../run/finish.js';
import { runTraining, setUpTraining, type TrainResult } from '../../run/run.js';
import type { TrainOptions } from '../../settings/options.js';
import { exportNetwork } from '../../weights/export.js';
import { measurePairs } from './measure.js';
import { framesSettings } from './settings.js';
import { pairObjective } from './stage.js';

/**
 * Trains a style network on frames of a clip and what was painted over them, so that it paints the rest of the clip like
 * that, and saves it as a preset. When aborted it leaves a checkpoint to resume from.
 *
 * @throws OptionError OPTION_VALUE; MediaError where clip or paintings cannot be read; TrainError TRAIN_PICTURE when a
 * painting has not the size of its frame; TrainError, PresetError as `trainSingle` does.
 */
export async function trainOnFrames(given: TrainOptions, path: string): Promise<TrainResult> {
  if (given.pictures.length > 0)
    throw optionError(
      'pictures',
      'none beside frames',
      given.pictures.join(', '),
      'Name what was painted with --painted.',
    );
  const painted = paintedFiles(given.painted ?? []);
  const options = { ...given, method: 'frames', pictures: painted.map(({ file }) => file) };
  const { resumed, ...setup } = await setUpTraining(options, framesSettings);
  const numbers = painted.map(({ frame }) => frame);
  const begun = setup.settings.painted?.join(', ');
  if (begun !== numbers.join(', ')) throw otherFrames(begun, numbers);
  const clip = await ClipFrames.read(path, numbers, options.signal);
  const pairs = await PaintedPairs.read(painted, clip, path);
  const { settings, network, threads } = setup;
  const { size, seed } = settings;
  const { width, height } = pairs.pairs[0]!.frame;
  const scale = Math.max(width, height) / STYLE_SIDE;
  const target = await measureStyle(options.pictures, network, { scale, layers: network.objective.style, threads });
  const context: TrainingContext = { ...setup, photographs: clip, target };
  const outcome = await runTraining(context, resumed, {
    previews: PREVIEW_PHOTOGRAPHS,
    objective: (stage) => pairObjective(settings, network, { clip, pairs }, stage),
  });
  const { state, finished } = outcome;
  if (!finished) return stoppedResult(context, state);
  const norm = normOf(settings, 'second');
  const { step } = pairObjective(settings, network, { clip, pairs }, 'second');
  const own = step.parameters.slice(0, step.networkLength);
  const model = await exportNetwork(TIERS[settings.tier], own, state.parameters, norm);
  return finishTraining(context, outcome, {
    model,
    // Its discriminator knows the paintings by heart, and may win.
    notes: [],
    measure: async () => ({
      measured: {
        ...(await measureNetwork(model, network, target, clip, { size, seed, threads })),
        ...(await measurePairs(model, pairs, threads)),
      },
    }),
  });
}

function otherFrames(begun: string | undefined, numbers: readonly number[]): TrainError {
  return new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `nothing to resume: the checkpoint is of the painted frames ${begun}; expected ${numbers.join(', ')}`,
    { hint: 'Give the same paintings of the same frames, or train without --resume.' },
  );
}

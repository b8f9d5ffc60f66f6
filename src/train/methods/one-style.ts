import { TIERS } from '../../nets/tiers.js';
import { measureStyle } from '../../quality/style/style-picture.js';
import { withoutGrain } from '../data/grain.js';
import { measurePalette } from '../data/palette.js';
import { measureNetwork } from '../report/measure.js';
import { PREVIEW_PHOTOGRAPHS } from '../report/preview.js';
import { normOf, stepOf, type TrainingContext } from '../run/context.js';
import { finishTraining, stoppedResult } from '../run/finish.js';
import { runTraining, setUpTraining, type TrainResult } from '../run/run.js';
import type { TrainOptions } from '../settings/options.js';
import { exportNetwork } from '../weights/export.js';

/**
 * Trains a style network for one style, on pictures of it, and saves it as a preset. When aborted it leaves a
 * checkpoint to resume from.
 *
 * @throws OptionError OPTION_VALUE; TrainError TRAIN_NO_PHOTOS, TRAIN_PICTURE, TRAIN_WEIGHTS, TRAIN_BEGINNING,
 * TRAIN_NO_CHECKPOINT, TRAIN_CHECKPOINT, TRAIN_DIVERGED (with the last good checkpoint kept), TRAIN_SESSION;
 * PresetError.
 */
export async function trainSingle(options: TrainOptions): Promise<TrainResult> {
  const { resumed, ...setup } = await setUpTraining(options);
  const { settings, threads, network, photographs } = setup;
  const { styleScale, size, seed } = settings;
  const layers = network.objective.style;
  const target = await measureStyle(options.pictures, network, {
    scale: styleScale,
    layers,
    threads,
    prepare: withoutGrain,
  });
  const palette = await measurePalette(options.pictures);
  const context: TrainingContext = { ...setup, target, palette };
  const outcome = await runTraining(context, resumed, { previews: PREVIEW_PHOTOGRAPHS });
  const { state, finished } = outcome;
  if (!finished) return stoppedResult(context, state);
  const { parameters } = stepOf(context, 'second');
  const model = await exportNetwork(TIERS[settings.tier], parameters, state.parameters, normOf(settings, 'second'));
  return finishTraining(context, outcome, {
    model,
    measure: async () => ({
      measured: await measureNetwork(model, network, target, photographs, { size, seed, threads }),
    }),
  });
}

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeModel } from '../../graph/onnx/write.js';
import { saveStyle } from '../../model/save.js';
import { TIERS } from '../../nets/tiers.js';
import { measureStyle } from '../../quality/style/style-picture.js';
import { writeRunFile } from '../../write-file.js';
import { measurePalette } from '../data/palette.js';
import { measureNetwork } from '../report/measure.js';
import { PREVIEW_PHOTOGRAPHS } from '../report/preview.js';
import { reportPage } from '../report/report.js';
import { addThumbnails } from '../report/thumbnails.js';
import { collapses } from '../run/collapse.js';
import { normOf, stepOf, type TrainingContext } from '../run/context.js';
import { manifestOf, resultOf, runTraining, setUpTraining, type TrainResult } from '../run/run.js';
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
  const { settings, threads, network, photographs, training } = setup;
  const { styleScale, size, seed } = settings;
  const layers = network.objective.style;
  const target = await measureStyle(options.pictures, network, { scale: styleScale, layers, threads });
  const palette = await measurePalette(options.pictures);
  const context: TrainingContext = { ...setup, target, palette };
  const { state, finished, strip } = await runTraining(context, resumed, { previews: PREVIEW_PHOTOGRAPHS });
  if (!finished) return resultOf(context, state, undefined);
  const model = await exportNetwork(
    TIERS[settings.tier],
    stepOf(context, 'second').parameters,
    state.parameters,
    normOf(settings, 'second'),
  );
  const manifest = manifestOf(context, state);
  const preset = await saveStyle(options.output, manifest, writeModel(model), { overwrite: true });
  await addThumbnails(preset, { threads });
  const measured = await measureNetwork(model, network, target, photographs, { size, seed, threads });
  const page = reportPage({
    title: basename(options.output),
    settings,
    lossNetwork: network.name,
    history: state.history,
    notes: collapses(state.history),
    measured,
    seconds: state.elapsed / 1000,
    steps: state.before + state.done,
    brokenPhotos: photographs.broken,
    preview: await readFile(strip.path).catch(() => undefined),
  });
  await writeRunFile(join(training, 'report.html'), Buffer.from(page));
  return { ...resultOf(context, state, options.output), measured };
}

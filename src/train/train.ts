import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { TrainError } from '../errors.js';
import { writeModel } from '../graph/onnx-write.js';
import { saveStyle } from '../model/save.js';
import { NETWORK_MULTIPLE } from '../nets/network.js';
import { lengthOf } from '../nets/parameters.js';
import { TIERS } from '../nets/tiers.js';
import { beginningParameters, saveBeginning } from './beginning.js';
import { type Checkpoint, loadCheckpoint, replaceFile, saveCheckpoint } from './checkpoint.js';
import { exportNetwork } from './export.js';
import { anew, frozen } from './freeze.js';
import { openLossNetwork } from './loss-network.js';
import { madePictures } from './made-pictures.js';
import { type Measured, measureNetwork } from './measure.js';
import { Photographs } from './photographs.js';
import { PreviewStrip } from './preview.js';
import type { Losses } from './progress.js';
import { pictureCredits, trainingRecord } from './record.js';
import { reportPage } from './report.js';
import { settingsOf, type TrainOptions } from './settings.js';
import { runStage, styleLesson } from './stage.js';
import { measurePalette, measureStyle } from './style-picture.js';
import { normOf, stepOf, type Work } from './work.js';

/** What came of a training. */
export interface TrainResult {
  /** Folder of the preset; undefined when training was stopped before its end. */
  readonly preset: string | undefined;
  /** Folder with the checkpoint, the preview strip and the report. */
  readonly training: string;
  readonly steps: number;
  readonly losses: Losses;
  /** Figures of the finished network. */
  readonly measured?: Measured;
  /** Photographs that could not be read, and why. */
  readonly brokenPhotos: ReadonlyMap<string, string>;
}

/** Photographs in the preview strip. */
const PREVIEW_PHOTOGRAPHS = 3;

/**
 * Trains a style network for one style, on pictures of it, and saves it as a preset.
 *
 * First on photographs; then on pairs of frames under known motion, with the statistics of the norms folded into the
 * weights if that is asked for. Stopped by its signal, it leaves a
 * checkpoint to resume from.
 *
 * @throws OptionError OPTION_VALUE; TrainError TRAIN_NO_PHOTOS, TRAIN_PICTURE, TRAIN_WEIGHTS, TRAIN_BEGINNING, TRAIN_NO_CHECKPOINT,
 * TRAIN_CHECKPOINT, TRAIN_DIVERGED (with the last good checkpoint kept), TRAIN_SESSION; PresetError.
 */
export async function trainSingle(options: TrainOptions): Promise<TrainResult> {
  const training = `${options.output}.training`;
  const resumed = options.resume ? await loadCheckpoint(training) : undefined;
  const settings = resumed?.settings ?? settingsOf(options);
  const threads = options.threads ?? availableParallelism();
  const network = await openLossNetwork(options.lossNetwork);
  const photographs = options.photos === undefined ? madePictures : await Photographs.in(options.photos);
  const { styleScale, scales, size, seed } = settings;
  const target = await measureStyle(options.pictures, network, { scale: styleScale, scales, threads });
  const palette = await measurePalette(options.pictures, threads);
  await mkdir(training, { recursive: true });

  const work: Work = { options, settings, threads, network, photographs, target, palette, training };
  const samples = await photographs.crops(seed + 1, 0, PREVIEW_PHOTOGRAPHS, size);
  const strip = new PreviewStrip(join(training, 'preview.png'), samples, PREVIEW_PHOTOGRAPHS, size);
  if (resumed !== undefined) await strip.takeUp();
  let state = resumed === undefined ? await beginning(work) : fitting(work, resumed);
  if (state.stage === 'first') {
    state = await runStage(work, state, strip, styleLesson(work, state.stage));
    if (options.signal?.aborted) return result(work, state, undefined);
    await saveBeginning(training, state.parameters);
    state = settings.freeze ? await frozen(work, state) : anew(state);
    await saveCheckpoint(training, state);
  }
  state = await runStage(work, state, strip, styleLesson(work, state.stage));
  if (options.signal?.aborted) return result(work, state, undefined);
  const model = await exportNetwork(
    TIERS[settings.tier],
    stepOf(work, 'second').parameters,
    state.parameters,
    normOf(settings, 'second'),
  );
  await saveStyle(options.output, await manifest(work, state), writeModel(model), { overwrite: true });
  const measured = await measureNetwork(model, network, target, photographs, { size, seed, threads });
  const page = reportPage({
    title: basename(options.output),
    settings,
    lossNetwork: network.name,
    history: state.history,
    measured,
    seconds: state.elapsed / 1000,
    steps: state.before + state.done,
    brokenPhotos: photographs.broken,
    preview: await readFile(strip.path).catch(() => undefined),
  });
  await replaceFile(join(training, 'report.html'), Buffer.from(page));
  return { ...result(work, state, options.output), measured };
}

async function beginning(work: Work): Promise<Checkpoint> {
  const { tier, seed } = work.settings;
  const parameters = await beginningParameters(work.options.from, tier, stepOf(work, 'first').parameters, seed);
  const zeros = () => new Float32Array(parameters.length);
  return {
    settings: work.settings,
    stage: 'first',
    done: 0,
    before: 0,
    elapsed: 0,
    history: [],
    parameters,
    mean: zeros(),
    square: zeros(),
  };
}

/** A checkpoint, after checking that it belongs to the network that this version trains. */
function fitting(work: Work, checkpoint: Checkpoint): Checkpoint {
  const expected = lengthOf(stepOf(work, checkpoint.stage).parameters);
  if (checkpoint.parameters.length === expected) return checkpoint;
  throw new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `the checkpoint in ${work.training} has ${checkpoint.parameters.length} parameters; expected ${expected}`,
    { hint: 'It was made by another version of stylecast: train again without --resume.' },
  );
}

function result({ training, photographs }: Work, state: Checkpoint, preset: string | undefined): TrainResult {
  return {
    preset,
    training,
    steps: state.before + state.done,
    losses: state.history.at(-1)?.losses ?? {},
    brokenPhotos: photographs.broken,
  };
}

async function manifest({ options, settings, network, photographs }: Work, state: Checkpoint) {
  const picture = { type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] } as const;
  const name = basename(options.output);
  const learnedOn = photographs instanceof Photographs ? photographs.count - photographs.broken.size : undefined;
  const steps = state.before + state.done;
  return {
    format: 1 as const,
    name,
    title: name,
    description: '',
    tier: settings.tier,
    licence: 'unstated',
    credits: await pictureCredits(options.pictures),
    input: { ...picture, name: 'image', multiple: NETWORK_MULTIPLE },
    output: { ...picture, name: 'stylized' },
    inputs: [],
    state: [],
    training: trainingRecord(options, settings, { steps, learnedOn, lossNetwork: network.name }),
  };
}

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { TrainError } from '../../errors.js';
import { initialParameters, lengthOf, type Parameter } from '../../nets/parameters/parameters.js';
import { openLossNetwork } from '../../quality/loss-network.js';
import { Photographs } from '../data/photographs.js';
import { syntheticPictures } from '../data/synthetic-pictures.js';
import type { TrainingStep } from '../objective/step.js';
import type { StageName, StepLosses } from '../progress.js';
import type { NetworkMeasurement } from '../report/measure.js';
import { PreviewStrip } from '../report/preview.js';
import { pictureCredits } from '../report/record.js';
import type { TrainOptions } from '../settings/options.js';
import { settingsOf, type TrainingSources, type TrainSettings } from '../settings/settings.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../weights/checkpoint.js';
import { initialWeights, saveInitialWeights } from '../weights/initial.js';
import type { TrainingContext } from './context.js';
import { freezeNorms, restartOptimizer } from './freeze.js';
import { checkOutput, makeFolder } from './output.js';
import { checkResumed } from './resume.js';
import { runStage, type StageObjective, styleObjective } from './stage.js';

/** The result of a training. */
export interface TrainResult {
  /** Folder of the preset; undefined when training was stopped before its end. */
  readonly preset: string | undefined;
  /** True when the signal ended it early. */
  readonly interrupted: boolean;
  /** Folder with the checkpoint, the preview strip and the report. */
  readonly training: string;
  readonly steps: number;
  readonly losses: StepLosses;
  /** Measurements of the finished network. */
  readonly measured?: NetworkMeasurement;
  /** Measurements by style for a network of many; `measured` is their mean. */
  readonly styles?: Readonly<Record<string, NetworkMeasurement>>;
  /** Pictures of folders that could not be read, and why. */
  readonly brokenPhotos: ReadonlyMap<string, string>;
}

/** The context of a training without its styles. */
export type TrainingSetup = Omit<TrainingContext, 'target' | 'styles'> & { readonly resumed: Checkpoint | undefined };

/**
 * Checks the options, reads the checkpoint of a resumed training, and opens photographs and loss network.
 *
 * @param checked validates the options.
 * @throws OptionError OPTION_VALUE; PresetError PRESET_EXISTS; TrainError TRAIN_EXISTS, TRAIN_NO_PHOTOS, TRAIN_WEIGHTS,
 * TRAIN_NO_CHECKPOINT.
 */
export async function setUpTraining(options: TrainOptions, checked = settingsOf): Promise<TrainingSetup> {
  const training = `${options.output}.training`;
  const resumed = options.resume ? await loadCheckpoint(training) : undefined;
  const { method = 'single' } = options;
  // Older checkpoints do not name a method.
  const { method: made = 'single' } = resumed?.settings ?? { method };
  if (made !== method) throw otherMethod(training, made, method);
  const asked = checked(options);
  const threads = options.threads ?? availableParallelism();
  await checkOutput(options);
  const network = await openLossNetwork(options.lossNetwork);
  const photographs = options.photos === undefined ? syntheticPictures : await Photographs.in(options.photos);
  const credits = await pictureCredits(options.pictures);
  const sources: TrainingSources = {
    pictures: credits.map(({ title, sha256 }) => sha256 ?? title).join(' '),
    photographs: photographs === syntheticPictures ? 'made' : 'given',
    lossNetwork: network.name,
  };
  if (resumed) checkResumed(options, resumed.settings, { ...asked, sources });
  const settings = resumed?.settings ?? { ...asked, sources };
  if (options.lossNetwork === undefined) options.onNote?.(`comparing by ${network.name}`);
  if (network.objective.missing !== undefined && options.domain === undefined && options.frames === undefined)
    options.onNote?.(network.objective.missing);
  const shown = settings.weights.adversarial > 0 ? { domain: stylePictures(options.pictures, settings) } : {};
  return { options, settings, threads, network, photographs, credits, training, resumed, ...shown };
}

/** The pictures of the style, at about the scale at which their style is measured. */
function stylePictures(pictures: readonly string[], { styleScale }: TrainSettings): Photographs {
  return new Photographs(pictures, {
    called: 'pictures of the style',
    hint: 'Give a JPEG, PNG or WebP picture.',
    zoom: styleScale,
  });
}

function otherMethod(training: string, made: string, method: string): TrainError {
  return new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `the checkpoint in ${training} is of the method ${made}; expected ${method}`,
    { hint: `Go on with --method ${made}, or train again without --resume.` },
  );
}

/** The outcome of running the stages. */
export interface RunOutcome {
  readonly state: Checkpoint;
  /** False when it was aborted. */
  readonly finished: boolean;
  readonly strip: PreviewStrip;
}

/** Options that differ between methods. */
export interface RunOptions {
  /** Rows of the preview strip. */
  readonly previews: number;
  /** Parameters of an alternative network for the initial weights. */
  readonly earlier?: readonly Parameter[];
  /** The objective of a stage; default: that of one style or many. */
  readonly objective?: (stage: StageName) => StageObjective;
}

/**
 * Runs both stages: first on photographs; then on pairs of frames under known motion, with the statistics of the norms
 * folded into the weights if `freeze` is set.
 */
export async function runTraining(
  context: TrainingContext,
  resumed: Checkpoint | undefined,
  runOptions: RunOptions,
): Promise<RunOutcome> {
  const { settings, options, photographs, training } = context;
  const { previews, objective = (stage: StageName) => styleObjective(context, stage) } = runOptions;
  const { size, seed } = settings;
  const samples = await photographs.crops(seed + 1, 0, previews, size);
  const strip = new PreviewStrip(join(training, 'preview.png'), samples, previews, size);
  if (resumed !== undefined) await strip.resume();
  let state =
    resumed === undefined
      ? await firstCheckpoint(context, objective('first').step, runOptions)
      : checkFits(context, resumed, objective(resumed.stage).step.parameters);
  await makeFolder(training);
  if (state.stage === 'first') {
    const first = objective(state.stage);
    state = await runStage(context, state, strip, first);
    if (options.signal?.aborted) return { state, finished: false, strip };
    const own = first.step.parameters.slice(0, first.step.networkLength);
    await saveInitialWeights(training, state.parameters.slice(0, lengthOf(own)));
    const layouts = () => ({ first: first.step.parameters, second: objective('second').step.parameters });
    state = settings.freeze ? await freezeNorms(context, state, layouts()) : restartOptimizer(state);
    await saveCheckpoint(training, state);
  }
  state = await runStage(context, state, strip, objective(state.stage));
  return { state, finished: !options.signal?.aborted, strip };
}

async function firstCheckpoint(
  context: TrainingContext,
  { parameters: list, networkLength: painters, grams }: TrainingStep,
  { earlier }: RunOptions,
): Promise<Checkpoint> {
  const { tier, seed } = context.settings;
  const parameters = initialParameters(list, seed);
  parameters.set(await initialWeights(context.options.from, tier, list.slice(0, painters), seed, earlier));
  const zeros = () => new Float32Array(parameters.length);
  return {
    settings: context.settings,
    stage: 'first',
    done: 0,
    before: 0,
    elapsed: 0,
    history: [],
    balance: { weight: context.settings.weights.content, structure: undefined },
    parameters,
    mean: zeros(),
    square: zeros(),
    grams: grams ?? new Float32Array(0),
  };
}

/** Checks that a checkpoint belongs to the network that this version trains. */
function checkFits(context: TrainingContext, checkpoint: Checkpoint, list: readonly Parameter[]): Checkpoint {
  const expected = lengthOf(list);
  if (checkpoint.parameters.length === expected) return checkpoint;
  throw new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `the checkpoint in ${context.training} has ${checkpoint.parameters.length} parameters; expected ${expected}`,
    { hint: 'It was made by another version of stylecast: train again without --resume.' },
  );
}

import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { TrainError } from '../../errors.js';
import { NETWORK_MULTIPLE } from '../../nets/network.js';
import { initialParameters, lengthOf, type Parameter } from '../../nets/parameters/parameters.js';
import { openLossNetwork } from '../data/loss-network.js';
import { madePictures } from '../data/made-pictures.js';
import { Photographs } from '../data/photographs.js';
import type { TrainingStep } from '../objective/step.js';
import type { Losses, StageName } from '../progress.js';
import type { Measured } from '../report/measure.js';
import { PreviewStrip } from '../report/preview.js';
import { pictureCredits, trainingRecord } from '../report/record.js';
import type { TrainOptions } from '../settings/options.js';
import { type Settings, type Sources, settingsOf } from '../settings/settings.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../weights/checkpoint.js';
import { beginningParameters, saveBeginning } from '../weights/initial.js';
import type { Work } from './context.js';
import { anew, frozen } from './freeze.js';
import { checkOutput, makeFolder } from './output.js';
import { checkResumed } from './resume.js';
import { type Lesson, runStage, styleLesson } from './stage.js';

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
  /** Figures style by style, where one network has many; `measured` is their mean. */
  readonly styles?: Readonly<Record<string, Measured>>;
  /** Pictures of folders that could not be read, and why. */
  readonly brokenPhotos: ReadonlyMap<string, string>;
}

/** What every training needs before it knows its styles. */
export type Groundwork = Omit<Work, 'target' | 'palette' | 'styles'> & { readonly resumed: Checkpoint | undefined };

/**
 * Checks the options, takes up the checkpoint if there is one to resume, and opens what is learned on and judged by.
 *
 * @param checked checks the options.
 * @throws OptionError OPTION_VALUE; PresetError PRESET_EXISTS; TrainError TRAIN_EXISTS, TRAIN_NO_PHOTOS, TRAIN_WEIGHTS, TRAIN_NO_CHECKPOINT.
 */
export async function groundwork(options: TrainOptions, checked = settingsOf): Promise<Groundwork> {
  const training = `${options.output}.training`;
  const resumed = options.resume ? await loadCheckpoint(training) : undefined;
  const { method = 'single' } = options;
  // Before there were methods, they were not named.
  const { method: made = 'single' } = resumed?.settings ?? { method };
  if (made !== method) throw otherMethod(training, made, method);
  const asked = checked(options);
  const threads = options.threads ?? availableParallelism();
  await checkOutput(options);
  const network = await openLossNetwork(options.lossNetwork);
  const photographs = options.photos === undefined ? madePictures : await Photographs.in(options.photos);
  const credits = await pictureCredits(options.pictures);
  const sources: Sources = {
    pictures: credits.map(({ title, sha256 }) => sha256 ?? title).join(' '),
    photographs: photographs === madePictures ? 'made' : 'given',
    lossNetwork: network.name,
  };
  if (resumed) checkResumed(options, resumed.settings, { ...asked, sources });
  const settings = resumed?.settings ?? { ...asked, sources };
  if (options.lossNetwork === undefined) options.onNote?.(`comparing by ${network.name}`);
  const shown = settings.weights.adversarial > 0 ? { domain: stylePictures(options.pictures, settings) } : {};
  return { options, settings, threads, network, photographs, credits, training, resumed, ...shown };
}

/** The pictures of the style, about as large as their strokes are measured. */
function stylePictures(pictures: readonly string[], { styleScale }: Settings): Photographs {
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

/** How far a training came. */
export interface Course {
  readonly state: Checkpoint;
  /** False when its signal stopped it. */
  readonly finished: boolean;
  readonly strip: PreviewStrip;
}

/** How a course differs from that of one style. */
export interface CourseOptions {
  /** Rows of the preview strip. */
  readonly previews: number;
  /** The parameters of a network that will do to begin with, beside one of the same shape. */
  readonly earlier?: readonly Parameter[];
  /** What the stages teach; one style, or many, where absent. */
  readonly lesson?: (stage: StageName) => Lesson;
}

/**
 * Runs both stages: first on photographs; then on pairs of frames under known motion, with the statistics of the norms
 * folded into the weights if that is asked for.
 */
export async function runCourse(work: Work, resumed: Checkpoint | undefined, course: CourseOptions): Promise<Course> {
  const { settings, options, photographs, training } = work;
  const { previews, lesson = (stage: StageName) => styleLesson(work, stage) } = course;
  const { size, seed } = settings;
  const samples = await photographs.crops(seed + 1, 0, previews, size);
  const strip = new PreviewStrip(join(training, 'preview.png'), samples, previews, size);
  if (resumed !== undefined) await strip.takeUp();
  let state =
    resumed === undefined
      ? await beginning(work, lesson('first').step, course)
      : fitting(work, resumed, lesson(resumed.stage).step.parameters);
  await makeFolder(training);
  if (state.stage === 'first') {
    const first = lesson(state.stage);
    state = await runStage(work, state, strip, first);
    if (options.signal?.aborted) return { state, finished: false, strip };
    const own = first.step.parameters.slice(0, first.step.painters);
    await saveBeginning(training, state.parameters.slice(0, lengthOf(own)));
    state = settings.freeze ? await frozen(work, state) : anew(state);
    await saveCheckpoint(training, state);
  }
  state = await runStage(work, state, strip, lesson(state.stage));
  return { state, finished: !options.signal?.aborted, strip };
}

async function beginning(
  work: Work,
  { parameters: list, painters }: TrainingStep,
  { earlier }: CourseOptions,
): Promise<Checkpoint> {
  const { tier, seed } = work.settings;
  const parameters = initialParameters(list, seed);
  parameters.set(await beginningParameters(work.options.from, tier, list.slice(0, painters), seed, earlier));
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
function fitting(work: Work, checkpoint: Checkpoint, list: readonly Parameter[]): Checkpoint {
  const expected = lengthOf(list);
  if (checkpoint.parameters.length === expected) return checkpoint;
  throw new TrainError(
    'TRAIN_NO_CHECKPOINT',
    `the checkpoint in ${work.training} has ${checkpoint.parameters.length} parameters; expected ${expected}`,
    { hint: 'It was made by another version of stylecast: train again without --resume.' },
  );
}

/** What came of a training, as far as it went. */
export function resultOf({ training, photographs }: Work, state: Checkpoint, preset: string | undefined): TrainResult {
  return {
    preset,
    training,
    steps: state.before + state.done,
    losses: state.history.at(-1)?.losses ?? {},
    brokenPhotos: photographs.broken,
  };
}

/** The manifest of what was trained. */
export function manifestOf({ options, settings, network, photographs, credits }: Work, state: Checkpoint) {
  const picture = { type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] } as const;
  const name = basename(options.output);
  const steps = state.before + state.done;
  return {
    format: 1 as const,
    name,
    title: name,
    description: '',
    tier: settings.tier,
    licence: 'unstated',
    credits,
    input: { ...picture, name: 'image', multiple: NETWORK_MULTIPLE },
    output: { ...picture, name: 'stylized' },
    inputs: [],
    state: [],
    training: trainingRecord(options, settings, { steps, learned: photographs, lossNetwork: network.name }),
  };
}

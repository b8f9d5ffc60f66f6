import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf, TrainError } from '../errors.js';
import { writeModel } from '../graph/onnx-write.js';
import type { LossNetwork } from '../losses/network.js';
import { readSafetensors } from '../losses/safetensors.js';
import { vgg19 } from '../losses/vgg.js';
import { saveStyle } from '../model/save.js';
import { NETWORK_MULTIPLE } from '../nets/network.js';
import { initialParameters, type Parameter } from '../nets/parameters.js';
import { Random } from '../nets/random.js';
import { TIERS } from '../nets/tiers.js';
import { type Checkpoint, loadCheckpoint, replaceFile, saveCheckpoint } from './checkpoint.js';
import { exportNetwork } from './export.js';
import { fold, type Statistics, statisticsModel } from './freeze.js';
import { type Measured, measureNetwork } from './measure.js';
import { motionInputs, randomMotion } from './motion.js';
import { Photographs } from './photographs.js';
import { PreviewStrip, previewModel } from './preview.js';
import { type Losses, Plan, type StageName } from './progress.js';
import { reportPage } from './report.js';
import { type SentTensor, Session } from './session.js';
import { type Settings, settingsOf, type TrainOptions } from './settings.js';
import { type TrainingStep, trainingStep } from './step.js';
import { measureStyle, type StyleTarget } from './style-picture.js';

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

/** Steps between checkpoints, and previews a training. */
const CHECKPOINT_EVERY = 100;
const PREVIEWS = 12;
const PREVIEW_PHOTOGRAPHS = 3;
/** Every so many steps, losses are kept for the report. */
const HISTORY_EVERY = 10;

/**
 * Trains a style network on pictures of a style and saves it as a preset.
 *
 * First with live instance norms; then their statistics over photographs are folded into the weights, and the
 * network is fine-tuned as it will run, with pairs of frames under known motion. Stopped by its signal, it leaves a
 * checkpoint to resume from.
 *
 * @throws OptionError OPTION_VALUE; TrainError TRAIN_NO_PHOTOS, TRAIN_PICTURE, TRAIN_WEIGHTS, TRAIN_NO_CHECKPOINT,
 * TRAIN_CHECKPOINT, TRAIN_DIVERGED (with the last good checkpoint kept), TRAIN_SESSION; PresetError.
 */
export async function trainStyle(options: TrainOptions): Promise<TrainResult> {
  const training = `${options.output}.training`;
  const resumed = options.resume ? await loadCheckpoint(training) : undefined;
  const settings = resumed?.settings ?? settingsOf(options);
  const threads = options.threads ?? availableParallelism();
  const network = await openLossNetwork(options.lossNetwork);
  const photographs = await Photographs.in(options.photos);
  const { styleScale, scales, size, seed } = settings;
  const target = await measureStyle(options.pictures, network, { scale: styleScale, scales, threads });
  await mkdir(training, { recursive: true });

  const work: Work = { options, settings, threads, network, photographs, target, training };
  const samples = await photographs.crops(seed + 1, 0, PREVIEW_PHOTOGRAPHS, size);
  const strip = new PreviewStrip(join(training, 'preview.png'), samples, PREVIEW_PHOTOGRAPHS, size);
  let state = resumed ?? beginning(work);
  if (state.stage === 'live') {
    state = await runStage(work, state, strip);
    if (options.signal?.aborted) return result(work, state, undefined);
    state = await frozen(work, state);
    await saveCheckpoint(training, state);
  }
  state = await runStage(work, state, strip);
  if (options.signal?.aborted) return result(work, state, undefined);
  const model = await exportNetwork(TIERS[settings.tier], stepOf(work, 'folded').parameters, state.parameters);
  await saveStyle(options.output, manifest(options, settings), writeModel(model), { overwrite: true });
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

interface Work {
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly threads: number;
  readonly network: LossNetwork;
  readonly photographs: Photographs;
  readonly target: StyleTarget;
  readonly training: string;
}

async function openLossNetwork(path: string): Promise<LossNetwork> {
  try {
    return vgg19(readSafetensors(await readFile(path)));
  } catch (error) {
    if (error instanceof TrainError) throw error;
    throw new TrainError('TRAIN_WEIGHTS', `could not read the loss network ${path}: ${messageOf(error)}`, {
      hint: 'Name the VGG-19 weights with --loss-network.',
      cause: error,
    });
  }
}

function stepOf({ settings, network, target }: Work, stage: StageName): TrainingStep {
  const { size, batch, weights, rate, warmUp, clip, seed } = settings;
  const motion = stage === 'folded' && weights.temporal > 0;
  const shared = { tier: TIERS[settings.tier], size, batch, weights, network, target, warmUp, clip, seed };
  return trainingStep({ ...shared, norm: stage, motion, rate: stage === 'live' ? rate : rate / 2 });
}

function beginning(work: Work): Checkpoint {
  const parameters = initialParameters(stepOf(work, 'live').parameters, work.settings.seed);
  const zeros = () => new Float32Array(parameters.length);
  return {
    settings: work.settings,
    stage: 'live',
    done: 0,
    before: 0,
    elapsed: 0,
    history: [],
    parameters,
    mean: zeros(),
    square: zeros(),
  };
}

function vector(data: Float32Array): SentTensor {
  return { type: 'float32', dims: [data.length], data };
}

function scalar(value: number): SentTensor {
  return { type: 'float32', dims: [], data: Float32Array.of(value) };
}

/** Trains a stage to its end, or to where the signal stops it. */
async function runStage(work: Work, start: Checkpoint, strip: PreviewStrip): Promise<Checkpoint> {
  const { settings, threads, photographs, training, options } = work;
  const { stage, before } = start;
  const { size, seed, batch } = settings;
  const step = stepOf(work, stage);
  const pairs = stage === 'folded' && settings.weights.temporal > 0 ? batch / 2 : 0;
  const count = pairs || batch;
  const feedback = { parameters: 'parameters_next', mean: 'mean_next', square: 'square_next' };
  const session = await Session.open(step.model, { threads, feedback });
  const painter = await Session.open(previewModel(TIERS[settings.tier], stage, PREVIEW_PHOTOGRAPHS, size), {
    threads: 1,
  });
  const plan = new Plan({ ...settings, elapsed: start.elapsed });
  const history = [...start.history];
  let done = start.done;
  const snapshot = async (): Promise<Checkpoint> => {
    const kept = await session.kept();
    const [parameters, mean, square] = ['parameters', 'mean', 'square'].map(
      (name) => kept[name]!.data as Float32Array,
    ) as [Float32Array, Float32Array, Float32Array];
    return { settings, stage, done, before, elapsed: plan.elapsed, history, parameters, mean, square };
  };
  try {
    await session.keep({
      parameters: vector(start.parameters),
      mean: vector(start.mean),
      square: vector(start.square),
    });
    const crops = (index: number) => photographs.crops(seed, before + index, count, size);
    let next = crops(done);
    plan.resume();
    for (
      let total = plan.stageSteps(stage, done, before);
      done < total && !options.signal?.aborted;
      total = plan.stageSteps(stage, done, before)
    ) {
      const bytes = await next;
      next = crops(done + 1);
      // A failure of the prefetched crops is dealt with when they are awaited.
      next.catch(() => undefined);
      const feeds: Record<string, SentTensor> = {
        photographs: { type: 'uint8', dims: [count, size, size, 3], data: bytes },
        step: scalar(done),
        total: scalar(total),
      };
      if (pairs > 0) {
        feeds.ramp = scalar(Math.min(1, done / (0.2 * total)));
        const motion = randomMotion(new Random(seed, before + done, 5), pairs, size);
        for (const [name, { type, dims }] of Object.entries(motionInputs(pairs))) {
          feeds[name] = { type, dims, data: motion[name as keyof typeof motion] };
        }
      }
      const found = await session.run(feeds, step.reports);
      const losses = Object.fromEntries(step.reports.map((name) => [name, (found[name]!.data as Float32Array)[0]!]));
      if (!Number.isFinite(losses.loss) || !Number.isFinite(losses.norm)) throw diverged(before + done, training);
      if ((before + done) % HISTORY_EVERY === 0) history.push({ step: before + done, losses });
      done += 1;
      plan.tick();
      const steps = plan.stageSteps(stage, done, before);
      let preview: string | undefined;
      if (done % Math.max(1, Math.round((steps * 2) / PREVIEWS)) === 0 || done >= steps) {
        preview = await strip.add(painter, (await snapshot()).parameters);
      }
      if (done % CHECKPOINT_EVERY === 0) await saveCheckpoint(training, await snapshot());
      if (preview !== undefined || done % CHECKPOINT_EVERY === 0) plan.resume();
      const left = stage === 'live' ? steps / settings.liveShare - done : steps - done;
      options.onProgress?.({
        stage,
        step: before + done,
        steps: Math.round(before + done + left),
        losses,
        stepsPerSecond: plan.stepsPerSecond,
        secondsLeft: left / plan.stepsPerSecond,
        brokenPhotos: photographs.broken.size,
        ...(preview === undefined ? {} : { preview }),
      });
    }
    const end = await snapshot();
    await saveCheckpoint(training, end);
    return end;
  } finally {
    await Promise.all([session.close(), painter.close()]);
  }
}

/** The state after the norms have been replaced by their statistics: other parameters, Adam starting afresh. */
async function frozen(work: Work, state: Checkpoint): Promise<Checkpoint> {
  const { settings, threads, photographs } = work;
  const { size, seed } = settings;
  const { model, layers } = statisticsModel(TIERS[settings.tier], size, seed);
  const sums = new Map(layers.map((layer) => [layer, { mean: [] as number[], variance: [] as number[] }]));
  const session = await Session.open(model, { threads });
  try {
    await session.keep({ parameters: vector(state.parameters) });
    const rounds = Math.ceil(settings.statistics / 2);
    for (let i = 0; i < rounds; i++) {
      const data = await photographs.crops(seed + 2, i, 1, size);
      const motion = randomMotion(new Random(seed, i, 6), 1, size);
      const inputs = Object.entries(motionInputs(1)).map(([name, { type, dims }]) => [
        name,
        { type, dims, data: motion[name as keyof typeof motion] },
      ]);
      const feeds = { ...Object.fromEntries(inputs), photographs: { type: 'uint8', dims: [1, size, size, 3], data } };
      const found = await session.run(
        feeds,
        layers.flatMap((layer) => [`mean ${layer}`, `variance ${layer}`]),
      );
      for (const [layer, sum] of sums) {
        for (const key of ['mean', 'variance'] as const) {
          (found[`${key} ${layer}`]!.data as Float32Array).forEach((value, channel) => {
            sum[key][channel] = (sum[key][channel] ?? 0) + value / rounds;
          });
        }
      }
    }
  } finally {
    await session.close();
  }
  const live: readonly Parameter[] = stepOf(work, 'live').parameters;
  const parameters = fold(live, state.parameters, stepOf(work, 'folded').parameters, sums satisfies Statistics);
  const zeros = () => new Float32Array(parameters.length);
  return { ...state, stage: 'folded', done: 0, before: state.done, parameters, mean: zeros(), square: zeros() };
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

function manifest(options: TrainOptions, settings: Settings) {
  const picture = { type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] } as const;
  const name = basename(options.output);
  return {
    format: 1 as const,
    name,
    title: name,
    description: '',
    tier: settings.tier,
    licence: 'unstated',
    credits: [],
    input: { ...picture, name: 'image', multiple: NETWORK_MULTIPLE },
    output: { ...picture, name: 'stylized' },
    inputs: [],
    state: [],
  };
}

function diverged(step: number, training: string): TrainError {
  return new TrainError(
    'TRAIN_DIVERGED',
    `the losses are no longer numbers at step ${step}; the last good checkpoint is in ${training}`,
    {
      hint: 'Go on from it with --resume, or lower --style-strength.',
    },
  );
}

import { DEVICE_TABLE } from '../../engine/runtime/devices.js';
import { GraphSession, type SentTensor, scalar, type Tensors, vector } from '../../engine/threads/graph-session.js';
import { TrainError } from '../../errors.js';
import type { Norm } from '../../nets/layers.js';
import { Random } from '../../nets/parameters/random.js';
import { TIERS } from '../../nets/tiers.js';
import { CropPool } from '../data/crop-pool.js';
import { degraded } from '../data/degradation.js';
import { updateBalance } from '../objective/balance.js';
import { motionInputs, randomMotion } from '../objective/motion.js';
import type { TrainingStep } from '../objective/step.js';
import { type StageName, type StepLosses, TrainingSchedule } from '../progress.js';
import { type PreviewStrip, previewModel } from '../report/preview.js';
import { type Checkpoint, saveCheckpoint, VECTORS } from '../weights/checkpoint.js';
import { newCollapse } from './collapse.js';
import { normOf, stepOf, type TrainingContext } from './context.js';
import { domainFeed } from './domain.js';

/** Steps between checkpoints, and number of previews per training. */
const CHECKPOINT_EVERY = 100;
const PREVIEWS = 12;
/** First step that changes the balance: a network that has just begun says nothing of it. */
const BALANCE_FROM = 100;
/** Number of steps between losses kept for the report. */
const HISTORY_EVERY = 10;

/** The objective of a stage: its step and feeds. */
export interface StageObjective {
  readonly step: TrainingStep;
  readonly norm: Norm;
  /** Photographs a step. */
  readonly count: number;
  /** Whether some of them are degraded, so that bad light is painted as well; default: true. */
  readonly degraded?: boolean;
  /**
   * Feeds of a step besides photographs, `step` and `total`.
   *
   * @param index number of previous steps over both stages. @param share share of the stage that is done.
   */
  feeds(index: number, share: number): Tensors | Promise<Tensors>;
  /** A note on the losses so far; called whenever some were kept. */
  notice?(history: Checkpoint['history']): string | undefined;
}

/** The objective of a stage for one style or many; in the second stage with a temporal term it uses pairs of frames. */
export function styleObjective(context: TrainingContext, stage: StageName): StageObjective {
  const { batch, size, seed, weights } = context.settings;
  const { styles, domain } = context;
  const shown = weights.adversarial > 0 && domain ? domainFeed(domain, context.settings) : undefined;
  const pairs = stage === 'second' && weights.temporal > 0 ? batch : 0;
  return {
    step: stepOf(context, stage),
    norm: normOf(context.settings, stage),
    count: batch,
    ...(shown ? { notice: newCollapse } : {}),
    feeds: async (index, share) => {
      const chosen = { ...(await styles?.feeds(index, batch)), ...(await shown?.(index)) };
      if (pairs === 0) return chosen;
      const motion = randomMotion(new Random(seed, index, 5), pairs, size);
      const inputs = Object.entries(motionInputs(pairs)).map(([name, { type, dims }]): [string, SentTensor] => [
        name,
        { type, dims, data: motion[name as keyof typeof motion] },
      ]);
      return { ...chosen, ramp: scalar(Math.min(1, share / 0.2)), ...Object.fromEntries(inputs) };
    },
  };
}

/** Trains a stage to its end, or until aborted. */
export async function runStage(
  context: Omit<TrainingContext, 'target'>,
  start: Checkpoint,
  strip: PreviewStrip,
  objective: StageObjective,
): Promise<Checkpoint> {
  const { step, norm, count, degraded: worse = true } = objective;
  const { settings, threads, photographs, training, options, styles } = context;
  const { stage, before } = start;
  const { size, seed } = settings;
  const balanced = step.reports.includes('structure');
  const names = VECTORS.filter((name) => name !== 'grams' || step.grams !== undefined);
  const session = await GraphSession.open(step.model, {
    threads,
    provider: DEVICE_TABLE[options.device ?? 'cpu'].provider,
    feedback: Object.fromEntries(names.map((name) => [name, `${name}_next`])),
  });
  const preview = previewModel(TIERS[settings.tier], norm, strip.count, size, styles !== undefined);
  const painter = await GraphSession.open(preview, { threads: 1 });
  const pool = await CropPool.open(
    worse ? degraded(photographs) : photographs,
    { seed, count, size, threads },
    step.subject,
  );
  const plan = new TrainingSchedule({ ...settings, elapsed: start.elapsed });
  const history = [...start.history];
  let done = start.done;
  let { balance } = start;
  const snapshot = async (): Promise<Checkpoint> => {
    const kept = await session.kept();
    const state = Object.fromEntries(names.map((name) => [name, kept[name]!.data as Float32Array]));
    return { ...start, settings, done, elapsed: plan.elapsed, history, balance, ...state };
  };
  try {
    await session.keep(Object.fromEntries(names.map((name) => [name, vector(start[name])])));
    if (styles) await painter.keep(styles.preview(strip.count));
    plan.resume();
    for (
      let total = plan.stageSteps(stage, done, before);
      done < total && !options.signal?.aborted;
      total = plan.stageSteps(stage, done, before)
    ) {
      const feeds: Record<string, SentTensor> = {
        ...(await pool.feeds(before + done)),
        step: scalar(done),
        total: scalar(total),
        ...(balanced ? { balance: scalar(balance.weight) } : {}),
        ...(await objective.feeds(before + done, done / total)),
      };
      const found = await session.run(feeds, step.reports);
      const reported = step.reports.map((name) => [name, (found[name]!.data as Float32Array)[0]!]);
      const losses: StepLosses = { ...Object.fromEntries(reported), ...(balanced ? { balance: balance.weight } : {}) };
      if (!Number.isFinite(losses.loss) || !Number.isFinite(losses.norm)) throw diverged(before + done, training);
      if (balanced)
        balance = updateBalance(balance, losses.structure!, settings.structure, before + done >= BALANCE_FROM);
      const kept = (before + done) % HISTORY_EVERY === 0;
      if (kept) history.push({ step: before + done, losses });
      const note = kept ? objective.notice?.(history) : undefined;
      done += 1;
      plan.tick();
      const steps = plan.stageSteps(stage, done, before);
      let preview: string | undefined;
      if (done % Math.max(1, Math.round((steps * 2) / PREVIEWS)) === 0 || done >= steps) {
        preview = await strip.add(painter, (await snapshot()).parameters);
      }
      if (done % CHECKPOINT_EVERY === 0) await saveCheckpoint(training, await snapshot());
      if (preview !== undefined || done % CHECKPOINT_EVERY === 0) plan.resume();
      const whole = settings.steps ?? steps / settings.firstShare;
      const left = stage === 'first' ? whole - done : steps - done;
      options.onProgress?.({
        stage,
        step: before + done,
        steps: Math.round(before + done + left),
        losses,
        stepsPerSecond: plan.stepsPerSecond,
        secondsLeft: left / plan.stepsPerSecond,
        brokenPhotos: photographs.broken.size,
        ...(preview === undefined ? {} : { preview }),
        ...(note === undefined ? {} : { note }),
      });
    }
    const end = await snapshot();
    await saveCheckpoint(training, end);
    return end;
  } finally {
    await Promise.all([session.close(), painter.close(), pool.close()]);
  }
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

import { DEVICE_TABLE } from '../../engine/runtime/devices.js';
import { TrainError } from '../../errors.js';
import type { Norm } from '../../nets/layers.js';
import { Random } from '../../nets/parameters/random.js';
import { TIERS } from '../../nets/tiers.js';
import { motionInputs, randomMotion } from '../objective/motion.js';
import type { TrainingStep } from '../objective/step.js';
import { Plan, type StageName } from '../progress.js';
import { type PreviewStrip, previewModel } from '../report/preview.js';
import { type SentTensor, Session, scalar, type Tensors, vector } from '../session/session.js';
import { type Checkpoint, saveCheckpoint } from '../weights/checkpoint.js';
import { newCollapse } from './collapse.js';
import { normOf, stepOf, type Work } from './context.js';
import { domainFeed } from './domain.js';

/** Steps between checkpoints, and previews a training. */
const CHECKPOINT_EVERY = 100;
const PREVIEWS = 12;
/** Every so many steps, losses are kept for the report. */
const HISTORY_EVERY = 10;

/** What a stage does again and again. */
export interface Lesson {
  readonly step: TrainingStep;
  readonly norm: Norm;
  /** Photographs a step. */
  readonly count: number;
  /**
   * What the step is fed beside photographs, `step` and `total`.
   *
   * @param index steps taken before this one, over both stages. @param share of the stage that is done.
   */
  feeds(index: number, share: number): Tensors | Promise<Tensors>;
  /** What is to be said of the training after the losses so far; asked whenever some were kept. */
  notice?(history: Checkpoint['history']): string | undefined;
}

/** The lesson of a stage for one style, or for many: with the temporal term, the second one shows pairs of frames. */
export function styleLesson(work: Work, stage: StageName): Lesson {
  const { batch, size, seed, weights } = work.settings;
  const { styles, domain } = work;
  const shown = weights.adversarial > 0 && domain ? domainFeed(domain, work.settings) : undefined;
  const pairs = stage === 'second' && weights.temporal > 0 ? batch : 0;
  return {
    step: stepOf(work, stage),
    norm: normOf(work.settings, stage),
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

/** Trains a stage to its end, or to where the signal stops it. */
export async function runStage(
  work: Omit<Work, 'target' | 'palette'>,
  start: Checkpoint,
  strip: PreviewStrip,
  lesson: Lesson,
): Promise<Checkpoint> {
  const { step, norm, count } = lesson;
  const { settings, threads, photographs, training, options, styles } = work;
  const { stage, before } = start;
  const { size, seed } = settings;
  const feedback = { parameters: 'parameters_next', mean: 'mean_next', square: 'square_next' };
  const session = await Session.open(step.model, {
    threads,
    provider: DEVICE_TABLE[options.device ?? 'cpu'].provider,
    feedback,
  });
  const preview = previewModel(TIERS[settings.tier], norm, strip.count, size, styles !== undefined);
  const painter = await Session.open(preview, { threads: 1 });
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
    if (styles) await painter.keep(styles.preview(strip.count));
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
        ...(await lesson.feeds(before + done, done / total)),
      };
      const found = await session.run(feeds, step.reports);
      const losses = Object.fromEntries(step.reports.map((name) => [name, (found[name]!.data as Float32Array)[0]!]));
      if (!Number.isFinite(losses.loss) || !Number.isFinite(losses.norm)) throw diverged(before + done, training);
      const kept = (before + done) % HISTORY_EVERY === 0;
      if (kept) history.push({ step: before + done, losses });
      const note = kept ? lesson.notice?.(history) : undefined;
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
    await Promise.all([session.close(), painter.close()]);
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

import { DEVICE_TABLE } from '../../../engine/runtime/devices.js';
import { GraphSession, scalar, vector } from '../../../engine/threads/graph-session.js';
import type { CropPool } from '../../data/crop-pool.js';
import { type Balance, updateBalance } from '../../objective/balance.js';
import { type StepLosses, TrainingSchedule } from '../../progress.js';
import type { TrainOptions } from '../../settings/options.js';
import type { TrainSettings } from '../../settings/settings.js';
import type { JoinStep } from './join-step.js';

/** Progress of learning a style vector. */
export interface VectorProgress {
  readonly losses: StepLosses;
  readonly stepsPerSecond: number;
  /** Estimated number of remaining steps. */
  readonly left: number;
}

/**
 * Learns one style vector with the given step on the crops of a pool, starting from `start`. Returns undefined when aborted.
 *
 * @throws TrainError TRAIN_SESSION, TRAIN_NO_PHOTOS.
 */
export async function learnVector(
  step: JoinStep,
  start: Float32Array,
  pool: CropPool,
  settings: TrainSettings,
  {
    threads,
    device = 'cpu',
    signal,
    tell,
  }: Pick<TrainOptions, 'device' | 'signal'> & {
    readonly threads: number;
    readonly tell: (told: VectorProgress) => void;
  },
): Promise<Float32Array | undefined> {
  const { structure, weights } = settings;
  const session = await GraphSession.open(step.model, {
    threads,
    provider: DEVICE_TABLE[device].provider,
    feedback: { parameters: 'parameters_next', mean: 'mean_next', square: 'square_next' },
  });
  try {
    const zeros = () => vector(new Float32Array(start.length));
    await session.keep({ parameters: vector(start), mean: zeros(), square: zeros() });
    const plan = new TrainingSchedule({ ...settings, firstShare: 0, elapsed: 0 });
    let total = plan.stageSteps('second', 0, 0);
    let balance: Balance = { weight: weights.content, structure: undefined };
    for (let done = 0; done < total; ) {
      if (signal?.aborted) return undefined;
      const feeds = {
        ...(await pool.feeds(done)),
        step: scalar(done),
        total: scalar(total),
        balance: scalar(balance.weight),
      };
      const found = await session.run(feeds, step.reports);
      const reported = step.reports.map((name) => [name, (found[name]!.data as Float32Array)[0]!]);
      const losses: StepLosses = { ...Object.fromEntries(reported), balance: balance.weight };
      balance = updateBalance(balance, losses.structure!, structure, true);
      plan.tick();
      done += 1;
      total = plan.stageSteps('second', done, 0);
      tell({ losses, stepsPerSecond: plan.stepsPerSecond, left: total - done });
    }
    return (await session.kept()).parameters!.data as Float32Array;
  } finally {
    await session.close();
  }
}

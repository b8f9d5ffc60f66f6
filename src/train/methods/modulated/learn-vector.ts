import { DEVICE_TABLE } from '../../../engine/runtime/devices.js';
import type { Pictures } from '../../data/made-pictures.js';
import { type Losses, Plan } from '../../progress.js';
import { Session, scalar, vector } from '../../session/session.js';
import type { TrainOptions } from '../../settings/options.js';
import type { Settings } from '../../settings/settings.js';
import type { JoinStep } from './join-step.js';

/** What a step told. */
export interface Told {
  readonly losses: Losses;
  readonly stepsPerSecond: number;
  /** Steps that are left, as far as can be told by now. */
  readonly left: number;
}

/**
 * Learns one style vector by the given step, from `start` on. Undefined when the signal stopped it.
 *
 * @throws TrainError TRAIN_SESSION, TRAIN_NO_PHOTOS.
 */
export async function learnVector(
  step: JoinStep,
  start: Float32Array,
  photographs: Pictures,
  settings: Settings,
  {
    threads,
    device = 'cpu',
    signal,
    tell,
  }: Pick<TrainOptions, 'device' | 'signal'> & {
    readonly threads: number;
    readonly tell: (told: Told) => void;
  },
): Promise<Float32Array | undefined> {
  const { size, seed } = settings;
  const session = await Session.open(step.model, {
    threads,
    provider: DEVICE_TABLE[device].provider,
    feedback: { parameters: 'parameters_next', mean: 'mean_next', square: 'square_next' },
  });
  try {
    const zeros = () => vector(new Float32Array(start.length));
    await session.keep({ parameters: vector(start), mean: zeros(), square: zeros() });
    const plan = new Plan({ ...settings, firstShare: 0, elapsed: 0 });
    let total = plan.stageSteps('second', 0, 0);
    for (let done = 0; done < total; ) {
      if (signal?.aborted) return undefined;
      const data = await photographs.crops(seed, done, 1, size);
      const feeds = {
        photographs: { type: 'uint8' as const, dims: [1, size, size, 3], data },
        step: scalar(done),
        total: scalar(total),
      };
      const found = await session.run(feeds, step.reports);
      const losses = Object.fromEntries(step.reports.map((name) => [name, (found[name]!.data as Float32Array)[0]!]));
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

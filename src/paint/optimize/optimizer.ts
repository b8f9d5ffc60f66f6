import { adam, learningRate } from '../../autodiff/adam.js';
import { GraphSession, scalar, type Tensors } from '../../engine/threads/graph-session.js';
import { TrainError } from '../../errors.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { PlanarPicture } from '../pictures/pixels.js';
import type { PaintLosses } from '../progress.js';
import { Lbfgs } from './lbfgs.js';
import { type ObjectiveSettings, objectiveModel, paintObjective, TERMS } from './objective.js';

/** An optimizer of a picture. */
export interface Optimizer {
  /** Evaluates the objective once. Returns the losses of the best picture so far (Adam: of the one it evaluated). */
  step(): Promise<PaintLosses>;
  /** The best picture so far (Adam: the last). */
  picture(): Promise<PlanarPicture>;
  /** True when the loss can no longer be decreased. */
  readonly ended: boolean;
  close(): Promise<void>;
}

/** Input of an optimizer. */
export interface OptimizationTask {
  readonly objective: ObjectiveSettings;
  readonly start: PlanarPicture;
  /** The photograph's features, the objective's inputs. */
  readonly features: Tensors;
  readonly steps: number;
  readonly threads: number;
}

/** Pairs that L-BFGS remembers, and the first step: the root of the mean square change of a pixel. */
export const LBFGS = { pairs: 10, firstMove: 0.01 } as const;
/** Adam's learning rate before its decay, in pixel values. */
const ADAM_RATE = 0.03;
const REPORTS = ['loss', ...TERMS];

/** Opens an optimizer by name. Each keeps a session with all threads until it is closed. */
export const OPTIMIZER_FACTORIES: Readonly<Record<'lbfgs' | 'adam', (task: OptimizationTask) => Promise<Optimizer>>> = {
  lbfgs: async ({ objective, start, features, threads }) => {
    const session = await GraphSession.open(objectiveModel(objective), { threads });
    await session.keep(features);
    const lbfgs = new Lbfgs(start.data, LBFGS);
    const dims = [1, 3, start.height, start.width];
    let losses: PaintLosses = {};
    return {
      step: async () => {
        const found = await session.run({ picture: { type: 'float32', dims, data: lbfgs.trial } }, [
          ...REPORTS,
          'gradient',
        ]);
        const told = numbers(found);
        const before = lbfgs.loss;
        lbfgs.update(told.loss!, found.gradient!.data as Float32Array);
        if (lbfgs.loss < before) losses = told;
        // Only the first evaluation can result in a non-finite loss.
        if (!Number.isFinite(lbfgs.loss)) throw diverged();
        return losses;
      },
      picture: async () => ({ ...start, data: lbfgs.best.slice() }),
      get ended() {
        return lbfgs.ended;
      },
      close: () => session.close(),
    };
  },
  adam: async ({ objective, start, features, steps, threads }) => {
    const feedback = { picture: 'picture_next', mean: 'mean_next', square: 'square_next' };
    const session = await GraphSession.open(adamModel(objective), { threads, feedback });
    const dims = [1, 3, start.height, start.width];
    const tensor = (data: Float32Array<ArrayBuffer>) => ({ type: 'float32' as const, dims, data });
    const zeros = new Float32Array(start.data.length);
    await session.keep({ ...features, picture: tensor(start.data), mean: tensor(zeros), square: tensor(zeros) });
    let done = 0;
    return {
      step: async () => {
        const losses = numbers(await session.run({ step: scalar(done), total: scalar(steps) }, REPORTS));
        done += 1;
        if (!Number.isFinite(losses.loss)) throw diverged();
        return losses;
      },
      picture: async () => ({ ...start, data: (await session.kept()).picture!.data as Float32Array<ArrayBuffer> }),
      ended: false,
      close: () => session.close(),
    };
  },
};

/**
 * The objective and one step of Adam on the picture. Inputs: the state `picture`, `mean`, `square` float32 [1, 3, h,
 * w], `step` and `total` float32 [], the photograph's features. Outputs: the next state, and the losses.
 */
export function adamModel(objective: ObjectiveSettings): Model {
  const b = new GraphBuilder('painting by Adam');
  const dims = [1, 3, objective.height, objective.width];
  const [picture, mean, square] = ['picture', 'mean', 'square'].map((name) => b.input(name, 'float32', dims)) as [
    ReturnType<typeof b.input>,
    ReturnType<typeof b.input>,
    ReturnType<typeof b.input>,
  ];
  const [step, total] = [b.input('step', 'float32', []), b.input('total', 'float32', [])];
  const { loss, gradient, terms } = paintObjective(b, picture, objective);
  const rate = learningRate(b, step, total, ADAM_RATE, 1);
  const next = adam(b, gradient, { parameters: picture, mean, square }, { rate, step, clip: Number.POSITIVE_INFINITY });
  b.output('picture_next', next.parameters);
  b.output('mean_next', next.mean);
  b.output('square_next', next.square);
  for (const [name, value] of Object.entries({ loss, ...terms })) b.output(name, value);
  return b.build();
}

function numbers(found: Tensors): PaintLosses {
  return Object.fromEntries(REPORTS.map((name) => [name, (found[name]!.data as Float32Array)[0]!]));
}

function diverged(): TrainError {
  return new TrainError('PAINT_DIVERGED', 'the loss is no longer a number; expected one that falls', {
    hint: 'Lower --style-weight or --content-weight.',
  });
}

import { GraphSession, vector } from '../../engine/threads/graph-session.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { type Building, NORM_EPSILON } from '../../nets/layers.js';
import { styleNetwork } from '../../nets/network.js';
import { lengthOf, type Parameter, partOf, TrainedParameters } from '../../nets/parameters/parameters.js';
import { Random } from '../../nets/parameters/random.js';
import type { NetworkWidths } from '../../nets/tiers.js';
import { TIERS } from '../../nets/tiers.js';
import { motionInputs, motionPair, randomMotion } from '../objective/motion.js';
import type { StageName } from '../progress.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import type { TrainingContext } from './context.js';

/** Statistics of each norm's input by the name of its convolution: mean and variance of every channel. */
export type Statistics = ReadonlyMap<
  string,
  { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> }
>;

/**
 * A model that measures the inputs of a network's norms, on photographs and their warped, re-exposed, noisy
 * counterparts. Outputs `mean <layer>` and `variance <layer>`, [c], averaged over pictures and pixels.
 */
function statisticsModel(tier: NetworkWidths, size: number, seed: number): { model: Model; layers: string[] } {
  const b = new GraphBuilder('statistics');
  const photographs = pictureOf(b, b.input('photographs', 'uint8', [1, size, size, 3]));
  const net: Building = { b, parameters: new TrainedParameters(b), norm: 'live', seen: new Map() };
  styleNetwork(net, motionPair(b, photographs, seed).noisy, tier);
  for (const [layer, value] of net.seen) {
    const means = b.op('ReduceMean', [value], { axes: [2, 3], keepdims: 0 });
    const squares = b.op('ReduceMean', [b.op('Mul', [value, value])], { axes: [2, 3], keepdims: 0 });
    // The variance within a picture, as instance norm uses it, without the variance between pictures.
    const variance = b.op('Sub', [squares, b.op('Mul', [means, means])]);
    b.output(`mean ${layer}`, b.op('ReduceMean', [means], { axes: [0], keepdims: 0 }));
    b.output(`variance ${layer}`, b.op('ReduceMean', [variance], { axes: [0], keepdims: 0 }));
  }
  return { model: b.build(), layers: [...net.seen.keys()] };
}

/**
 * Replaces each instance norm by fixed statistics: y = scale · (x − mean) / deviation + shift.
 *
 * @returns the parameter vector of the network without norms, in the layout of `folded`.
 */
export function foldNorms(
  live: readonly Parameter[],
  vector: Float32Array,
  folded: readonly Parameter[],
  statistics: Statistics,
): Float32Array {
  const result = new Float32Array(lengthOf(folded));
  for (const { name, offset, start } of folded) {
    const seen = statistics.get(name.slice(0, name.lastIndexOf('.')));
    if (!('fixed' in start) || seen === undefined) result.set(partOf(vector, live, name), offset);
    else if (name.endsWith('.mean')) result.set(Array.from(seen.mean), offset);
    else
      result.set(
        Array.from(seen.variance, (variance) => Math.sqrt(variance + NORM_EPSILON)),
        offset,
      );
  }
  return result;
}

/**
 * The state with norms replaced by their statistics: new parameters, and Adam restarted.
 *
 * @param layouts the parameters of both stages.
 */
export async function freezeNorms(
  context: TrainingContext,
  state: Checkpoint,
  layouts: Readonly<Record<StageName, readonly Parameter[]>>,
): Promise<Checkpoint> {
  const { settings, threads, photographs } = context;
  const { size, seed } = settings;
  const { model, layers } = statisticsModel(TIERS[settings.tier], size, seed);
  const sums = new Map(layers.map((layer) => [layer, { mean: [] as number[], variance: [] as number[] }]));
  const session = await GraphSession.open(model, { threads });
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
  const parameters = foldNorms(layouts.first, state.parameters, layouts.second, sums satisfies Statistics);
  return restartOptimizer({ ...state, parameters });
}

/** The initial state of the second stage: the parameters of the first, and Adam restarted. */
export function restartOptimizer(state: Checkpoint): Checkpoint {
  const zeros = () => new Float32Array(state.parameters.length);
  return { ...state, stage: 'second', done: 0, before: state.done, mean: zeros(), square: zeros() };
}

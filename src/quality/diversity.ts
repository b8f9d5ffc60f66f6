import { GraphSession } from '../engine/threads/graph-session.js';
import { GraphBuilder, type Value } from '../graph/builder.js';
import type { Model } from '../graph/types.js';
import type { LossNetwork } from '../losses/networks/network.js';
import { pictureOf } from '../losses/terms/picture.js';
import type { Picture } from './motion/warping.js';

/** Diversity of several pictures: means over all pairs; 0 for equal pictures. */
export interface Diversity {
  /** Mean square difference of pixels in [0, 1]. */
  readonly pixels: number;
  /**
   * Mean square difference of the loss network's features after each pixel's features are brought to unit length,
   * averaged over pixels and layers: LPIPS (Zhang 2018, arXiv 1801.03924) without its learned weights.
   */
  readonly features: number;
}

/**
 * Measures how different pictures of one size are.
 *
 * @param pictures two or more. @throws TrainError TRAIN_SESSION.
 */
export async function diversityOf(
  pictures: readonly Picture[],
  network: LossNetwork,
  threads: number,
): Promise<Diversity> {
  const { width, height } = pictures[0]!;
  const session = await GraphSession.open(pairModel(network, width, height), { threads });
  try {
    const sum = { pixels: 0, features: 0 };
    let pairs = 0;
    for (let i = 0; i < pictures.length; i++) {
      for (let k = i + 1; k < pictures.length; k++) {
        const tensor = ({ data }: Picture) => ({ type: 'uint8' as const, dims: [1, height, width, 3], data });
        const pair = { one: tensor(pictures[i]!), other: tensor(pictures[k]!) };
        const found = await session.run(pair, ['pixels', 'features']);
        for (const name of ['pixels', 'features'] as const) sum[name] += (found[name]!.data as Float32Array)[0]!;
        pairs += 1;
      }
    }
    return { pixels: sum.pixels / pairs, features: sum.features / pairs };
  } finally {
    await session.close();
  }
}

/** A model that compares two pictures, uint8 [1, height, width, 3]: `pixels` and `features`, float32 []. */
function pairModel(network: LossNetwork, width: number, height: number): Model {
  const b = new GraphBuilder('difference');
  const pair = ['one', 'other'].map((name) => pictureOf(b, b.input(name, 'uint8', [1, height, width, 3])));
  const [one, other] = pair as [Value, Value];
  b.output('pixels', meanSquare(b, b.op('Sub', [one, other])));
  const [from, to] = [one, other].map((picture) => network.features(b, picture, network.layers)) as [
    Map<string, Value>,
    Map<string, Value>,
  ];
  const terms = [...from].map(([layer, value]) => {
    const difference = b.op('Sub', [unit(b, value), unit(b, to.get(layer)!)]);
    const square = b.op('ReduceSum', [b.op('Mul', [difference, difference])], { axes: [1] });
    return b.op('ReduceMean', [square], { keepdims: 0 });
  });
  const total = terms.reduce((sum, term) => b.op('Add', [sum, term]));
  b.output('features', b.op('Mul', [total, b.scalar('float32', 1 / terms.length)]));
  return b.build();
}

function unit(b: GraphBuilder, x: Value): Value {
  const length = b.op('Sqrt', [b.op('ReduceSum', [b.op('Mul', [x, x])], { axes: [1] })]);
  return b.op('Div', [x, b.op('Add', [length, b.scalar('float32', 1e-8)])]);
}

function meanSquare(b: GraphBuilder, x: Value): Value {
  return b.op('ReduceMean', [b.op('Mul', [x, x])], { keepdims: 0 });
}

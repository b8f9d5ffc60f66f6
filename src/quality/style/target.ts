import { GraphSession } from '../../engine/threads/graph-session.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model, Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { featuresOf, grams, pyramid, type StyleLayers } from '../../losses/terms/style.js';
import type { Picture } from '../motion/warping.js';
import { gramName } from './comparison.js';

/** Gram matrices of a style by scale and layer, [1, c, c]. */
export type StyleTarget = Map<string, Tensor>[];

/** A picture and its share of a style; those of a style add up to 1. */
export interface StyleShare {
  readonly picture: Picture;
  readonly share: number;
}

/**
 * The Gram matrices of a style of one or several pictures: their mean by share.
 *
 * @param pictures sides are multiples of 4 · 2^(scales − 1). @param layers by scale.
 * @throws TrainError TRAIN_SESSION.
 */
export async function meanStyle(
  pictures: Iterable<StyleShare> | AsyncIterable<StyleShare>,
  network: LossNetwork,
  { layers, threads }: { readonly layers: StyleLayers; readonly threads: number },
): Promise<StyleTarget> {
  const target: StyleTarget = layers.map(() => new Map());
  const names = layers.flatMap((each, scale) => each.map((layer) => gramName(scale, layer)));
  for await (const { picture, share } of pictures) {
    const { data, width, height } = picture;
    const session = await GraphSession.open(styleModel(network, width, height, layers), { threads });
    try {
      const found = await session.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, names);
      for (const [scale, grams] of target.entries()) {
        for (const layer of layers[scale]!) {
          const { dims, data } = found[gramName(scale, layer)]!;
          const sum = grams.get(layer)?.data as Float32Array | undefined;
          const next = (data as Float32Array).map((value, i) => value * share + (sum?.[i] ?? 0));
          grams.set(layer, { type: 'float32', dims: [...dims], data: next });
        }
      }
    } finally {
      await session.close();
    }
  }
  return target;
}

/**
 * A model that measures a style picture: its Gram matrices, [1, c, c] each, named by `gramName`.
 *
 * Input `picture` uint8 [1, height, width, 3]; both sizes multiples of 4 · 2^(scales − 1).
 *
 * @param layers by scale.
 */
function styleModel(network: LossNetwork, width: number, height: number, layers: StyleLayers): Model {
  const b = new GraphBuilder('style target');
  const picture = pictureOf(b, b.input('picture', 'uint8', [1, height, width, 3]));
  const features = featuresOf(b, network, pyramid(b, picture, layers.length), layers);
  grams(b, features, layers).forEach((found, scale) => {
    for (const [layer, value] of found) b.output(gramName(scale, layer), value);
  });
  return b.build();
}

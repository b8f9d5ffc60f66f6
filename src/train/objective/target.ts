import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { featuresOf, grams, pyramid, type StyleLayers } from '../../losses/terms/style.js';
import { pictureOf } from './step.js';

/** Output name of a Gram matrix of `styleTarget`. */
export function targetName(scale: number, layer: string): string {
  return `gram ${scale} ${layer}`;
}

/**
 * A model that measures a style picture: its Gram matrices, [1, c, c] each, by scale and layer.
 *
 * Input `picture` uint8 [1, height, width, 3]; both sizes multiples of 4 · 2^(scales − 1).
 *
 * @param layers by scale.
 */
export function styleTarget(network: LossNetwork, width: number, height: number, layers: StyleLayers): Model {
  const b = new GraphBuilder('style target');
  const picture = pictureOf(b, b.input('picture', 'uint8', [1, height, width, 3]));
  const features = featuresOf(b, network, pyramid(b, picture, layers.length), layers, []);
  grams(b, features, layers).forEach((found, scale) => {
    for (const [layer, value] of found) b.output(targetName(scale, layer), value);
  });
  return b.build();
}

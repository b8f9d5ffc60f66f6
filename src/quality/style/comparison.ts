import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { contentLoss } from '../../losses/terms/content.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { featuresOf, grams, pyramid } from '../../losses/terms/style.js';

/** Gram matrices by scale and layer, each row-major [c, c]. */
export type GramSet = readonly ReadonlyMap<string, Float32Array>[];

/** The name under which {@link comparisonModel} gives a Gram matrix. */
export function gramName(scale: number, layer: string): string {
  return `gram ${scale} ${layer}`;
}

/**
 * A model that measures a painted picture once, to be compared with any number of styles.
 *
 * Inputs `painted` and `photograph`, uint8 [1, height, width, 3], sizes multiples of 4 · 2^(scales − 1). Outputs the
 * Gram matrices of the painted picture, [1, c, c], named by {@link gramName}, and `content`, float32 []: 0 is equal
 * to the photograph, 1 as far as an empty picture.
 */
export function comparisonModel(network: LossNetwork, width: number, height: number, scales: number): Model {
  const b = new GraphBuilder('comparison');
  const painted = pictureOf(b, b.input('painted', 'uint8', [1, height, width, 3]));
  const photograph = pictureOf(b, b.input('photograph', 'uint8', [1, height, width, 3]));
  const style = Array.from({ length: scales }, () => network.styleLayers);
  const features = featuresOf(b, network, pyramid(b, painted, scales), style, [network.contentLayers]);
  grams(b, features, style).forEach((layers, scale) => {
    for (const [layer, gram] of layers) b.output(gramName(scale, layer), gram);
  });
  b.output('content', contentLoss(b, features[0]!, network.features(b, photograph, network.contentLayers)));
  return b.build();
}

/** The distance of two Gram matrices, Σ (G − T)² / Σ T²: 0 is equal, 1 is as far as an empty picture. */
export function gramDistance(found: Float32Array, wanted: Float32Array): number {
  let [difference, energy] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    difference += (found[i]! - wanted[i]!) ** 2;
    energy += wanted[i]! ** 2;
  }
  return difference / (energy + 1e-8);
}

/**
 * The style distance of a picture: the mean over scales and layers of the distance of its Gram matrices to those of the
 * style picture.
 */
export function styleDistance(picture: GramSet, target: GramSet): number {
  const distances = target.flatMap((layers, scale) =>
    [...layers].map(([layer, wanted]) => gramDistance(picture[scale]!.get(layer)!, wanted)),
  );
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

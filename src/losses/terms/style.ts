import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { LossNetwork } from '../networks/network.js';
import { meanOf, relativeDistance } from './distance.js';
import { gram } from './gram.js';

/** Gram matrices by scale (0 is the picture itself, each next one half as large) and layer. */
export type Grams = Map<string, Value>[];

/** The picture at 1, 1/2, 1/4 … of its size, by averaging 2×2 pixels. */
export function pyramid(b: GraphBuilder, image: Value, scales: number): Value[] {
  const levels = [image];
  while (levels.length < scales) {
    levels.push(b.op('AveragePool', [levels.at(-1)!], { kernel_shape: [2, 2], strides: [2, 2] }));
  }
  return levels;
}

/**
 * The features of a picture at every scale: those that carry the style and, at full size, those that content is
 * compared in, in one pass.
 *
 * @param levels the picture's pyramid, finest first.
 */
export function featuresOf(b: GraphBuilder, network: LossNetwork, levels: readonly Value[]): Map<string, Value>[] {
  return levels.map((level, scale) =>
    network.features(b, level, scale === 0 ? [...network.styleLayers, ...network.contentLayers] : network.styleLayers),
  );
}

/** The Gram matrices of features: shallow layers at coarse scales see large strokes (Snelgrove 2017). */
export function grams(b: GraphBuilder, network: LossNetwork, features: readonly Map<string, Value>[]): Grams {
  return features.map((level) => new Map(network.styleLayers.map((layer) => [layer, gram(b, level.get(layer)!)])));
}

/**
 * How far a picture's style is from the target: the mean over scales and layers of the distance of Gram matrices as
 * a share of the target's energy.
 */
export function styleLoss(b: GraphBuilder, painted: Grams, target: Grams): Value {
  const terms = painted.flatMap((layers, scale) =>
    [...layers].map(([layer, value]) => relativeDistance(b, value, target[scale]!.get(layer)!)),
  );
  return meanOf(b, terms);
}

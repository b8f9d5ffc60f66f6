import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { LossNetwork } from '../networks/network.js';
import { meanOf, relativeDistance, weightedMean } from './distance.js';
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
 * The features of a picture at every scale, in one pass each.
 *
 * @param levels the picture's pyramid, finest first. @param layers those that carry the style, by scale. @param others
 * what else is wanted, such as layers that content is compared in, by scale.
 */
export function featuresOf(
  b: GraphBuilder,
  network: LossNetwork,
  levels: readonly Value[],
  layers: StyleLayers,
  others: StyleLayers = [],
): Map<string, Value>[] {
  return levels.map((level, scale) =>
    network.features(b, level, [...new Set([...(layers[scale] ?? []), ...(others[scale] ?? [])])]),
  );
}

/** The Gram matrices of features: shallow layers at coarse scales see large strokes (Snelgrove 2017). */
export function grams(b: GraphBuilder, features: readonly Map<string, Value>[], layers: StyleLayers): Grams {
  return features.map((level, scale) => new Map(layers[scale]!.map((layer) => [layer, gram(b, level.get(layer)!)])));
}

/** Layers that carry the style, by scale. */
export type StyleLayers = readonly (readonly string[])[];

/** The layers of a style that was measured, by scale. */
export function layersOf(target: readonly ReadonlyMap<string, unknown>[]): StyleLayers {
  return target.map((layers) => [...layers.keys()]);
}

/**
 * How far a picture's style is from the target: the mean over scales of the mean over layers of the distance of Gram
 * matrices as a share of the target's energy. From a quarter of the size on a scale counts half: it sees what is shown, and
 * not strokes alone.
 *
 * @param deep layers that count as a scale of their own each: only they describe how strokes are arranged.
 */
export function styleLoss(b: GraphBuilder, painted: Grams, target: Grams, deep: readonly string[] = []): Value {
  const distances = painted.flatMap((layers, scale) => {
    const distance = (layer: string) => relativeDistance(b, layers.get(layer)!, target[scale]!.get(layer)!);
    const shallow = [...layers.keys()].filter((layer) => !deep.includes(layer));
    const weight = scale < 2 ? 1 : 0.5;
    const parts = [meanOf(b, shallow.map(distance)), ...deep.filter((layer) => layers.has(layer)).map(distance)];
    return parts.map((value) => ({ value, weight }));
  });
  return weightedMean(b, distances);
}

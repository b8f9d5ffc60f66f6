import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { meanOf, relativeDistance } from '../../losses/terms/distance.js';

/**
 * How far the shapes are from the photograph's: the mean over sizes of Σ (F − S)² / Σ S² over the features of relu3_1,
 * or the layer that takes its place, dims []. 0 is equal, 1 as far as an empty picture. At 1/4 and 1/8 of the size blotches across faces and things count;
 * strokes along them are too small to.
 *
 * @param painted,photograph the same pictures at several sizes, [n, 3, h, w], RGB in [0, 1].
 */
export function structureDistance(
  b: GraphBuilder,
  network: LossNetwork,
  painted: readonly Value[],
  photograph: readonly Value[],
): Value {
  const features = (image: Value) => structureFeatures(b, network, image);
  return meanOf(
    b,
    painted.map((level, i) => relativeDistance(b, features(level), features(photograph[i]!))),
  );
}

/** The features that tell structure, [n, c, h', w']; reflected at the border, a large part of small pictures. */
export function structureFeatures(b: GraphBuilder, { objective, features }: LossNetwork, image: Value): Value {
  return features(b, image, [objective.structure], 'reflected').get(objective.structure)!;
}

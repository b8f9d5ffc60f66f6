import { GraphBuilder } from '../../graph/builder.js';
import type { Model, Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { contentLoss } from '../../losses/terms/content.js';
import { featuresOf, grams, layersOf, pyramid, styleLoss } from '../../losses/terms/style.js';

/**
 * A model that measures a painted picture with the distances that training minimises.
 *
 * Inputs `painted` and `photograph`, float32 [1, 3, height, width], RGB in [0, 1], sizes multiples of
 * 4 · 2^(scales − 1). Outputs `style` and `content`, float32 []: 0 is equal, and 1 as far as an empty picture.
 *
 * @param target Gram matrices of the style by scale and layer, [1, c, c].
 */
export function distanceModel(
  network: LossNetwork,
  target: readonly ReadonlyMap<string, Tensor>[],
  width: number,
  height: number,
): Model {
  const b = new GraphBuilder('distances');
  const dims = [1, 3, height, width];
  const [painted, photograph] = [b.input('painted', 'float32', dims), b.input('photograph', 'float32', dims)];
  const layers = layersOf(target);
  const { content, deep } = network.objective;
  const contentLayers = [0, 1].map((scale) => (scale === content.scale ? [content.layer] : []));
  const features = featuresOf(b, network, pyramid(b, painted, target.length), layers, contentLayers);
  const subject = featuresOf(b, network, pyramid(b, photograph, target.length), [], contentLayers);
  const wanted = target.map(
    (layers) => new Map([...layers].map(([layer, gram]) => [layer, b.constant('float32', gram.dims, gram.data)])),
  );
  b.output('style', styleLoss(b, grams(b, features, layers), wanted, deep));
  b.output('content', contentLoss(b, features[content.scale]!, subject[content.scale]!));
  return b.build();
}

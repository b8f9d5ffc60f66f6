import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';

/** Side of a patch in pixels; sizes of pictures must be multiples of it. */
export const PATCH_SIDE = 32;

/**
 * A model that computes features of a picture's patches: the deepest content features of the loss network (relu3_1 of
 * VGG-19), averaged over 32×32 pixels, 16 apart.
 *
 * Input `picture` uint8 [1, height, width, 3]. Output `patches` float32 [(height/16 − 1) · (width/16 − 1), c].
 */
export function patchModel(network: LossNetwork, width: number, height: number): Model {
  const b = new GraphBuilder('patches');
  const planes = b.op('Transpose', [b.input('picture', 'uint8', [1, height, width, 3])], { perm: [0, 3, 1, 2] });
  const image = b.op('Mul', [b.op('Cast', [planes], { to: 1 }), b.scalar('float32', 1 / 255)]);
  const layer = network.contentLayers.at(-1)!;
  const features = network.features(b, image, [layer]).get(layer)!;
  const side = (PATCH_SIDE * Number(features.dims[3])) / width;
  const means = b.op('AveragePool', [features], { kernel_shape: [side, side], strides: [side / 2, side / 2] });
  const rows = b.op('Transpose', [means], { perm: [0, 2, 3, 1] });
  b.output('patches', b.op('Reshape', [rows, b.ints([-1, Number(features.dims[1])])]));
  return b.build();
}

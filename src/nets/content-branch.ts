import type { Value } from '../graph/builder.js';
import { type Building, convolution, doubled, painted } from './layers.js';
import { encoded } from './network.js';
import type { Tier } from './tiers.js';

/**
 * The content branch: a sub-network that shares the style network's encoder and decodes the content from the encoding
 * of what was painted. It succeeds only if the painting still shows the content.
 *
 * The style network's own encoder as the judge of content is Sanakoyeu's idea (2018, arXiv 1807.10201), an auto-encoder
 * beside the adversarial task as in Gated-GAN (Chen 2019, arXiv 1904.02296); decoding a picture instead of comparing
 * codes leaves no way out into an encoder that encodes nothing.
 *
 * @param net where the encoder's parameters come from, and the branch's own.
 * @param painting [n, 3, h, w], RGB in [0, 1]. @returns the photograph as far as it can be seen, [n, 3, h, w].
 */
export function contentBranch(net: Building, painting: Value, { channels }: Tier): Value {
  const [, quarter] = channels;
  const { medium, features } = encoded(net, painting, channels);
  const { b } = net;
  const raised = convolution(net, 'content.raise', features, { channels: quarter, kernel: 1, relu: false });
  const rim = [1, -1].map((side) => b.ints([side, side]));
  const around = b.op('Add', [doubled(net, raised), b.op('Slice', [medium, ...rim, b.ints([2, 3])])]);
  const merged = convolution(net, 'content.merge', around, { channels: quarter });
  // Grey at first: colours at random would have to be unlearned, by a style network that hears of nothing else.
  return painted(net, 'content.paint', merged, 3, 4, { value: 0 });
}

import type { Value } from '../graph/builder.js';
import { type Building, convolution, upsample, upsamplePatches } from './layers.js';
import { encode } from './network.js';
import type { NetworkWidths } from './tiers.js';

/**
 * The content branch: a sub-network that shares the style network's encoder and decodes the content from the encoding
 * of what was painted. It succeeds only if the content is still visible in the painting.
 *
 * The style network's own encoder as the judge of content is Sanakoyeu's idea (2018, arXiv 1807.10201), an auto-encoder
 * beside the adversarial task as in Gated-GAN (Chen 2019, arXiv 1904.02296); decoding a picture instead of comparing
 * codes rules out the trivial solution of an encoder that encodes nothing.
 *
 * @param net source of the parameters of the encoder and of the branch.
 * @param painting [n, 3, h, w], RGB in [0, 1]. @returns the reconstructed photograph, [n, 3, h, w].
 */
export function contentBranch(net: Building, painting: Value, { channels }: NetworkWidths): Value {
  const [, quarter] = channels;
  const { medium, features } = encode(net, painting, channels);
  const { b } = net;
  const raised = convolution(net, 'content.raise', features, { channels: quarter, kernel: 1, relu: false });
  const rim = [1, -1].map((side) => b.ints([side, side]));
  const around = b.op('Add', [upsample(net, raised), b.op('Slice', [medium, ...rim, b.ints([2, 3])])]);
  const merged = convolution(net, 'content.merge', around, { channels: quarter });
  // Starts grey: random colours would have to be unlearned, and would dominate the style network's gradient.
  return upsamplePatches(net, 'content.paint', merged, 3, 4, { value: 0 });
}

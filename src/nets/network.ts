import type { Value } from '../graph/builder.js';
import { type Building, convolution, downsample, residual, upsample, upsamplePatches } from './layers.js';
import type { NetworkWidths } from './tiers.js';

/** Height and width of the picture must be multiples of this. */
export const NETWORK_MULTIPLE = 8;

/**
 * Reflection padding of the picture in pixels, once at the input. The convolutions of encoder and decoder, which have
 * no padding, consume it, so that the output has the size of the picture; only the small convolutions at 1/8 pad by
 * themselves. Zero padding would be free, but paints a border of tens of grey levels.
 */
const RIM = 16;

/** Outputs of a style network. */
export interface StyleNetworkOutput {
  /** [n, 3, h, w], about [0, 1], not clamped. */
  readonly picture: Value;
  /** The features between encoder and body, [n, c, h/8, w/8]. */
  readonly features: Value;
}

/**
 * The style network: an encoder of three downsamplings, residual blocks at 1/8 of the resolution, where strokes are
 * large and convolutions cheap, and a decoder with skip connections from the encoder at 1/4 and 1/2. At full resolution
 * there are only the padding of the input and the rearrangement of output pixels.
 *
 * @param image [n, 3, h, w], RGB in [0, 1], h and w multiples of 8.
 */
export function styleNetwork(net: Building, image: Value, { channels, blocks }: NetworkWidths): StyleNetworkOutput {
  const { b } = net;
  const [half, quarter] = channels;
  const { fine, medium, features } = encode(net, image, channels);
  let body = features;
  for (let i = 1; i <= blocks; i++) body = residual(net, `body${i}`, body);
  const raised = convolution(net, 'raise1', body, { channels: quarter, kernel: 1, relu: false });
  const around = b.op('Add', [upsample(net, raised), trimmed(b, medium, 1)]);
  const strokes = convolution(net, 'merge1', around, { channels: quarter });
  const raisedAgain = convolution(net, 'raise2', strokes, { channels: half, kernel: 1, relu: false });
  const detailed = b.op('Add', [upsample(net, raisedAgain), trimmed(b, fine, 5)]);
  const detail = convolution(net, 'merge2', detailed, { channels: half });
  return { picture: upsamplePatches(net, 'paint', detail, 3, 2), features: trimmed(b, features, 1) };
}

/** Outputs of the encoder, with the remaining padding. */
export interface Encoded {
  /** [n, c, h/2 + 14, w/2 + 14]. */
  readonly fine: Value;
  /** [n, c, h/4 + 6, w/4 + 6]. */
  readonly medium: Value;
  /** [n, c, h/8 + 2, w/8 + 2]. */
  readonly features: Value;
}

/** The encoder of the style network: three downsamplings. @param image [n, 3, h, w], RGB in [0, 1]. */
export function encode(net: Building, image: Value, [half, quarter, eighth]: NetworkWidths['channels']): Encoded {
  const { b } = net;
  const wide = b.op('Pad', [image, b.ints([0, 0, RIM, RIM, 0, 0, RIM, RIM])], { mode: 'reflect' });
  const fine = downsample(net, 'fine', wide, { channels: half, kernel: 4 });
  const medium = downsample(net, 'medium', fine, { channels: quarter });
  return { fine, medium, features: downsample(net, 'coarse', medium, { channels: eighth }) };
}

/** A picture without `rim` pixels on each side. */
function trimmed(b: Building['b'], x: Value, rim: number): Value {
  return b.op('Slice', [x, b.ints([rim, rim]), b.ints([-rim, -rim]), b.ints([2, 3])]);
}

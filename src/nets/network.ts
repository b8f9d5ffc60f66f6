import type { Value } from '../graph/builder.js';
import { type Building, convolution, doubled, halving, painted, residual } from './layers.js';
import type { Tier } from './tiers.js';

/** Height and width of the picture must be multiples of this. */
export const NETWORK_MULTIPLE = 8;

/**
 * The picture is reflected outwards by this many pixels, once, at the entrance. That is what the encoder's and the
 * decoder's windows use up on their way (each convolution takes its rim without padding), so that at the exit the
 * picture has its size again; only the small convolutions at 1/8 reflect on their own. Padding with zeros would be
 * free, but paints a rim of tens of grey levels.
 */
const RIM = 16;

/** What a style network computes. */
export interface Painted {
  /** [n, 3, h, w], meant for [0, 1] but not cut off. */
  readonly picture: Value;
  /** The features between encoder and body, [n, c, h/8, w/8]. */
  readonly features: Value;
}

/**
 * The style network: an encoder in three halvings, residual blocks at 1/8 of the resolution, where a stroke is large
 * and a convolution cheap, and a decoder that takes fine structure from the encoder at 1/4 and 1/2. Nothing runs at
 * full resolution but padding at the entrance and the rearrangement of pixels at the exit.
 *
 * @param image [n, 3, h, w], RGB in [0, 1], h and w multiples of 8.
 */
export function styleNetwork(net: Building, image: Value, { channels, blocks }: Tier): Painted {
  const { b } = net;
  const [half, quarter] = channels;
  const { fine, medium, features } = encoded(net, image, channels);
  let body = features;
  for (let i = 1; i <= blocks; i++) body = residual(net, `body${i}`, body);
  const raised = convolution(net, 'raise1', body, { channels: quarter, kernel: 1, relu: false });
  const around = b.op('Add', [doubled(net, raised), trimmed(b, medium, 1)]);
  const strokes = convolution(net, 'merge1', around, { channels: quarter });
  const raisedAgain = convolution(net, 'raise2', strokes, { channels: half, kernel: 1, relu: false });
  const detailed = b.op('Add', [doubled(net, raisedAgain), trimmed(b, fine, 5)]);
  const detail = convolution(net, 'merge2', detailed, { channels: half });
  return { picture: painted(net, 'paint', detail, 3, 2), features: trimmed(b, features, 1) };
}

/** What the encoder makes of a picture, with what is left of its rim. */
export interface Encoded {
  /** [n, c, h/2 + 14, w/2 + 14]. */
  readonly fine: Value;
  /** [n, c, h/4 + 6, w/4 + 6]. */
  readonly medium: Value;
  /** [n, c, h/8 + 2, w/8 + 2]. */
  readonly features: Value;
}

/** The encoder of the style network: three halvings. @param image [n, 3, h, w], RGB in [0, 1]. */
export function encoded(net: Building, image: Value, [half, quarter, eighth]: Tier['channels']): Encoded {
  const { b } = net;
  const wide = b.op('Pad', [image, b.ints([0, 0, RIM, RIM, 0, 0, RIM, RIM])], { mode: 'reflect' });
  const fine = halving(net, 'fine', wide, { channels: half, kernel: 4 });
  const medium = halving(net, 'medium', fine, { channels: quarter });
  return { fine, medium, features: halving(net, 'coarse', medium, { channels: eighth }) };
}

/** A picture without `rim` pixels on each side. */
function trimmed(b: Building['b'], x: Value, rim: number): Value {
  return b.op('Slice', [x, b.ints([rim, rim]), b.ints([-rim, -rim]), b.ints([2, 3])]);
}

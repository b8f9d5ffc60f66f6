import type { GraphBuilder, Value } from '../graph/builder.js';
import type { ParameterSource } from './parameters/parameters.js';
import type { NetworkWidths } from './tiers.js';

/** Length of a style vector for each half of the network: enough for 32 styles, in the smallest network for 16. */
export function styleLength({ channels }: NetworkWidths): number {
  return Math.min(32, channels[2] / 2);
}

/** Half of the network that a layer belongs to: coarse layers decide strokes, fine layers edges and colours. */
export type NetworkHalf = 'coarse' | 'fine';

/**
 * One network for many styles: scale and shift of every layer's normalised features are affine functions of a style
 * vector, while the convolutions are the same for all (conditional instance normalisation, Dumoulin 2017, arXiv
 * 1610.07629; a layer's own affine map of a mapped vector as in Karras 2019, arXiv 1812.04948).
 */
export interface StyleModulation {
  /** The style vectors by half, float32 [r, length]. */
  readonly styles: Readonly<Record<NetworkHalf, Value>>;
  /** Noise that varies the strokes, float32 with `noiseDims`; absent in training. */
  readonly noise?: Value;
}

/** The layers after the body. */
const FINE = /^(raise|merge|paint)/;

/** The style vectors of a layer. */
export function stylesFor({ styles }: StyleModulation, layer: string): Value {
  return styles[FINE.test(layer) ? 'fine' : 'coarse'];
}

/** The layer that noise is added to: the encoder's output, from which the body makes strokes. */
const NOISY = 'coarse';

/** The noise of a layer. */
export function noiseFor({ noise }: StyleModulation, layer: string): Value | undefined {
  return layer === NOISY ? noise : undefined;
}

/** Scale of the mapping's weights, which makes it learn more slowly. */
const SLOW = 0.05;
/** Width of the mapping's hidden layer. */
const HIDDEN = 64;

/**
 * The mapping network, from the code of a picture to its style vector.
 *
 * @param code float32 [r, k], normalised to mean 0 and standard deviation 1. @returns [r, length].
 */
export function mapping(b: GraphBuilder, parameters: ParameterSource, code: Value, length: number): Value {
  const hidden = dense(b, parameters, 'mapping1', code, HIDDEN, 1);
  const bent = b.op('LeakyRelu', [hidden], { alpha: 0.2 });
  return dense(b, parameters, 'mapping2', bent, length, 0.35);
}

function dense(
  b: GraphBuilder,
  parameters: ParameterSource,
  name: string,
  x: Value,
  width: number,
  gain: number,
): Value {
  const inner = Number(x.dims[1]);
  const deviation = gain / Math.sqrt(inner) / SLOW;
  const slow = b.scalar('float32', SLOW);
  const weights = b.op('Mul', [parameters.tensor(`${name}.weight`, [inner, width], { deviation }), slow]);
  const bias = b.op('Mul', [parameters.tensor(`${name}.bias`, [width], { value: 0 }), slow]);
  return b.op('Add', [b.op('MatMul', [x, weights]), bias]);
}

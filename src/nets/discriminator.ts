import type { GraphBuilder, Value } from '../graph/builder.js';
import type { ParameterSource } from './parameters/parameters.js';

/** Channels after each downsampling. */
const CHANNELS = [32, 64, 128] as const;
const KERNEL = 4;
/** Slope of the leaky ReLU for negative numbers. */
const LEAKY_SLOPE = 0.2;
/**
 * Name of the last layer, and the factor by which its initial weights are smaller, so that the discriminator starts
 * undecided.
 */
const LAST = 'verdict';
const LAST_LAYER_SCALE = 0.1;

/**
 * A patch discriminator (Isola 2017, arXiv 1611.07004): classifies every patch of 46×46 pixels, 8 pixels apart, as from
 * the domain (1) or painted by the network (0). Since it sees strokes rather than scenes, few pictures suffice for a
 * domain: each contains thousands of patches.
 *
 * There is no padding: a border of zeros would look the same in all pictures. Unlike the paper's it has no norms, which
 * remove colour and contrast, its best cues: against a fixed network its accuracy after 100 steps was 74 % with norms
 * and 99 % without.
 *
 * @param image [n, 3, h, w], RGB in [0, 1], h and w at least 46. @returns [n, 1, h′, w′].
 */
export function discriminator(b: GraphBuilder, parameters: ParameterSource, image: Value): Value {
  const convolution = (name: string, x: Value, channels: number, stride: number) => {
    const inner = Number(x.dims[1]);
    const deviation = (name === LAST ? LAST_LAYER_SCALE : 1) * Math.sqrt(2 / (inner * KERNEL * KERNEL));
    const weight = parameters.tensor(`${name}.weight`, [channels, inner, KERNEL, KERNEL], { deviation });
    const bias = parameters.tensor(`${name}.bias`, [channels], { value: 0 });
    return b.op('Conv', [x, weight, bias], { strides: [stride, stride] });
  };
  const number = (value: number) => b.scalar('float32', value);
  let x = b.op('Mul', [b.op('Sub', [image, number(0.5)]), number(2)]);
  CHANNELS.forEach((channels, i) => {
    x = b.op('LeakyRelu', [convolution(`patch${i + 1}`, x, channels, 2)], { alpha: LEAKY_SLOPE });
  });
  return convolution(LAST, x, 1, 1);
}

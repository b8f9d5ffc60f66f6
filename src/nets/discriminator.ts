import type { GraphBuilder, Value } from '../graph/builder.js';
import type { ParameterSource } from './parameters/parameters.js';

/** Channels after each halving. */
const CHANNELS = [32, 64, 128] as const;
const KERNEL = 4;
/** What is left of a negative number. */
const LEAK = 0.2;
/** The layer that says it, which starts with weights so much smaller: an opinion without grounds teaches nothing. */
const LAST = 'verdict';
const CAUTION = 0.1;

/**
 * A patch discriminator (Isola 2017, arXiv 1611.07004): says of every patch of 46×46 pixels, 8 pixels apart, whether
 * it is from the domain (1) or painted by the network (0). As strokes are judged and not scenes, few pictures make a
 * domain: each holds thousands of patches.
 *
 * Nothing is padded: a rim of zeros would be the same in all pictures. Unlike the paper's it has no norms, which take
 * away colour and contrast, by which it tells most: against a network that stood still it had 74 % of the patches right after 100
 * steps with them, and 99 % without.
 *
 * @param image [n, 3, h, w], RGB in [0, 1], h and w at least 46. @returns [n, 1, h′, w′].
 */
export function discriminator(b: GraphBuilder, parameters: ParameterSource, image: Value): Value {
  const convolution = (name: string, x: Value, channels: number, stride: number) => {
    const inner = Number(x.dims[1]);
    const deviation = (name === LAST ? CAUTION : 1) * Math.sqrt(2 / (inner * KERNEL * KERNEL));
    const weight = parameters.tensor(`${name}.weight`, [channels, inner, KERNEL, KERNEL], { deviation });
    const bias = parameters.tensor(`${name}.bias`, [channels], { value: 0 });
    return b.op('Conv', [x, weight, bias], { strides: [stride, stride] });
  };
  const number = (value: number) => b.scalar('float32', value);
  let x = b.op('Mul', [b.op('Sub', [image, number(0.5)]), number(2)]);
  CHANNELS.forEach((channels, i) => {
    x = b.op('LeakyRelu', [convolution(`patch${i + 1}`, x, channels, 2)], { alpha: LEAK });
  });
  return convolution(LAST, x, 1, 1);
}

import type { GraphBuilder, Value } from '../graph/builder.js';
import { type Modulation, noiseFor, stylesFor } from './modulation.js';
import { laidOut } from './noise.js';
import type { ParameterSource, Start } from './parameters/parameters.js';

/** Whether norms measure the picture at hand, or have fixed statistics folded into the convolutions. */
export type Norm = 'live' | 'folded';

/**
 * How a network is built: with live instance norm, or with fixed statistics folded into the convolutions.
 * Weights under training stay what they were before the folding: folded ones would range from 0.02 to 1.7, too small
 * and too large to learn at one rate. `seen` collects what each norm normalises, by the name of its convolution.
 */
export interface Building {
  readonly b: GraphBuilder;
  readonly parameters: ParameterSource;
  readonly norm: Norm;
  readonly seen: Map<string, Value>;
  /** Where one network has many styles: what chooses. Norms are live then. */
  readonly modulation?: Modulation;
}

/** What a convolution makes of its input. */
export interface ConvolutionShape {
  readonly channels: number;
  readonly kernel?: number;
  /** Followed by ReLU? */
  readonly relu?: boolean;
  /** Keep the size, by reflecting the input outwards first? Without, the result is smaller by the kernel less one. */
  readonly reflect?: boolean;
}

/** What instance norm adds to the variance before it divides by its root. */
export const NORM_EPSILON = 1e-5;

/**
 * A convolution of stride 1, an instance norm (Ulyanov 2016), and a ReLU if asked for. Nothing is ever padded with
 * zeros: what differs from the inside of the picture paints a rim.
 */
export function convolution(net: Building, name: string, x: Value, shape: ConvolutionShape): Value {
  const { channels, kernel = 3, relu = true, reflect = false } = shape;
  const inner = Number(x.dims[1]);
  const deviation = Math.sqrt(2 / (inner * kernel * kernel));
  const weights = net.parameters.tensor(`${name}.weight`, [channels, inner, kernel, kernel], { deviation });
  const pad = (kernel - 1) / 2;
  const wide = reflect ? net.b.op('Pad', [x, net.b.ints([0, 0, pad, pad, 0, 0, pad, pad])], { mode: 'reflect' }) : x;
  return normalised(net, name, wide, weights, {}, relu);
}

/**
 * A convolution that halves the size and filters low before it does (Zhang 2019, arXiv 1904.11486).
 *
 * The binomial filter [1 2 1] is multiplied into the learned k×k kernel, weights with weights: what runs is one
 * convolution with a kernel of k + 2, stride 2, whose response to the frequency that would alias is nil.
 *
 * @returns [n, channels, (h − k)/2, (w − k)/2].
 */
export function halving(net: Building, name: string, x: Value, shape: ConvolutionShape): Value {
  const { channels, kernel = 2, relu = true } = shape;
  const { b, parameters } = net;
  const inner = Number(x.dims[1]);
  const deviation = Math.sqrt(2 / (inner * kernel * kernel));
  const free = parameters.tensor(`${name}.weight`, [channels, inner, kernel, kernel], { deviation });
  return normalised(net, name, x, spread(b, free), { strides: [2, 2] }, relu);
}

/** Every kernel filtered with [1 2 1] along both axes, and larger by 2. */
function spread(b: GraphBuilder, kernels: Value): Value {
  const [out, inner, side] = kernels.dims.map(Number) as [number, number, number];
  const filter = [1, 2, 1].map((x) => x / 4);
  const plane = filter.flatMap((y) => filter.map((x) => x * y));
  const each = b.op('Reshape', [kernels, b.ints([out * inner, 1, side, side])]);
  const wide = b.op('Conv', [each, b.constant('float32', [1, 1, 3, 3], plane)], { pads: [2, 2, 2, 2] });
  return b.op('Reshape', [wide, b.ints([out, inner, side + 2, side + 2])]);
}

function normalised(
  net: Building,
  name: string,
  x: Value,
  weights: Value,
  attributes: Record<string, readonly number[]>,
  relu: boolean,
): Value {
  const { b, parameters } = net;
  const channels = Number(weights.dims[0]);
  const shift = parameters.tensor(`${name}.shift`, [channels], { value: 0 });
  const scale = parameters.tensor(`${name}.scale`, [channels], { value: 1 });
  let y: Value;
  if (net.norm === 'folded') {
    const mean = parameters.tensor(`${name}.mean`, [channels], { value: 0, fixed: true });
    const deviation = parameters.tensor(`${name}.deviation`, [channels], { value: 1, fixed: true });
    const gain = b.op('Div', [scale, deviation]);
    const scaled = b.op('Mul', [weights, b.op('Reshape', [gain, b.ints([channels, 1, 1, 1])])]);
    y = b.op('Conv', [x, scaled, b.op('Sub', [shift, b.op('Mul', [mean, gain])])], attributes);
  } else {
    const plain = b.op('Conv', [x, weights], attributes);
    net.seen.set(name, plain);
    y = net.modulation
      ? modulated(net, net.modulation, name, plain, scale, shift)
      : b.op('InstanceNormalization', [plain, scale, shift], { epsilon: NORM_EPSILON });
  }
  return relu ? b.op('Relu', [y]) : y;
}

/**
 * An instance norm whose scale and shift a style moves away from those that all styles share. One style for all
 * pictures costs nothing beside a plain norm; one a picture scales and shifts on its own.
 */
function modulated(net: Building, by: Modulation, name: string, x: Value, scale: Value, shift: Value): Value {
  const { b } = net;
  const channels = Number(x.dims[1]);
  const shared = b.op('Concat', [scale, shift], { axis: 0 });
  const both = b.op('Add', [moved(net, by, name, 2 * channels), shared]);
  const rows = Number(both.dims[0]);
  const parts = [0, 1].map((i) => {
    const [start, end] = [b.ints([i * channels]), b.ints([(i + 1) * channels])];
    return b.op('Slice', [both, start, end, b.ints([1])]);
  });
  const shaped = (dims: readonly number[]) => parts.map((part) => b.op('Reshape', [part, b.ints(dims)]));
  if (rows === 1) {
    const normal = b.op('InstanceNormalization', [x, ...shaped([channels])], { epsilon: NORM_EPSILON });
    const noise = noiseFor(by, name);
    if (!noise) return normal;
    // As strong as what is normalised: its deviation is 1 before the scale.
    const [gain] = shaped([1, channels, 1, 1]);
    return b.op('Add', [normal, b.op('Mul', [laidOut(b, noise, normal), gain])]);
  }
  const [ones, zeros] = [1, 0].map((value) =>
    b.constant('float32', [channels], new Float32Array(channels).fill(value)),
  );
  const normal = b.op('InstanceNormalization', [x, ones, zeros], { epsilon: NORM_EPSILON });
  const [gain, offset] = shaped([rows, channels, 1, 1]);
  return b.op('Add', [b.op('Mul', [normal, gain]), offset]);
}

/** How far a style moves the numbers of a layer, [r, count]. */
function moved({ b, parameters }: Building, by: Modulation, name: string, count: number): Value {
  const styles = stylesFor(by, name);
  const map = parameters.tensor(`${name}.style`, [Number(styles.dims[1]), count], { value: 0 });
  return b.op('MatMul', [styles, map]);
}

/** Two convolutions around which the input goes past (He 2016). */
export function residual(net: Building, name: string, x: Value): Value {
  const channels = Number(x.dims[1]);
  const first = convolution(net, `${name}.1`, x, { channels, reflect: true });
  return net.b.op('Add', [x, convolution(net, `${name}.2`, first, { channels, relu: false, reflect: true })]);
}

/** Twice the size by linear interpolation. */
export function doubled(net: Building, x: Value): Value {
  const { b } = net;
  const scales = b.constant('float32', [4], [1, 1, 2, 2]);
  return b.op('Resize', [x, undefined, scales], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' });
}

/**
 * A convolution at low resolution that paints `factor` × `factor` pixels a cell, which DepthToSpace then lays out.
 *
 * Pixel shuffling leaves a grid for two reasons, and the weights are shaped so that neither can arise: each cell
 * paints a patch of three times its size that fades out smoothly to nothing at its rim (patches overlap), and a
 * constant input gives a constant output, whatever is learned. It starts as plain interpolation of one colour a cell;
 * what the pixels of a cell have of their own is learned on top. At run time it is one plain 3×3 convolution.
 *
 * @param start how the colours of a cell start, if not at random.
 * @returns [n, channels, factor · (h − 2), factor · (w − 2)].
 */
export function painted(net: Building, name: string, x: Value, channels: number, factor: number, start?: Start): Value {
  const { b, parameters } = net;
  const inner = Number(x.dims[1]);
  const cells = factor * factor;
  const colour = parameters.tensor(
    `${name}.weight`,
    [channels, inner, 1, 1],
    start ?? { deviation: 1 / Math.sqrt(inner * 4) },
  );
  const detail = parameters.tensor(`${name}.detail`, [cells, channels, inner, 3, 3], { value: 0 });
  const fade = b.constant('float32', [cells, 1, 1, 3, 3], fading(factor));
  const faded = b.op('Mul', [b.op('Add', [detail, colour]), fade]);
  const response = b.op('ReduceSum', [faded], { axes: [3, 4] });
  const excess = b.op('Sub', [response, b.op('ReduceMean', [response], { axes: [0] })]);
  const even = b.op('Sub', [faded, b.op('Mul', [excess, fade])]);
  const weights = b.op('Reshape', [even, b.ints([cells * channels, inner, 3, 3])]);
  const shift = parameters.tensor(`${name}.shift`, [1, channels], { value: 0.5 });
  const bias = b.op('Reshape', [b.op('Expand', [shift, b.ints([cells, channels])]), b.ints([cells * channels])]);
  const picture = b.op('DepthToSpace', [b.op('Conv', [x, weights, bias])], { blocksize: factor });
  if (net.modulation === undefined) return picture;
  // Beside the convolution, not as its bias: one that is no constant would cost it its fast layout.
  const tint = moved(net, net.modulation, name, channels);
  return b.op('Add', [picture, b.op('Reshape', [tint, b.ints([Number(tint.dims[0]), channels, 1, 1])])]);
}

/**
 * For each pixel of a cell and each neighbouring cell, how much of that cell's patch is left there: quadratic
 * B-splines, which sum to 1. Against linear interpolation they flicker a sixth less under a moving camera.
 */
function fading(factor: number): number[] {
  const along = (pixel: number, tap: number) => {
    const away = Math.abs(pixel - (tap - 1) * factor - (factor - 1) / 2) / factor;
    return away < 0.5 ? 0.75 - away ** 2 : away < 1.5 ? (1.5 - away) ** 2 / 2 : 0;
  };
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  return range(factor * factor).flatMap((cell) =>
    range(9).map((tap) => {
      const [y, x] = [Math.floor(cell / factor), cell % factor];
      return along(y, Math.floor(tap / 3)) * along(x, tap % 3);
    }),
  );
}

import type { GraphBuilder, Value } from '../graph/builder.js';
import { noiseFor, type StyleModulation, stylesFor } from './modulation.js';
import { tileNoise } from './noise.js';
import type { ParameterSource, Start } from './parameters/parameters.js';

/** Norms with live statistics of the picture, or with fixed statistics folded into the convolutions. */
export type Norm = 'live' | 'folded';

/**
 * How a network is built: with live instance norm, or with fixed statistics folded into the convolutions. Weights under
 * training keep their scale before folding: folded ones would range from 0.02 to 1.7, too widely for one learning rate.
 * `seen` collects the input of each norm by the name of its convolution.
 */
export interface Building {
  readonly b: GraphBuilder;
  readonly parameters: ParameterSource;
  readonly norm: Norm;
  readonly seen: Map<string, Value>;
  /** For a network of many styles: the style vectors. Norms are live then. */
  readonly modulation?: StyleModulation;
}

/** Options of a convolution. */
export interface ConvolutionShape {
  readonly channels: number;
  readonly kernel?: number;
  /** Whether a ReLU follows. */
  readonly relu?: boolean;
  /** Whether to keep the size by reflection padding; otherwise the result is smaller by the kernel size minus one. */
  readonly reflect?: boolean;
}

/** Epsilon of instance norm. */
export const NORM_EPSILON = 1e-5;

/**
 * A convolution of stride 1, an instance norm (Ulyanov 2016), and a ReLU if asked for. There is no zero padding,
 * which would become visible as a border.
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
 * A convolution of stride 2 with an anti-aliasing low-pass filter (Zhang 2019, arXiv 1904.11486).
 *
 * The binomial filter [1 2 1] is convolved into the learned k×k kernel: what runs is one convolution with a
 * kernel of k + 2, stride 2, whose response to the aliasing frequency is zero.
 *
 * @returns [n, channels, (h − k)/2, (w − k)/2].
 */
export function downsample(net: Building, name: string, x: Value, shape: ConvolutionShape): Value {
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
 * An instance norm with scale and shift offset by the style from shared values. With one style for all pictures
 * it costs no more than a plain norm; with one per picture it adds a scale and a shift.
 */
function modulated(net: Building, by: StyleModulation, name: string, x: Value, scale: Value, shift: Value): Value {
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
    // Relative to the normalised features, whose standard deviation is 1 before the scale.
    const [gain] = shaped([1, channels, 1, 1]);
    return b.op('Add', [normal, b.op('Mul', [tileNoise(b, noise, normal), gain])]);
  }
  const [ones, zeros] = [1, 0].map((value) =>
    b.constant('float32', [channels], new Float32Array(channels).fill(value)),
  );
  const normal = b.op('InstanceNormalization', [x, ones, zeros], { epsilon: NORM_EPSILON });
  const [gain, offset] = shaped([rows, channels, 1, 1]);
  return b.op('Add', [b.op('Mul', [normal, gain]), offset]);
}

/** The style's offsets of a layer's numbers, [r, count]. */
function moved({ b, parameters }: Building, by: StyleModulation, name: string, count: number): Value {
  const styles = stylesFor(by, name);
  const map = parameters.tensor(`${name}.style`, [Number(styles.dims[1]), count], { value: 0 });
  return b.op('MatMul', [styles, map]);
}

/** A residual block of two convolutions (He 2016). */
export function residual(net: Building, name: string, x: Value): Value {
  const channels = Number(x.dims[1]);
  const first = convolution(net, `${name}.1`, x, { channels, reflect: true });
  return net.b.op('Add', [x, convolution(net, `${name}.2`, first, { channels, relu: false, reflect: true })]);
}

/** Doubles the size by linear interpolation. */
export function upsample(net: Building, x: Value): Value {
  const { b } = net;
  const scales = b.constant('float32', [4], [1, 1, 2, 2]);
  return b.op('Resize', [x, undefined, scales], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' });
}

/**
 * A convolution at low resolution that computes `factor` × `factor` pixels per cell, arranged by DepthToSpace.
 *
 * Plain pixel shuffling leaves a grid; the weights are constrained so that it cannot arise: each cell paints an
 * overlapping patch of three times its size that fades out smoothly, and a constant input gives a constant output,
 * whatever is learned. It starts as interpolation of one colour per cell; individual pixels are learned on top. At run
 * time it is one plain 3×3 convolution.
 *
 * @param start initial value of the colours of a cell, if not random.
 * @returns [n, channels, factor · (h − 2), factor · (w − 2)].
 */
export function upsamplePatches(
  net: Building,
  name: string,
  x: Value,
  channels: number,
  factor: number,
  start?: Start,
): Value {
  const { b, parameters } = net;
  const inner = Number(x.dims[1]);
  const cells = factor * factor;
  const colour = parameters.tensor(
    `${name}.weight`,
    [channels, inner, 1, 1],
    start ?? { deviation: 1 / Math.sqrt(inner * 4) },
  );
  const detail = parameters.tensor(`${name}.detail`, [cells, channels, inner, 3, 3], { value: 0 });
  const fade = b.constant('float32', [cells, 1, 1, 3, 3], patchWeights(factor));
  const faded = b.op('Mul', [b.op('Add', [detail, colour]), fade]);
  const response = b.op('ReduceSum', [faded], { axes: [3, 4] });
  const excess = b.op('Sub', [response, b.op('ReduceMean', [response], { axes: [0] })]);
  const even = b.op('Sub', [faded, b.op('Mul', [excess, fade])]);
  const weights = b.op('Reshape', [even, b.ints([cells * channels, inner, 3, 3])]);
  const shift = parameters.tensor(`${name}.shift`, [1, channels], { value: 0.5 });
  const bias = b.op('Reshape', [b.op('Expand', [shift, b.ints([cells, channels])]), b.ints([cells * channels])]);
  const picture = b.op('DepthToSpace', [b.op('Conv', [x, weights, bias])], { blocksize: factor });
  if (net.modulation === undefined) return picture;
  // Added after the convolution: a bias that is not constant would prevent its fast layout.
  const tint = moved(net, net.modulation, name, channels);
  return b.op('Add', [picture, b.op('Reshape', [tint, b.ints([Number(tint.dims[0]), channels, 1, 1])])]);
}

/**
 * Weight of each neighbouring cell's patch at each pixel of a cell: quadratic B-splines, which sum to 1. Compared to
 * linear interpolation they flicker a sixth less under camera motion.
 */
function patchWeights(factor: number): number[] {
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

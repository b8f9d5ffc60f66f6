import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { FaceWeights } from './face-weights.js';

/** Side of the detector's square input, in pixels. */
export const FACE_SIDE = 512;

/** Pairs of a depthwise and a pointwise convolution of MobileNet that halve the size, counted from 1. */
const HALVING = [2, 4, 6, 12];
/** The pair in whose features small faces are detected; larger ones are detected in the last pair, 13, and after it. */
const FINE = 11;
const PAIRS = 13;
/** Convolutions after MobileNet; every second one halves the size and is used for detection. */
const FURTHER = 8;
/** Added to the variance in batch normalisation. */
const EPSILON = 1e-3;

/**
 * The face detector as a model: SSD (Liu 2016, arXiv 1512.02325) on MobileNet v1 (Howard 2017, arXiv 1704.04861).
 *
 * Input `picture` uint8 [1, 512, 512, 3]. Outputs, a row for each of its n anchors: `codes` float32 [n, 4], position
 * and size of the face relative to the anchor, and `scores` float32 [n, 3], of which the second is that of a face.
 */
export function faceModel(weights: FaceWeights): Model {
  const b = new GraphBuilder('faces');
  const picture = b.input('picture', 'uint8', [1, FACE_SIDE, FACE_SIDE, 3]);
  const planes = b.op('Transpose', [b.op('Cast', [picture], { to: 1 })], { perm: [0, 3, 1, 2] });
  const layers = layersOf(b, weights);
  let x = b.op('Sub', [b.op('Mul', [planes, b.scalar('float32', 1 / 127.5)]), b.scalar('float32', 1)]);
  const detected: Value[] = [];
  x = layers.pointwise(x, 'MobilenetV1/Conv2d_0', 2);
  for (let pair = 1; pair <= PAIRS; pair++) {
    x = layers.depthwise(x, `MobilenetV1/Conv2d_${pair}_depthwise`, HALVING.includes(pair) ? 2 : 1);
    x = layers.pointwise(x, `MobilenetV1/Conv2d_${pair}`, 1);
    if (pair === FINE || pair === PAIRS) detected.push(x);
  }
  for (let at = 0; at < FURTHER; at++) {
    x = layers.pointwise(x, `Prediction/Conv2d_${at}`, 1 + (at % 2));
    if (at % 2 === 1) detected.push(x);
  }
  const rows = (part: string, size: number) =>
    detected.map((features, at) => {
      const found = layers.plain(features, `Prediction/BoxPredictor_${at}/${part}Predictor`);
      return b.op('Reshape', [b.op('Transpose', [found], { perm: [0, 2, 3, 1] }), b.ints([-1, size])]);
    });
  b.output('codes', b.op('Concat', rows('BoxEncoding', 4), { axis: 0 }));
  b.output('scores', b.op('Sigmoid', [b.op('Concat', rows('Class', 3), { axis: 0 })]));
  return b.build();
}

/** Builders of layers, by the names of their weights. */
function layersOf(b: GraphBuilder, weights: FaceWeights) {
  const get = (name: string) => {
    const found = weights.get(name);
    if (found) return found;
    throw new Error(`it has no weights "${name}"`);
  };
  const vector = (name: string) => get(name).data;
  /** [height, width, in, out] as [out, in, height, width]; of a depthwise one, [channels, 1, height, width]. */
  const kernel = (name: string, depthwise: boolean) => {
    const { dims, data } = get(name);
    const [height, width, inner, outer] = dims as [number, number, number, number];
    const area = height * width;
    const [rows, columns] = depthwise ? [inner, 1] : [outer, inner];
    const turned = Float32Array.from({ length: data.length }, (_, i) => {
      const [row, column, at] = [Math.floor(i / (columns * area)), Math.floor(i / area) % columns, i % area];
      return data[at * inner * outer + (depthwise ? row : column * outer + row)]!;
    });
    return { dims: [rows, columns, height, width], data: turned };
  };
  const conv = (x: Value, w: ReturnType<typeof kernel>, bias: Float32Array, stride: number, group = 1) =>
    b.op('Conv', [x, b.constant('float32', w.dims, w.data), b.constant('float32', [bias.length], bias)], {
      strides: [stride, stride],
      group,
      auto_pad: 'SAME_UPPER',
    });
  const relu6 = (x: Value) => b.op('Clip', [x, b.scalar('float32', 0), b.scalar('float32', 6)]);
  return {
    plain: (x: Value, name: string) => conv(x, kernel(`${name}/weights`, false), vector(`${name}/biases`), 1),
    pointwise: (x: Value, name: string, stride: number) => {
      const stem = `${name}_pointwise`;
      return relu6(conv(x, kernel(`${stem}/weights`, false), vector(`${stem}/convolution_bn_offset`), stride));
    },
    depthwise: (x: Value, name: string, stride: number) => {
      const { dims, data } = kernel(`${name}/depthwise_weights`, true);
      const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) =>
        vector(`${name}/BatchNorm/${part}`),
      ) as [Float32Array, Float32Array, Float32Array, Float32Array];
      const gain = gamma.map((value, i) => value / Math.sqrt(variance[i]! + EPSILON));
      const scaled = data.map((value, i) => value * gain[Math.floor(i / 9)]!);
      const bias = beta.map((value, i) => value - mean[i]! * gain[i]!);
      return relu6(conv(x, { dims, data: scaled }, bias, stride, gain.length));
    },
  };
}

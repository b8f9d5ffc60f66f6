import { TrainError } from '../../errors.js';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Border, LossNetwork, ObjectiveLayers } from './network.js';
import type { WeightTensor } from './safetensors.js';

/** The convolutions of VGG-19 up to conv5_1, with their place among torchvision's `features`. */
const CONVOLUTIONS = [
  ['conv1_1', 0],
  ['conv1_2', 2],
  ['conv2_1', 5],
  ['conv2_2', 7],
  ['conv3_1', 10],
  ['conv3_2', 12],
  ['conv3_3', 14],
  ['conv3_4', 16],
  ['conv4_1', 19],
  ['conv4_2', 21],
  ['conv4_3', 23],
  ['conv4_4', 25],
  ['conv5_1', 28],
] as const;

/** Whether `vgg19` uses a tensor of this name. */
export function isVggTensor(name: string): boolean {
  const stems = [...CONVOLUTIONS.flatMap(([plain, index]) => [plain, `features.${index}`]), 'conv0'];
  return stems.some((stem) => name === `${stem}.weight` || name === `${stem}.bias`);
}

interface Layer {
  /** Name of the features after its ReLU. */
  readonly relu: string;
  readonly weight: WeightTensor;
  readonly bias: WeightTensor;
  /** A 2×2 maximum comes before it. */
  readonly pooled: boolean;
}

/**
 * VGG-19 (Simonyan and Zisserman 2014) as far as a weights file goes: layers `conv1_1.weight` and so on, or
 * torchvision's `features.0.weight`. Input RGB in [0, 1]; a 1×1 `conv0` in the file is the preprocessing, else
 * torchvision's mean and deviation are used. The picture is reflected by one pixel before the first convolution;
 * deeper layers pad with zeros, unless asked to reflect as well.
 *
 * @throws TrainError TRAIN_WEIGHTS when the first convolution is missing or shapes do not fit.
 */
export function vgg19(weights: ReadonlyMap<string, WeightTensor>): LossNetwork {
  const layers = layersOf(weights);
  const first = withPreprocessing(layers[0]!, weights);
  const names = layers.map(({ relu }) => relu);
  const has = (wanted: readonly string[]) => wanted.filter((name) => names.includes(name));
  return {
    name: `VGG-19 to ${names.at(-1)}`,
    layers: names,
    styleLayers: has(['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1']),
    contentLayers: has(['relu2_2', 'relu3_1']),
    objective: objectiveOf(names),
    features: (b, image, wanted, border = 'zeros') => build(b, image, [first, ...layers.slice(1)], wanted, border),
  };
}

const MISSING =
  'strokes will be softer and shapes less clean than they can be: training wants VGG-19 to relu4_2 or deeper';

/** The wanted layers, or the deepest ones before them where the weights end earlier. */
function objectiveOf(names: readonly string[]): ObjectiveLayers {
  const deepest = (wanted: readonly string[]) => wanted.find((name) => names.includes(name)) ?? names.at(-1)!;
  const shallow = ['relu1_1', 'relu2_1', 'relu3_1'].filter((name) => names.includes(name));
  const deep = ['relu4_1', 'relu5_1'].filter((name) => names.includes(name));
  const structure = deepest(['relu3_1', 'relu2_1']);
  // A shallower layer sees strokes at full size, and would hold them back.
  const content = ['relu4_2', 'relu4_1'].find((name) => names.includes(name));
  return {
    style: [[...shallow, ...deep], shallow, shallow],
    deep,
    content: content === undefined ? { layer: structure, scale: 1 } : { layer: content, scale: 0 },
    structure,
    ...(names.includes('relu4_2') ? {} : { missing: `${MISSING}, and this one ends at ${names.at(-1)}` }),
  };
}

function layersOf(weights: ReadonlyMap<string, WeightTensor>): Layer[] {
  const layers: Layer[] = [];
  for (const [name, index] of CONVOLUTIONS) {
    const stem = weights.has(`${name}.weight`) ? name : `features.${index}`;
    const [weight, bias] = [weights.get(`${stem}.weight`), weights.get(`${stem}.bias`)];
    // A file may end at any layer.
    if (weight === undefined || bias === undefined) break;
    const inner = layers.at(-1)?.weight.dims[0] ?? 3;
    const [out, channels, height, width] = weight.dims;
    if (channels !== inner || height !== 3 || width !== 3 || bias.dims[0] !== out) {
      throw new TrainError(
        'TRAIN_WEIGHTS',
        `"${stem}.weight": expected [n, ${inner}, 3, 3], got [${weight.dims.join(', ')}]`,
        {
          hint: 'Give the weights of VGG-19.',
        },
      );
    }
    layers.push({ relu: name.replace('conv', 'relu'), weight, bias, pooled: /^conv[2-5]_1$/.test(name) });
  }
  if (layers.length > 0) return layers;
  throw new TrainError(
    'TRAIN_WEIGHTS',
    'expected "conv1_1.weight" or "features.0.weight" among the weights, got neither',
    {
      hint: 'Give the weights of VGG-19 as a safetensors file.',
    },
  );
}

/** torchvision's preprocessing, for weights without a conv0. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** Folds the 1×1 preprocessing, y = P x + q, into the first convolution: exact, as the picture is padded before it. */
function withPreprocessing(layer: Layer, weights: ReadonlyMap<string, WeightTensor>): Layer {
  const given = weights.get('conv0.weight');
  const matrix = given?.data ?? Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 1 / DEVIATION[i / 4]! : 0));
  const offset = weights.get('conv0.bias')?.data ?? MEAN.map((mean, i) => -mean / DEVIATION[i]!);
  const { dims, data } = layer.weight;
  const [folded, bias] = [new Float32Array(data.length), Float32Array.from(layer.bias.data)];
  for (let out = 0; out < dims[0]!; out++) {
    for (let tap = 0; tap < 9; tap++) {
      for (let middle = 0; middle < 3; middle++) {
        const weight = data[(out * 3 + middle) * 9 + tap]!;
        bias[out]! += weight * offset[middle]!;
        for (let inner = 0; inner < 3; inner++)
          folded[(out * 3 + inner) * 9 + tap]! += weight * matrix[middle * 3 + inner]!;
      }
    }
  }
  return { ...layer, weight: { dims, data: folded }, bias: { dims: layer.bias.dims, data: bias } };
}

function build(
  b: GraphBuilder,
  image: Value,
  layers: readonly Layer[],
  wanted: readonly string[],
  border: Border,
): Map<string, Value> {
  const found = new Map<string, Value>();
  const reflected = (value: Value) => b.op('Pad', [value, b.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
  let x = image;
  for (const [index, { relu, weight, bias, pooled }] of layers.entries()) {
    if (wanted.every((name) => found.has(name))) break;
    if (pooled) x = b.op('MaxPool', [even(b, x)], { kernel_shape: [2, 2], strides: [2, 2] });
    const reflects = index === 0 || border === 'reflected';
    const pad = reflects ? 0 : 1;
    const parameters = [weight, bias].map(({ dims, data }) => shared(b, dims, data));
    const wide = reflects ? reflected(x) : x;
    x = b.op('Relu', [b.op('Conv', [wide, ...parameters], { pads: [pad, pad, pad, pad] })]);
    if (wanted.includes(relu)) found.set(relu, x);
  }
  return found;
}

/** Without the last row or column of an odd number of them, which pooling leaves out as well, but for its gradient. */
function even(b: GraphBuilder, x: Value): Value {
  const [height, width] = x.dims.slice(2).map(Number) as [number, number];
  if (height % 2 === 0 && width % 2 === 0) return x;
  const ends = b.ints([height - (height % 2), width - (width % 2)]);
  return b.op('Slice', [x, b.ints([0, 0]), ends, b.ints([2, 3])]);
}

/** Shares constants of a graph among all copies of the network in it. */
const constants = new WeakMap<GraphBuilder, Map<Float32Array, Value>>();

function shared(b: GraphBuilder, dims: readonly number[], data: Float32Array): Value {
  const known = constants.get(b) ?? new Map<Float32Array, Value>();
  constants.set(b, known);
  const value = known.get(data) ?? b.constant('float32', dims, data);
  known.set(data, value);
  return value;
}

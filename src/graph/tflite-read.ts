import { GraphError } from '../errors.js';
import { GraphBuilder, type Value } from './builder.js';
import { fromHalf, sizeOf } from './elements.js';
import { readTfliteFile, type TfliteOperator, type TfliteTensor } from './tflite-schema.js';
import type { Model } from './types.js';

/**
 * Reads a TensorFlow Lite model (`.tflite`, float32, weights perhaps float16) as a graph of ONNX ops.
 *
 * Pictures are NHWC in the file and NCHW here: an input `[1, H, W, C]` becomes `[1, C, H, W]`, and so do outputs; names
 * stay. Only the operations that person masks are made of are known.
 *
 * @throws GraphError `GRAPH_NOT_TFLITE` when the bytes are no such file, `GRAPH_UNSUPPORTED` for other operations,
 * types and numbers of axes
 */
export function readTflite(bytes: Uint8Array): Model {
  const { name, tensors, inputs, outputs, operators } = readTfliteFile(bytes);
  const graph = new GraphBuilder(name);
  const values = new Map<number, Value>();
  const tensorAt = (index: number) => {
    const tensor = tensors[index];
    if (tensor) return tensor;
    throw unsupported(`tensor ${index}`, `one of ${tensors.length}`);
  };
  for (const index of inputs) {
    const { name, dims } = tensorAt(index);
    values.set(index, graph.input(name, 'float32', planar(name, dims)));
  }
  for (const operator of operators) {
    // Weights of half precision are widened at once.
    if (operator.op === DEQUANTIZE) {
      const { dims, ...halves } = tensorAt(operator.inputs[0]!);
      const data = new Uint8Array(numbers(halves, sizeOf(dims)).buffer);
      (tensors as TfliteTensor[])[operator.outputs[0]!] = { ...halves, dims, type: 0, data };
      continue;
    }
    const translate = OPERATORS[operator.op];
    if (!translate) throw unsupported(`operation ${operator.op}`, Object.keys(OPERATORS).join(', '));
    const call = new Call(graph, operator, tensorAt, values);
    values.set(operator.outputs[0]!, translate(call));
  }
  for (const index of outputs) {
    const value = values.get(index);
    if (!value) throw unsupported(`output ${index}`, 'one that is computed');
    graph.output(tensorAt(index).name, value);
  }
  return graph.build();
}

/** One operation on its way into the graph. */
class Call {
  constructor(
    readonly graph: GraphBuilder,
    readonly operator: TfliteOperator,
    private readonly tensorAt: (index: number) => TfliteTensor,
    private readonly values: ReadonlyMap<number, Value>,
  ) {}

  private tensor(input: number): TfliteTensor {
    return this.tensorAt(this.operator.inputs[input] ?? -1);
  }

  /** What an earlier operation gave, NCHW. */
  value(input: number): Value {
    const value = this.values.get(this.operator.inputs[input] ?? -1);
    if (value) return value;
    throw unsupported(`input ${input} of operation ${this.operator.op}`, 'a computed value');
  }

  /** A constant's numbers, with its axes exchanged; as the file has them without `perm`. */
  constant(input: number, perm?: readonly number[]): { dims: number[]; data: Float32Array } {
    const { dims, ...tensor } = this.tensor(input);
    const data = numbers(tensor, sizeOf(dims));
    return perm ? transposed(data, dims, perm) : { dims: [...dims], data };
  }

  /** A constant of whole numbers. */
  ints(input: number): number[] {
    const { data } = this.tensor(input);
    return [...new Int32Array(data.buffer)];
  }

  /** The bias of a convolution, where there is one. */
  bias(input: number): Value[] {
    if ((this.operator.inputs[input] ?? -1) < 0) return [];
    const { dims, data } = this.constant(input);
    return [this.graph.constant('float32', dims, data)];
  }

  weights(perm: readonly number[]): Value {
    const { dims, data } = this.constant(1, perm);
    return this.graph.constant('float32', dims, data);
  }

  /** Strides, and padding as TensorFlow counts it: what is odd goes to the end. Option 0 is the padding. */
  window(kernel: readonly number[], [height, width]: readonly [number, number], dilation: readonly number[]) {
    const strides = [this.operator.option(2, 4) || 1, this.operator.option(1, 4) || 1];
    const same = this.operator.option(0, 1) === 0;
    const total = [height, width].map((size, axis) => {
      const extent = (kernel[axis]! - 1) * dilation[axis]! + 1;
      const steps = Math.ceil(size / strides[axis]!);
      return same ? Math.max(0, (steps - 1) * strides[axis]! + extent - size) : 0;
    });
    const before = total.map((rows) => Math.floor(rows / 2));
    return { strides, pads: [...before, ...total.map((rows, axis) => rows - before[axis]!)] };
  }

  /** The activation that is fused to an operation. */
  activated(value: Value, option: number): Value {
    const activation = this.operator.option(option, 1);
    const { graph } = this;
    const clip = (low: number, high: number) =>
      graph.op('Clip', [value, graph.scalar('float32', low), graph.scalar('float32', high)]);
    if (activation === 0) return value;
    if (activation === 1) return graph.op('Relu', [value]);
    if (activation === 2) return clip(-1, 1);
    if (activation === 3) return clip(0, 6);
    if (activation === 4) return graph.op('Tanh', [value]);
    throw unsupported(`activation ${activation}`, '0 to 4');
  }
}

const DEQUANTIZE = 6;
/** Where the axes of NHWC are in NCHW. */
const NCHW = [0, 2, 3, 1];
const unary = (op: string) => (call: Call) => call.graph.op(op, [call.value(0)]);
const sizeOfPicture = ({ dims }: Value) => [dims[2] as number, dims[3] as number] as const;

/** Operations by their number in TensorFlow Lite's list, or by their name. Options are numbered as its schema does. */
const OPERATORS: Readonly<Record<number | string, (call: Call) => Value>> = {
  /** ADD */
  0: (call) => call.activated(call.graph.op('Add', [call.value(0), call.value(1)]), 0),
  /** AVERAGE_POOL_2D: padding, strides, filter's width and height, activation */
  1: (call) => {
    const x = call.value(0);
    const kernel = [call.operator.option(4, 4), call.operator.option(3, 4)];
    const window = call.window(kernel, sizeOfPicture(x), [1, 1]);
    return call.activated(call.graph.op('AveragePool', [x], { kernel_shape: kernel, ...window }), 5);
  },
  /** CONV_2D: padding, strides, activation, dilations; weights `[out, rows, columns, in]` */
  3: (call) => {
    const x = call.value(0);
    const weights = call.weights([0, 3, 1, 2]);
    const dilations = [call.operator.option(5, 4) || 1, call.operator.option(4, 4) || 1];
    const window = call.window(weights.dims.slice(2) as number[], sizeOfPicture(x), dilations);
    return call.activated(call.graph.op('Conv', [x, weights, ...call.bias(2)], { ...window, dilations }), 3);
  },
  /** DEPTHWISE_CONV_2D: padding, strides, multiplier, activation, dilations; weights `[1, rows, columns, out]` */
  4: (call) => {
    const x = call.value(0);
    const weights = call.weights([3, 0, 1, 2]);
    const dilations = [call.operator.option(6, 4) || 1, call.operator.option(5, 4) || 1];
    const window = call.window(weights.dims.slice(2) as number[], sizeOfPicture(x), dilations);
    const group = x.dims[1] as number;
    return call.activated(call.graph.op('Conv', [x, weights, ...call.bias(2)], { ...window, dilations, group }), 4);
  },
  /** LOGISTIC */
  14: unary('Sigmoid'),
  /** MUL */
  18: (call) => call.activated(call.graph.op('Mul', [call.value(0), call.value(1)]), 0),
  /** RELU */
  19: unary('Relu'),
  /** RESIZE_BILINEAR: align_corners and half_pixel_centers are options 2 and 3; the size is the second input */
  23: (call) => {
    const x = call.value(0);
    const sizes = [x.dims[0] as number, x.dims[1] as number, ...call.ints(1)];
    const [corners, half] = [call.operator.option(2, 1), call.operator.option(3, 1)];
    const mode = corners ? 'align_corners' : half ? 'half_pixel' : 'asymmetric';
    const attributes = { mode: 'linear', coordinate_transformation_mode: mode };
    return call.graph.op('Resize', [x, undefined, undefined, call.graph.ints(sizes)], attributes);
  },
  /** MEAN: the axes are the second input, counted as the file has them; option 0 keeps them */
  40: (call) => {
    if (!call.operator.option(0, 1)) throw unsupported('MEAN that drops axes', 'one that keeps them');
    const axes = call.ints(1).map((axis) => NCHW[(axis + 4) % 4]!);
    return call.graph.op('ReduceMean', [call.value(0), call.graph.ints(axes)], { keepdims: 1 });
  },
  /** HARD_SWISH */
  117: unary('HardSwish'),
  /** MediaPipe's: options are padding (1 same, 2 valid), width and height of the stride, int32 each */
  Convolution2DTransposeBias: (call) => {
    const x = call.value(0);
    const weights = call.weights([3, 0, 1, 2]);
    const [padding, columns, rows] = new Int32Array(call.operator.custom.slice(0, 12).buffer);
    const strides = [rows || 1, columns || 1];
    const total = strides.map((stride, axis) => {
      return padding === 1 ? Math.max(0, (weights.dims[2 + axis] as number) - stride) : 0;
    });
    const before = total.map((size) => Math.floor(size / 2));
    const pads = [...before, ...total.map((size, axis) => size - before[axis]!)];
    return call.graph.op('ConvTranspose', [x, weights, ...call.bias(2)], { strides, pads });
  },
};

function planar(name: string, dims: readonly number[]): number[] {
  const [n, h, w, c] = dims;
  if (dims.length !== 4) throw unsupported(`input "${name}" of ${dims.length} axes`, 'a picture of 4');
  return [n!, c!, h!, w!];
}

/** Elements of a constant as float32. */
function numbers(
  { name, type, data }: Pick<TfliteTensor, 'name' | 'type' | 'data'>,
  count: number,
): Float32Array<ArrayBuffer> {
  const bytes = { 0: 4, 1: 2 }[type];
  if (!bytes) throw unsupported(`type ${type} of tensor "${name}"`, '0 (float32) or 1 (float16)');
  if (data.length !== count * bytes) throw unsupported(`tensor "${name}" of ${data.length} bytes`, `${count * bytes}`);
  if (type === 0) return new Float32Array(data.buffer);
  return Float32Array.from(new Uint16Array(data.buffer), fromHalf);
}

function transposed(data: Float32Array, dims: readonly number[], perm: readonly number[]) {
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  const target = perm.map((axis) => dims[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    let rest = at;
    let from = 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      from += (rest % target[axis]!) * steps[axis]!;
      rest = Math.floor(rest / target[axis]!);
    }
    result[at] = data[from]!;
  }
  return { dims: target, data: result };
}

function unsupported(got: string, expected: string): GraphError {
  return new GraphError('GRAPH_UNSUPPORTED', `TensorFlow Lite: ${got} is not supported; expected ${expected}`, {
    hint: 'Use a model of the operations that are known, or convert it to ONNX.',
  });
}

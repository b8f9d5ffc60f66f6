import { describe, expect, test } from 'vitest';
import { OPS } from '#src/engine/runtime/tfjs/ops.js';
import type { ElementType, Tensor } from '#src/graph/types.js';
import { float, fraction, ints, numbers, type OneNode, ran } from './one-node.js';

type Case = Omit<OneNode, 'op'>;

const positive = float([1, 4, 6, 8], ...numbers(192, 3).map((x) => Math.abs(x) + 0.1));
const channel = float([1, 4, 1, 1]);
const weights = (out: number, inner: number, k = 3) => float([out, inner, k, k]);
const vector = (...data: number[]) => float([data.length], ...data);
const bools: Tensor = { type: 'bool', dims: [4], data: Uint8Array.of(1, 0, 1, 0) };
const unary: Case[] = [{}, { between: true }, { dims: [3, 5] }];
const binary: Case[] = [
  { constants: [positive] },
  { constants: [channel] },
  { constants: [channel], between: true },
  { constants: [float([4, 1, 1])], between: true },
  { constants: [float([], 0.7)], between: true },
  { constants: [float([8])], between: true },
  { constants: [float([1, 5])], dims: [3, 5] },
];
const compared = binary.map((one) => ({ ...one, result: 'bool' as ElementType }));
const reduced: Case[] = [
  { attributes: { axes: [2, 3] } },
  { attributes: { axes: [2, 3] }, between: true },
  { attributes: { axes: [1], keepdims: 0 }, between: true },
  { attributes: { axes: [-1] } },
  {},
];
const coordinates = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

/** For every operator of the table, the ways in which networks use it. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  ...Object.fromEntries(
    'Abs Ceil Cos Elu Erf Exp Floor HardSigmoid HardSwish Identity LeakyRelu Neg Relu Round Selu Sigmoid Sign Sin Softplus Softsign Tanh'
      .split(' ')
      .map((op) => [op, unary]),
  ),
  Dropout: [{}, { between: true }],
  Gelu: [{ opset: 20 }, { opset: 20, attributes: { approximate: 'tanh' }, between: true }],
  Log: [{ dims: [2, 3] }],
  Sqrt: [{ dims: [2, 3] }],
  Reciprocal: unary,
  Not: [{ type: 'bool', result: 'bool' }],
  And: [{ type: 'bool', result: 'bool', dims: [4], constants: [bools] }],
  Or: [{ type: 'bool', result: 'bool', dims: [4], constants: [bools] }],
  Where: [{ type: 'bool', dims: [4], constants: [vector(1, 2, 3, 4), vector(5, 6, 7, 8)] }],
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary.map((one) => ({
    ...one,
    constants: one.constants!.map((c) => ({ ...c!, data: (c!.data as Float32Array).map((x) => Math.abs(x) + 0.1) })),
  })),
  Max: binary,
  Min: binary,
  Sum: binary,
  Mean: binary,
  PRelu: [{ constants: [channel] }, { constants: [float([4, 1, 1])], between: true }],
  Pow: [{ constants: [float([], 2)] }, { constants: [float([], 3)], between: true }],
  Equal: compared,
  Greater: compared,
  GreaterOrEqual: compared,
  Less: compared,
  LessOrEqual: compared,
  Clip: [
    { constants: [float([], -0.5), float([], 0.5)] },
    { constants: [undefined, float([], 0.5)], between: true },
    { constants: [float([], 0)] },
  ],
  Cast: [
    { type: 'uint8', attributes: { to: 1 } },
    { attributes: { to: 6 }, result: 'int32', between: true },
    { attributes: { to: 9 }, result: 'bool' },
  ],
  Concat: [
    { constants: [float([1, 2, 6, 8])], attributes: { axis: 1 } },
    { constants: [float([1, 2, 6, 8])], attributes: { axis: -3 }, between: true },
    { constants: [float([1, 4, 6, 3])], attributes: { axis: 3 }, between: true },
  ],
  Expand: [{ dims: [4, 1, 8], constants: [ints(2, 4, 6, 1)] }],
  Flatten: [{}, { attributes: { axis: 2 }, between: true }, { attributes: { axis: -1 } }],
  Gather: [
    { constants: [ints(2, 1, -4)], attributes: { axis: 1 } },
    { constants: [ints(2, 1, 0)], attributes: { axis: 1 }, between: true },
    { constants: [{ type: 'int64', dims: [], data: BigInt64Array.of(1n) }], attributes: { axis: 2 }, between: true },
    { constants: [{ type: 'int64', dims: [2, 2], data: BigInt64Array.of(0n, 1n, 2n, 0n) }], attributes: { axis: 1 } },
  ],
  Reshape: [{ constants: [ints(0, 2, -1, 8)] }, { constants: [ints(192)], between: true }],
  Slice: [
    { constants: [ints(1, 2), ints(5, 1000), ints(2, 3)] },
    { constants: [ints(1, -6), ints(-1, 7), ints(2, 3)], between: true },
    { constants: [ints(0, 7), ints(6, -1000), ints(2, 3), ints(2, -1)], between: true },
    { constants: [ints(0, 1), ints(6, 8), ints(2, 3), ints(1, 3)] },
  ],
  Split: [
    { outputs: 2, attributes: { axis: 1 } },
    { outputs: 2, attributes: { axis: 1 }, constants: [ints(1, 3)], between: true },
  ],
  Squeeze: [{ dims: [1, 4, 1, 8] }, { dims: [1, 4, 6, 8], constants: [ints(-4)], between: true }],
  Unsqueeze: [
    { dims: [4, 6], constants: [ints(0, -1)] },
    { constants: [ints(1)], between: true },
  ],
  Tile: [{ constants: [ints(1, 2, 1, 3)], between: true }],
  Transpose: [
    { attributes: { perm: [0, 2, 3, 1] } },
    { attributes: { perm: [0, 2, 3, 1] }, between: true },
    { attributes: { perm: [0, 3, 1, 2] } },
    { attributes: { perm: [0, 1, 3, 2] }, between: true },
    { dims: [3, 5] },
    { dims: [1, 2, 2, 3, 2, 4], attributes: { perm: [0, 3, 5, 1, 2, 4] } },
  ],
  Pad: [
    ...['constant', 'reflect', 'edge'].flatMap((mode) => [
      { constants: [ints(0, 0, 1, 2, 0, 0, 3, 1)], attributes: { mode } },
      { constants: [ints(0, 0, 1, 2, 0, 0, 3, 1)], attributes: { mode }, between: true },
    ]),
    { constants: [ints(0, 0, -1, 2, 0, 0, 0, 0), float([], 0.5)] },
  ],
  Resize: [
    ...coordinates.flatMap((mode) => [
      {
        constants: [undefined, vector(1, 1, 2, 1.5)],
        attributes: { mode: 'linear', coordinate_transformation_mode: mode },
        between: true,
      },
      {
        constants: [undefined, undefined, ints(1, 4, 5, 12)],
        attributes: { mode: 'linear', coordinate_transformation_mode: mode },
      },
      {
        constants: [undefined, vector(1, 1, 2, 2)],
        attributes: { mode: 'nearest', coordinate_transformation_mode: mode, nearest_mode: 'floor' },
      },
    ]),
    { constants: [undefined, vector(1, 1, 2, 3)], attributes: { mode: 'nearest' }, between: true },
  ],
  Upsample: [{ opset: 9, constants: [vector(1, 1, 2, 3)], attributes: { mode: 'nearest' } }],
  DepthToSpace: [
    { attributes: { blocksize: 2 } },
    { attributes: { blocksize: 2, mode: 'CRD' }, dims: [1, 8, 3, 5], between: true },
  ],
  SpaceToDepth: [{ attributes: { blocksize: 2 } }, { attributes: { blocksize: 2 }, between: true }],
  Conv: [
    { constants: [weights(5, 4)] },
    { constants: [weights(5, 4), float([5])], attributes: { pads: [1, 0, 2, 1], strides: [2, 1] } },
    { constants: [weights(4, 1), float([4])], attributes: { group: 4, pads: [1, 1, 1, 1] } },
    { constants: [weights(8, 1)], attributes: { group: 4 }, between: true },
    { constants: [weights(6, 2)], attributes: { group: 2, auto_pad: 'SAME_UPPER', strides: [2, 2] } },
    { constants: [weights(5, 4)], attributes: { auto_pad: 'SAME_LOWER', strides: [2, 2] } },
    { constants: [weights(5, 4)], attributes: { dilations: [2, 2], pads: [2, 2, 2, 2] } },
    { constants: [weights(5, 4)], attributes: { auto_pad: 'VALID' } },
  ],
  ConvTranspose: [
    { constants: [weights(4, 5)], attributes: { strides: [2, 2] } },
    {
      constants: [weights(4, 5), float([5])],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    },
    { constants: [weights(4, 3, 4)], attributes: { strides: [2, 2], pads: [1, 1, 1, 1] }, between: true },
    { constants: [weights(4, 2)], attributes: { group: 2, strides: [2, 2], pads: [1, 0, 0, 1] } },
    { constants: [weights(4, 2)], attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' } },
  ],
  MaxPool: [
    { attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, between: true },
    { attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  ],
  AveragePool: [
    { attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, between: true },
    { attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 } },
    { attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  ],
  GlobalAveragePool: unary.slice(0, 2),
  GlobalMaxPool: unary.slice(0, 2),
  InstanceNormalization: [
    { constants: [vector(1, 0.5, -1, 2), vector(0, 1, 0.5, -0.5)] },
    {
      constants: [vector(1, 0.5, -1, 2), vector(0, 1, 0.5, -0.5)],
      attributes: { epsilon: fraction(0.1) },
      between: true,
    },
  ],
  BatchNormalization: [
    {
      constants: [vector(1, 0.5, -1, 2), vector(0, 1, 0.5, -0.5), vector(0.1, 0, 1, -1), vector(1, 0.5, 2, 0.1)],
      between: true,
    },
  ],
  ReduceMean: reduced,
  ReduceMax: reduced,
  ReduceMin: reduced,
  ReduceL2: reduced,
  ReduceSumSquare: reduced,
  ReduceSum: [
    { constants: [ints(1)] },
    { constants: [ints(2, 3)], between: true },
    { constants: [ints(1)], attributes: { keepdims: 0 } },
  ],
  Softmax: [{ dims: [3, 5] }, { attributes: { axis: 1 }, between: true }],
  MatMul: [
    { dims: [3, 4], constants: [float([4, 5])] },
    { dims: [2, 3, 4], constants: [float([2, 4, 5])] },
  ],
  Gemm: [
    { dims: [3, 4], constants: [float([4, 5]), float([5])] },
    {
      dims: [4, 3],
      constants: [float([5, 4]), float([3, 5])],
      attributes: { transA: 1, transB: 1, alpha: fraction(0.5), beta: fraction(2) },
    },
  ],
};

describe.each(['cpu', 'wasm'])('tfjs on its backend %s agrees with ONNX Runtime', (backend) => {
  test.each(Object.entries(CASES))('%s', async (op, cases) => {
    for (const one of cases) {
      const [expected, got] = await Promise.all([
        ran({ op, ...one }, 'onnx', 'cpu'),
        ran({ op, ...one }, 'tfjs', backend),
      ]);
      expect(got.map(({ dims }) => dims)).toEqual(expected.map(({ dims }) => dims));
      got.forEach(({ data }, n) => {
        const worst = data.reduce((most, value, i) => {
          const right = expected[n]!.data[i]!;
          // Roots and logarithms of negative numbers are none, in both.
          return Number.isNaN(right) && Number.isNaN(value)
            ? most
            : Math.max(most, Math.abs(value - right) / (1 + Math.abs(right)));
        }, 0);
        expect(worst, JSON.stringify(one.attributes)).toBeLessThan(1e-5);
      });
    }
  });
});

test('every operator of the table has a case', () => {
  expect([...OPS.keys()].filter((op) => !(op in CASES))).toEqual([]);
});

test('unsupported operators are named in an error before anything runs', async () => {
  const cubic = { op: 'Resize', constants: [undefined, vector(1, 1, 2, 2)], attributes: { mode: 'cubic' } };
  await expect(ran(cubic, 'tfjs', 'cpu')).rejects.toMatchObject({
    code: 'ENGINE_OPS',
    message: 'tfjs cannot run this network: it has no Resize in mode cubic.',
    hint: 'Use --device cpu, webgpu or another device of ONNX Runtime.',
  });
  await expect(ran({ op: 'LRN', attributes: { size: 3 } }, 'tfjs', 'cpu')).rejects.toMatchObject({
    message: 'tfjs cannot run this network: it has no LRN.',
  });
});

test('the error for a missing backend names its packages', async () => {
  await expect(ran({ op: 'Relu' }, 'tfjs', 'node-gpu')).rejects.toMatchObject({
    code: 'ENGINE_TFJS',
    message: 'tfjs:node-gpu cannot be used: @tensorflow/tfjs-node-gpu is not installed.',
    hint: 'Install @tensorflow/tfjs-node-gpu, or use another device.',
  });
});

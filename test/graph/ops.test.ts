import { describe, expect, it } from 'vitest';
import { type AttributeValue, GraphBuilder, type Value } from '#src/graph/builder.js';
import { OPS } from '#src/graph/ops/table.js';
import type { ElementType } from '#src/graph/types.js';
import { raiseOpset, run, wave } from './run.js';
import { verify } from './verify.js';

type Input =
  | number[]
  | { type: ElementType; dims: number[] }
  | { ints: number[] }
  | { floats: number[] }
  | { scalar: number }
  | null;
type Case = [op: string, inputs: Input[], attributes?: Record<string, AttributeValue>, outputs?: number];

const image = [2, 4, 6, 8];
const flags = { type: 'bool' as const, dims: [2, 4, 1, 8] };
const unary =
  'Abs Ceil Cos Elu Erf Exp Floor HardSigmoid HardSwish Identity LeakyRelu Log Neg Reciprocal Relu Round Sigmoid Sign Sin Softmax Softplus Sqrt Tanh';
const binary = 'Add Div Mul PRelu Sub Equal Greater GreaterOrEqual Less LessOrEqual Pow';
const variadic = 'Max Mean Min Sum';
const reductions = 'ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare';

const cases: Case[] = [
  ...unary.split(' ').map((op): Case => [op, [image]]),
  ...binary.split(' ').map((op): Case => [op, [image, [4, 1, 8]]]),
  ...variadic.split(' ').map((op): Case => [op, [image, [4, 1, 8], [1]]]),
  ...reductions.split(' ').flatMap((op): Case[] => [
    [op, [image], { axes: [1, -1], keepdims: 0 }],
    [op, [image], { axes: [2], keepdims: 1 }],
    [op, [image]],
    [op, [image, { ints: [0, 3] }]],
  ]),
  ['ReduceSum', [image], { noop_with_empty_axes: 1 }],
  ['Mod', [image, [8]], { fmod: 1 }],
  ['Not', [flags]],
  ['And', [flags, { type: 'bool', dims: [6, 1] }]],
  ['Or', [flags, { type: 'bool', dims: [6, 1] }]],
  ['Where', [flags, image, [1]]],
  ['Clip', [image, { scalar: 0 }, { scalar: 1 }]],
  ['Clip', [image, null, { scalar: 1 }]],
  ['Cast', [image], { to: 10 }],
  ['Cast', [image], { to: 2 }],
  ['QuantizeLinear', [image, [], { type: 'uint8', dims: [] }]],
  ['DequantizeLinear', [{ type: 'uint8', dims: image }, [4], { type: 'uint8', dims: [4] }], { axis: 1 }],
  ['DequantizeLinear', [{ type: 'uint8', dims: image }, []]],
  ['Transpose', [image], { perm: [0, 2, 3, 1] }],
  ['Transpose', [image]],
  ['Reshape', [image, { ints: [0, -1, 8] }]],
  ['Reshape', [image, { ints: [384] }]],
  ['Flatten', [image], { axis: 2 }],
  ['Flatten', [image], { axis: -1 }],
  ['Squeeze', [[1, 4, 1], { ints: [-1] }]],
  ['Squeeze', [[1, 4, 1]]],
  ['Squeeze', [[1, 4, 1]], { axes: [0] }],
  ['Unsqueeze', [[4, 5], { ints: [0, -1] }]],
  ['Unsqueeze', [[4, 5]], { axes: [1] }],
  ['Expand', [[4, 1, 8], { ints: [2, 1, 6, 1] }]],
  ['Tile', [[2, 3], { ints: [2, 4] }]],
  ['Concat', [image, [2, 3, 6, 8]], { axis: 1 }],
  ['Concat', [image, image], { axis: -1 }],
  ['Split', [image, { ints: [1, 3] }], { axis: 1 }, 2],
  ['Split', [image], { axis: -2 }, 3],
  ['Slice', [image, { ints: [1, -3] }, { ints: [5, 1000] }, { ints: [2, 3] }]],
  ['Slice', [image, { ints: [-1] }, { ints: [-100] }, { ints: [3] }, { ints: [-2] }]],
  ['Slice', [image, { ints: [0, 2] }, { ints: [9, 3] }]],
  ['Slice', [image, { ints: [1] }, { ints: [8] }, { ints: [-1] }, { ints: [3] }]],
  ['Gather', [image, { ints: [3, 0, 1] }], { axis: 1 }],
  ['Gather', [image, { type: 'int64', dims: [1, 2] }]],
  ['Pad', [image, { ints: [0, 0, 2, 3, 0, 0, 1, 4] }], { mode: 'reflect' }],
  ['Pad', [image, { ints: [0, 0, 2, 3, 0, 0, 1, 4] }], { mode: 'edge' }],
  ['Pad', [image, { ints: [0, 1, -2, 3, 0, 0, 1, -4] }, { scalar: 0.5 }]],
  ['Resize', [image, null, { floats: [1, 1, 2, 1.5] }], { mode: 'linear' }],
  ['Resize', [image, null, { floats: [1, 1, 0.5, 0.3] }], { mode: 'nearest' }],
  [
    'Resize',
    [image, null, null, { ints: [2, 4, 9, 5] }],
    { mode: 'cubic', coordinate_transformation_mode: 'align_corners' },
  ],
  ['SpaceToDepth', [image], { blocksize: 2 }],
  ['DepthToSpace', [image], { blocksize: 2, mode: 'CRD' }],
  ['Shape', [image]],
  ['Shape', [image], { start: 1, end: -1 }],
  ['ConstantOfShape', [{ ints: [2, 3] }], { value: { type: 'int32', dims: [1], data: Int32Array.of(7) } }],
  ['ConstantOfShape', [{ ints: [2, 3] }]],
  ['Conv', [image, [5, 4, 3, 3], [5]], { pads: [1, 1, 1, 1] }],
  ['Conv', [image, [6, 2, 3, 2]], { group: 2, strides: [2, 3], dilations: [1, 2], pads: [1, 0, 2, 1] }],
  ['Conv', [image, [5, 4, 3, 3]], { auto_pad: 'SAME_UPPER', strides: [4, 3] }],
  ['Conv', [image, [5, 4, 3, 3]], { auto_pad: 'VALID' }],
  ['ConvTranspose', [image, [4, 3, 3, 3], [3]], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }],
  ['ConvTranspose', [image, [4, 3, 4, 2]], { group: 2, strides: [2, 3], dilations: [2, 1] }],
  ['ConvTranspose', [image, [4, 3, 3, 3]], { auto_pad: 'SAME_LOWER', strides: [2, 2] }],
  ['ConvTranspose', [image, [4, 3, 3, 3]], { output_shape: [12, 16], strides: [2, 2] }],
  ['MaxPool', [image], { kernel_shape: [2, 2], strides: [2, 2] }, 2],
  ['MaxPool', [[1, 2, 7, 9]], { kernel_shape: [3, 2], strides: [2, 4], ceil_mode: 1, pads: [1, 0, 1, 1] }],
  ['AveragePool', [image], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }],
  ['AveragePool', [[1, 2, 7, 9]], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }],
  ['GlobalAveragePool', [image]],
  ['InstanceNormalization', [image, [4], [4]], { epsilon: 1e-3 }],
  ['BatchNormalization', [image, [4], [4], [4], [4]]],
  [
    'MatMul',
    [
      [3, 1, 2, 5],
      [4, 5, 6],
    ],
  ],
  ['MatMul', [[5], [2, 5, 6]]],
  ['MatMul', [[3, 5], [5]]],
  ['Gemm', [[2, 5], [5, 3], [3]], { alpha: 0.5 }],
  [
    'Gemm',
    [
      [5, 2],
      [3, 5],
    ],
    { transA: 1, transB: 1 },
  ],
  ['GridSample', [image, [2, 3, 5, 2]], { mode: 'bilinear', padding_mode: 'border', align_corners: 1 }],
];

function value(b: GraphBuilder, input: Input, i: number): Value | undefined {
  if (input === null) return undefined;
  if ('ints' in input) return b.ints(input.ints);
  if ('floats' in input) return b.constant('float32', [input.floats.length], input.floats);
  if ('scalar' in input) return b.scalar('float32', input.scalar);
  const { type, dims } = Array.isArray(input) ? { type: 'float32' as const, dims: input } : input;
  return b.input(`x${i}`, type, dims);
}

describe.each([17, 21])('opset %i', (opset) => {
  it.each(cases)(
    '%s %j %j has the shape and type that ONNX Runtime gives it',
    async (op, inputs, attributes, outputs) => {
      const b = new GraphBuilder();
      const extra = raiseOpset(b, opset);
      const values = inputs.map((input, i) => value(b, input, i));
      const results = b.ops(op, values, attributes, { outputs: outputs ?? 1 });
      for (const [i, result] of results.entries()) b.output(`out${i}`, result);
      b.output('extra', extra);
      const model = b.build();
      expect(model.opsets.get('')).toBe(opset);
      verify(model.graph);
      const feeds = values.filter((each) => each?.name.startsWith('x')) as Value[];
      const got = await run(
        model,
        Object.fromEntries(feeds.map((each, i) => [each.name, wave(each.type, each.dims as number[], i)])),
      );
      results.forEach((result, i) => {
        expect({ type: got[`out${i}`]!.type, dims: [...got[`out${i}`]!.dims] }).toEqual({
          type: result.type,
          dims: result.dims,
        });
      });
    },
  );
});

it('has a case for every op of the table', () => {
  expect([...OPS.keys()].filter((op) => !cases.some(([tested]) => tested === op))).toEqual([]);
});

describe('symbolic sizes', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [1, 3, 'height', 'width']);
  it('come back to themselves when divided and multiplied', () => {
    const small = b.op('SpaceToDepth', [x], { blocksize: 4 });
    expect(small.dims).toEqual([1, 48, 'height/4', 'width/4']);
    const twice = b.op('Resize', [small, undefined, b.constant('float32', [4], [1, 1, 2, 2])], { mode: 'linear' });
    expect(twice.dims).toEqual([1, 48, 'height/2', 'width/2']);
    const full = b.op('DepthToSpace', [small], { blocksize: 4 });
    expect(b.op('Add', [x, full]).dims).toEqual([1, 3, 'height', 'width']);
  });
  it('follow padding, cutting and windows', () => {
    const padded = b.op('Pad', [x, b.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
    expect(padded.dims).toEqual([1, 3, 'height+2', 'width+2']);
    const weights = b.constant('float32', [8, 3, 3, 3], new Float32Array(216));
    expect(b.op('Conv', [padded, weights]).dims).toEqual([1, 8, 'height', 'width']);
    expect(b.op('Conv', [x, weights], { strides: [2, 2], pads: [1, 1, 1, 1] }).dims).toEqual([
      1,
      8,
      '(height+1)/2',
      '(width+1)/2',
    ]);
    expect(b.op('Slice', [padded, b.ints([1]), b.ints([-1]), b.ints([2])]).dims).toEqual([1, 3, 'height', 'width+2']);
    expect(b.op('Reshape', [x, b.ints([1, 3, -1])]).dims).toEqual([1, 3, 'height*width']);
  });
  it('come back from sums as well', () => {
    const padded = b.op('Pad', [x, b.ints([0, 0, 8, 8, 0, 0, 8, 8])], { mode: 'reflect' });
    const halved = b.op('SpaceToDepth', [padded], { blocksize: 2 });
    const weights = b.constant('float32', [4, 12, 4, 4], new Float32Array(4 * 12 * 16));
    const quarter = b.op('Conv', [halved, weights], { strides: [2, 2], pads: [1, 1, 1, 1] });
    expect(quarter.dims).toEqual([1, 4, '(height+16)/4', '(width+16)/4']);
    const raised = b.op('DepthToSpace', [quarter], { blocksize: 2 });
    expect(raised.dims).toEqual([1, 1, '(height+16)/2', '(width+16)/2']);
    const whole = b.op('Resize', [raised, undefined, b.constant('float32', [4], [1, 1, 2, 2])], { mode: 'linear' });
    expect(b.op('Slice', [whole, b.ints([8, 8]), b.ints([-8, -8]), b.ints([2, 3])]).dims).toEqual([
      1,
      1,
      'height',
      'width',
    ]);
  });
  it('that differ do not broadcast', () => {
    const y = b.input('y', 'float32', [1, 3, 'rows', 'width']);
    expect(() => b.op('Add', [x, y], {}, { name: 'a' })).toThrow(
      'Add "a": expected shapes that broadcast, got [1, 3, height, width] and [1, 3, rows, width]',
    );
  });
});

describe('errors name op, expected and got', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [1, 3, 8, 8]);
  const w = b.input('w', 'float32', [4, 2, 3, 3]);
  const n = b.input('n', 'int64', [3]);
  it.each<[string, string, () => unknown]>([
    ['GRAPH_UNKNOWN_OP', '"Convolve" is not in the op table', () => b.op('Convolve', [x])],
    [
      'GRAPH_SHAPE',
      'Conv "c": expected 2 input channels for weights [4, 2, 3, 3], got [1, 3, 8, 8]',
      () => b.op('Conv', [x, w], {}, { name: 'c' }),
    ],
    ['GRAPH_INPUTS', 'Conv "c": expected 2 to 3 inputs, got 1', () => b.op('Conv', [x], {}, { name: 'c' })],
    [
      'GRAPH_ATTRIBUTE',
      'Relu "r": expected attributes none, got slope',
      () => b.op('Relu', [x], { slope: 1 }, { name: 'r' }),
    ],
    [
      'GRAPH_ATTRIBUTE',
      'Concat "k": expected attribute axis of kind int, got ints',
      () => b.op('Concat', [x], { axis: [1] }, { name: 'k' }),
    ],
    [
      'GRAPH_SHAPE',
      'Add "a": expected input 1 of type float32, like input 0, got int64',
      () => b.op('Add', [x, n], {}, { name: 'a' }),
    ],
    [
      'GRAPH_SHAPE',
      'Pad "p": expected pads below the 8 of axis 3 to reflect, got [0, 0, 0, 8, 0, 0, 0, 0]',
      () => b.op('Pad', [x, b.ints([0, 0, 0, 8, 0, 0, 0, 0])], { mode: 'reflect' }, { name: 'p' }),
    ],
    [
      'GRAPH_SHAPE',
      'Reshape "s": expected a shape of 192 elements, got [5, -1]',
      () => b.op('Reshape', [x, b.ints([5, -1])], {}, { name: 's' }),
    ],
    [
      'GRAPH_OUTPUTS',
      'Relu "r": expected 1 to 1 outputs, got 2',
      () => b.ops('Relu', [x], {}, { outputs: 2, name: 'r' }),
    ],
    ['GRAPH_DUPLICATE', 'value "x": expected a new name, got one that is taken', () => b.input('x', 'float32', [])],
    [
      'GRAPH_UNDEFINED',
      'Relu: expected values of this graph, got "x" [2] of another',
      () => b.op('Relu', [new GraphBuilder().input('x', 'float32', [2])]),
    ],
    [
      'GRAPH_SHAPE',
      'constant float32 [2, 2]: expected 4 elements, got 3',
      () => b.constant('float32', [2, 2], [1, 2, 3]),
    ],
  ])('%s: %s', (code, message, act) => {
    expect(act).toThrow(expect.objectContaining({ code, message }));
  });
});

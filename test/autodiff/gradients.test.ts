import { describe, expect, it } from 'vitest';
import { backward } from '#src/autodiff/backward.js';
import { GRADIENTS } from '#src/autodiff/gradient-table.js';
import { type AttributeValue, GraphBuilder, type Value } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { numbers, run } from '../graph/run.js';
import { verify } from '../graph/verify.js';
import { type Doubles, interpret } from './interpreter.js';

type Input = number[] | { ints: number[] } | { floats: number[] } | { scalar: number } | { flags: number[] } | null;
interface Case {
  op: string;
  inputs: Input[];
  attributes?: Record<string, AttributeValue>;
  outputs?: number;
  /** Shifts and scales the inputs into the domain of the op. */
  from?: [low: number, high: number];
}

const image = [2, 2, 4, 6];
const smooth = 'Abs Cos Elu Erf Exp HardSigmoid Identity LeakyRelu Neg Relu Sigmoid Sin Softmax Softplus Tanh';
const flat = 'Ceil Floor Round Sign';
const positive = 'Log Reciprocal Sqrt';
const pairs = 'Add Sub Mul Div Max Min Sum Mean';
const reductions = 'ReduceSum ReduceMean ReduceSumSquare ReduceL1 ReduceL2 ReduceProd ReduceMax ReduceMin';

const cases: Case[] = [
  ...`${smooth} ${flat}`.split(' ').map((op) => ({ op, inputs: [image] })),
  ...positive.split(' ').map((op): Case => ({ op, inputs: [image], from: [0.5, 2] })),
  ...pairs.split(' ').flatMap((op): Case[] => [
    { op, inputs: [image, image], from: [0.5, 2] },
    { op, inputs: [image, [2, 1, 6]], from: [0.5, 2] },
    {
      op,
      inputs: [
        [4, 1],
        [2, 1, 1, 6],
      ],
      from: [0.5, 2],
    },
  ]),
  { op: 'Sum', inputs: [image, [6], image] },
  { op: 'Pow', inputs: [image, [4, 1]], from: [0.5, 2] },
  { op: 'Pow', inputs: [image, { scalar: 3 }], from: [0.5, 2] },
  { op: 'PRelu', inputs: [image, [2, 1, 1]] },
  { op: 'LeakyRelu', inputs: [image], attributes: { alpha: 0.3 } },
  { op: 'Softmax', inputs: [image], attributes: { axis: 1 } },
  { op: 'Clip', inputs: [image, { scalar: -0.3 }, { scalar: 0.4 }] },
  { op: 'Clip', inputs: [image, null, { scalar: 0.4 }] },
  { op: 'Where', inputs: [{ flags: [4, 6] }, image, [2, 1, 1]] },
  { op: 'Cast', inputs: [image], attributes: { to: 1 } },
  ...reductions.split(' ').flatMap((op): Case[] => [
    { op, inputs: [image], attributes: { axes: [1, 2], keepdims: 0 }, from: [0.5, 2] },
    { op, inputs: [image], attributes: { axes: [-1] } },
    { op, inputs: [[3, 2]] },
  ]),
  { op: 'ReduceSum', inputs: [image, { ints: [0, 3] }] },
  { op: 'Transpose', inputs: [image], attributes: { perm: [2, 0, 3, 1] } },
  { op: 'Transpose', inputs: [[2, 3, 4]] },
  { op: 'Reshape', inputs: [image, { ints: [4, -1] }] },
  { op: 'Flatten', inputs: [image], attributes: { axis: 2 } },
  { op: 'Squeeze', inputs: [[1, 4, 1], { ints: [-1] }] },
  { op: 'Unsqueeze', inputs: [[4, 2], { ints: [1] }] },
  { op: 'Expand', inputs: [[2, 1, 6], { ints: [3, 1, 4, 6] }] },
  { op: 'Concat', inputs: [image, [2, 1, 4, 6], [2, 3, 4, 6]], attributes: { axis: 1 } },
  {
    op: 'Concat',
    inputs: [
      [2, 3],
      [2, 1],
    ],
    attributes: { axis: -1 },
  },
  { op: 'Split', inputs: [image, { ints: [1, 3] }], attributes: { axis: 2 }, outputs: 2 },
  { op: 'Slice', inputs: [image, { ints: [1, -3] }, { ints: [3, 1000] }, { ints: [2, 3] }] },
  { op: 'Slice', inputs: [image, { ints: [-1, 3] }, { ints: [-100, 0] }, { ints: [3, 2] }, { ints: [-1, -1] }] },
  { op: 'Pad', inputs: [image, { ints: [0, 0, 2, 3, 0, 0, 1, 4] }], attributes: { mode: 'reflect' } },
  { op: 'Pad', inputs: [image, { ints: [0, 0, 3, 5, 0, 0, 3, 5] }], attributes: { mode: 'reflect' } },
  { op: 'Pad', inputs: [image, { ints: [0, 0, 2, 3, 0, 0, 0, 4] }], attributes: { mode: 'edge' } },
  { op: 'Pad', inputs: [image, { ints: [0, 1, -1, 3, 0, 0, 2, -4] }] },
  {
    op: 'Resize',
    inputs: [image, null, { floats: [1, 1, 2, 3] }],
    attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  },
  { op: 'Resize', inputs: [image, null, { floats: [1, 1, 2, 3] }], attributes: { mode: 'linear' } },
  {
    op: 'Resize',
    inputs: [image, null, { floats: [1, 1, 0.5, 1.5] }],
    attributes: { mode: 'linear', coordinate_transformation_mode: 'asymmetric' },
  },
  {
    op: 'Resize',
    inputs: [image, null, null, { ints: [2, 2, 7, 3] }],
    attributes: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
  },
  { op: 'SpaceToDepth', inputs: [image], attributes: { blocksize: 2 } },
  { op: 'DepthToSpace', inputs: [[2, 8, 2, 3]], attributes: { blocksize: 2 } },
  { op: 'DepthToSpace', inputs: [[2, 8, 2, 3]], attributes: { blocksize: 2, mode: 'CRD' } },
  { op: 'Conv', inputs: [image, [3, 2, 3, 3], [3]], attributes: { pads: [1, 1, 1, 1] } },
  { op: 'Conv', inputs: [image, [3, 2, 3, 2]] },
  { op: 'Conv', inputs: [image, [3, 2, 1, 1]] },
  {
    op: 'Conv',
    inputs: [
      [1, 2, 5, 5],
      [3, 2, 3, 3],
    ],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  // A stride that divides the kernel: all of the picture is read, then all but its last row and column.
  { op: 'Conv', inputs: [[2, 2, 6, 8], [3, 2, 4, 2], [3]], attributes: { strides: [2, 2] } },
  {
    op: 'Conv',
    inputs: [
      [2, 2, 5, 7],
      [3, 2, 2, 4],
    ],
    attributes: { strides: [2, 2], pads: [0, 1, 0, 1] },
  },
  { op: 'Conv', inputs: [image, [3, 2, 3, 2], [3]], attributes: { strides: [2, 3], pads: [1, 0, 0, 1] } },
  { op: 'Conv', inputs: [image, [2, 1, 3, 3]], attributes: { group: 2, pads: [1, 1, 1, 1] } },
  { op: 'Conv', inputs: [image, [2, 1, 2, 4], [2]], attributes: { group: 2, strides: [2, 2], pads: [0, 1, 0, 1] } },
  {
    op: 'ConvTranspose',
    inputs: [image, [2, 3, 3, 3], [3]],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  },
  {
    op: 'ConvTranspose',
    inputs: [
      [1, 2, 3, 3],
      [2, 2, 2, 3],
    ],
    attributes: { strides: [2, 1], pads: [0, 1, 1, 0] },
  },
  {
    op: 'MatMul',
    inputs: [
      [2, 3, 4],
      [2, 4, 2],
    ],
  },
  {
    op: 'MatMul',
    inputs: [
      [2, 1, 3, 4],
      [2, 4, 2],
    ],
  },
  {
    op: 'MatMul',
    inputs: [
      [3, 4],
      [2, 4, 1],
    ],
  },
  ...[0, 1].flatMap((transA) =>
    [0, 1].map(
      (transB): Case => ({
        op: 'Gemm',
        inputs: [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], [2]],
        attributes: { transA, transB, alpha: 0.5, beta: 3 },
      }),
    ),
  ),
  {
    op: 'Gemm',
    inputs: [
      [3, 1],
      [1, 2],
      [1, 1],
    ],
  },
  { op: 'MaxPool', inputs: [image], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'AveragePool', inputs: [image], attributes: { kernel_shape: [2, 3], strides: [2, 3] } },
  { op: 'GlobalAveragePool', inputs: [image] },
  { op: 'InstanceNormalization', inputs: [image, [2], [2]], attributes: { epsilon: 0.01 } },
];

/** Distinct values that stay clear of kinks and ties: no two closer than 1e-3, none within 0.01 of a multiple of 0.1. */
function values(dims: number[], seed: number, [low, high]: [number, number]): Doubles {
  const size = dims.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, i) => {
    const share = ((i * 7919 + seed * 104729) % 100_003) / 100_003;
    const value = low + (high - low) * share;
    const off = value * 10 - Math.round(value * 10);
    return Math.fround(Math.abs(off) < 0.1 ? value + 0.02 : value);
  });
  return { dims, data };
}

describe('every gradient equals finite differences in double precision, and ONNX Runtime computes the same', () => {
  it.each(cases)('$op $inputs $attributes', async ({ op, inputs, attributes, outputs, from }) => {
    const b = new GraphBuilder();
    const feeds: Record<string, Doubles> = {};
    const parameters: Value[] = [];
    const given = inputs.map((input, i): Value | undefined => {
      if (input === null) return undefined;
      if ('ints' in input) return b.ints(input.ints);
      if ('floats' in input) return b.constant('float32', [input.floats.length], input.floats);
      if ('scalar' in input) return b.scalar('float32', input.scalar);
      if ('flags' in input) {
        const size = input.flags.reduce((product, dim) => product * dim, 1);
        return b.constant(
          'bool',
          input.flags,
          Array.from({ length: size }, (_, at) => Number(at % 3 === 0)),
        );
      }
      feeds[`x${i}`] = values(input, i + 1, from ?? [-1, 1]);
      const parameter = b.input(`x${i}`, 'float32', input);
      parameters.push(parameter);
      return parameter;
    });
    // Each output element counts with a weight of its own, so that no error can cancel.
    const results = b.ops(op, given, attributes, { outputs: outputs ?? 1 });
    const losses = results.map((result, i) => {
      const dims = result.dims.map(Number);
      const weights = values(dims, 31 + i, [-1, 1]);
      return b.op('ReduceSum', [b.op('Mul', [result, b.constant('float32', dims, [...weights.data])])], {
        keepdims: 0,
      });
    });
    const loss = losses.reduce((sum, next) => b.op('Add', [sum, next]));
    b.output('loss', loss);
    backward(b, loss, parameters).forEach((grad, i) => {
      expect(grad.dims).toEqual(parameters[i]!.dims);
      b.output(`grad_${parameters[i]!.name}`, grad);
    });
    const model = b.build();
    verify(model.graph);
    const oracle = interpret(model.graph, feeds);

    const step = 1e-6;
    for (const { name } of parameters) {
      const { dims, data } = feeds[name]!;
      const lossAt = (i: number, delta: number) =>
        interpret(model.graph, { ...feeds, [name]: { dims, data: data.with(i, data[i]! + delta) } }).loss!.data[0]!;
      const grad = oracle[`grad_${name}`]!.data;
      data.forEach((_, i) => {
        const slope = (lossAt(i, step) - lossAt(i, -step)) / (2 * step);
        expect(Math.abs(grad[i]! - slope), `${name}[${i}]: ${grad[i]} and ${slope}`).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(slope)),
        );
      });
    }

    const single = await run(
      model,
      Object.fromEntries(
        parameters.map(({ name }) => [name, tensor('float32', feeds[name]!.dims, [...feeds[name]!.data])]),
      ),
    );
    for (const [name, { dims, data }] of Object.entries(oracle)) {
      expect([...single[name]!.dims]).toEqual(dims);
      const scale = Math.max(1, ...data.map(Math.abs));
      numbers(single[name]!).forEach((value, i) => {
        expect(Math.abs(value - data[i]!), `${name}[${i}]`).toBeLessThan(2e-5 * scale);
      });
    }
  });

  it('leaves out no op of the table', () => {
    expect([...GRADIENTS.keys()].filter((op) => !cases.some((each) => each.op === op))).toEqual([]);
  });
});

describe('the gradient of x xᵀ', () => {
  it('takes one product over the long axis, and equals finite differences', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [2, 3, 7]);
    const square = b.op('MatMul', [x, b.op('Transpose', [x], { perm: [0, 2, 1] })]);
    const weights = b.constant('float32', [2, 3, 3], [...values([2, 3, 3], 5, [-1, 1]).data]);
    const loss = b.op('ReduceSum', [b.op('Mul', [square, weights])], { keepdims: 0 });
    const [grad] = backward(b, loss, [x]);
    b.output('loss', loss);
    b.output('grad', grad!);
    const { graph } = b.build();
    expect(graph.nodes.filter(({ op }) => op === 'MatMul')).toHaveLength(2);
    const { dims, data } = values([2, 3, 7], 1, [-1, 1]);
    const at = (i: number, delta: number) => interpret(graph, { x: { dims, data: data.with(i, data[i]! + delta) } });
    data.forEach((_, i) => {
      const slope = (at(i, 1e-6).loss!.data[0]! - at(i, -1e-6).loss!.data[0]!) / 2e-6;
      expect(at(i, 0).grad!.data[i]).toBeCloseTo(slope, 6);
    });
  });
});

describe('backward', () => {
  it('adds up what reaches a parameter on several ways, and stops where it is told', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [3]);
    const w = b.input('w', 'float32', [3]);
    const square = b.op('Mul', [x, x]);
    const target = b.op('Mul', [square, w]);
    const loss = b.op('ReduceSum', [b.op('Add', [b.op('Mul', [square, target]), x])], { keepdims: 0 });
    // d/dx of x² · stop(x² w) + x, not of x⁴ w + x.
    const [dx, dw] = backward(b, loss, [x, w], new Set([target]));
    b.output('dx', dx!);
    b.output('dw', dw!);
    const got = await run(b.build(), { x: tensor('float32', [3], [1, 2, 3]), w: tensor('float32', [3], [1, 1, 2]) });
    expect(numbers(got.dx!)).toEqual([3, 17, 109]);
    expect(numbers(got.dw!)).toEqual([0, 0, 0]);
  });

  it('computes nothing for constants', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [1, 2, 8, 8]);
    const y = b.op('Conv', [x, b.constant('float32', [2, 2, 3, 3], new Float32Array(36))]);
    const [dx] = backward(b, b.op('ReduceMean', [y]), [x]);
    b.output('dx', dx!);
    expect(b.build().graph.nodes.some(({ op }) => op === 'Gemm')).toBe(false);
  });

  it.each<[string, string, (b: GraphBuilder, x: Value) => unknown]>([
    ['GRAPH_SHAPE', 'backward: expected a loss of one number, got [1, 1, 4, 4]', (b, x) => backward(b, x, [x])],
    [
      'GRAPH_NO_GRADIENT',
      'Mod "m": has no gradient',
      (b, x) => backward(b, b.op('ReduceSum', [b.op('Mod', [x, x], { fmod: 1 }, { name: 'm' })]), [x]),
    ],
    [
      'GRAPH_NO_GRADIENT',
      'MaxPool "p": no gradient for windows that overlap',
      (b, x) => backward(b, b.op('ReduceSum', [b.op('MaxPool', [x], { kernel_shape: [2, 2] }, { name: 'p' })]), [x]),
    ],
    [
      'GRAPH_NO_GRADIENT',
      'Slice "s": no gradient for step 2',
      (b, x) =>
        backward(
          b,
          b.op('ReduceSum', [
            b.op('Slice', [x, b.ints([0]), b.ints([4]), b.ints([2]), b.ints([2])], {}, { name: 's' }),
          ]),
          [x],
        ),
    ],
    [
      'GRAPH_NO_GRADIENT',
      'Conv "c": no gradient with dilations or auto_pad',
      (b, x) =>
        backward(
          b,
          b.op('ReduceSum', [
            b.op('Conv', [x, b.constant('float32', [1, 1, 2, 2], [1, 2, 3, 4])], { dilations: [2, 2] }, { name: 'c' }),
          ]),
          [x],
        ),
    ],
  ])('%s: %s', (code, message, act) => {
    const b = new GraphBuilder();
    expect(() => act(b, b.input('x', 'float32', [1, 1, 4, 4]))).toThrow(expect.objectContaining({ code, message }));
  });
});

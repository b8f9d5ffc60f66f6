import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { adaptToCpu } from '#src/engine/runtime/onnx/adapt-cpu.js';
import { wrapNetwork } from '#src/engine/wrap/wrap.js';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Model } from '#src/graph/types.js';
import { type Norm, network, small, styleOf, weights } from '../../networks.js';
import { difference, scene } from '../../pictures.js';

const picture = { width: 72, height: 48 };
const frame = scene(picture.width, picture.height);

const opsOf = (model: Uint8Array) => readModel(model).graph.nodes.map(({ op }) => op);
const count = (ops: readonly string[], wanted: string) => ops.filter((op) => op === wanted).length;

function wrapped(net: Model, { strength = 1, input = {} } = {}): Uint8Array {
  const { manifest } = styleOf(net, { input: { multiple: 12, ...input } });
  return writeModel(wrapNetwork(net, manifest, { picture, look: { strength, keepColors: false } }));
}

/** As ONNX Runtime paints it when nothing more is done to the model. */
async function paint(model: Uint8Array): Promise<Uint8Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const { result } = await session.run({ frame: new Tensor('uint8', frame, [1, picture.height, picture.width, 3]) });
  await session.release();
  return result!.data as Uint8Array;
}

const mixed = (g: GraphBuilder, x: Value, to: number, seed = 1) =>
  g.op('Conv', [x, weights(g, [to, Number(x.dims[1]), 1, 1], 1, seed)]);
const smaller = (g: GraphBuilder, x: Value, by: number) =>
  g.op('AveragePool', [x], { kernel_shape: [by, by], strides: [by, by] });
const filled = (g: GraphBuilder, dims: readonly number[], value: number) =>
  g.constant('float32', dims, new Float32Array(dims[0]!).fill(value));

function normal(g: GraphBuilder, x: Value): Value {
  const dims = [Number(x.dims[1])];
  return g.op('InstanceNormalization', [x, filled(g, dims, 1), filled(g, dims, 0.2)], { epsilon: 1e-5 });
}

/** Something at half the size, brought back by linear interpolation. */
function restored(channels: number, change: (g: GraphBuilder, half: Value) => Value): Model {
  return network((g, x) => {
    const half = change(g, mixed(g, smaller(g, x, 2), channels));
    const scales = g.constant('float32', [4], [1, 1, 2, 2]);
    const how = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    return mixed(g, g.op('Resize', [half, undefined, scales], how), 3, 2);
  });
}

const blocks = network((g, x) => g.op('DepthToSpace', [g.op('SpaceToDepth', [x], { blocksize: 2 })], { blocksize: 2 }));
const columns = network((g, x) =>
  g.op('DepthToSpace', [mixed(g, smaller(g, x, 3), 27)], { blocksize: 3, mode: 'CRD' }),
);
const behindNorm = restored(16, normal);
const behindCutNorm = restored(32, (g, x) => g.op('Relu', [normal(g, x)]));
const odd = restored(12, normal);
const behindConvolution = restored(16, (_, x) => x);

test.each<[string, Model]>([
  ...(['none', 'instance', 'means'] as Norm[]).map((norm): [string, Model] => [norm, small(norm)]),
  ['blocks', blocks],
  ['blocks, columns first', columns],
  ['twice the size behind a norm', behindNorm],
  ['and what is cut off', behindCutNorm],
  ['of a number of channels that is no block', odd],
  ['twice the size behind a convolution', behindConvolution],
])('in the words of the CPU a network gives every byte as before: %s', async (_, net) => {
  for (const how of [{}, { strength: 0.7 }, { input: { range: [-1, 1] } }, { input: { mean: [0.45, 0.41, 0.33] } }]) {
    const model = wrapped(net, how);
    const adapted = adaptToCpu(model);
    const { max, mean } = difference(await paint(adapted), await paint(model));
    expect(max, JSON.stringify(how)).toBeLessThanOrEqual(1);
    expect(mean, JSON.stringify(how)).toBeLessThan(0.01);
    expect(count(opsOf(adapted), 'QuantizeLinear')).toBe(1);
  }
});

test('DepthToSpace moves long runs', () => {
  expect(count(opsOf(adaptToCpu(wrapped(blocks))), 'DepthToSpace')).toBe(0);
  expect(count(opsOf(adaptToCpu(wrapped(columns))), 'DepthToSpace')).toBe(1);
});

test.runIf(process.arch === 'x64')('the output of a norm returns to the blocked layout', () => {
  const more = (net: Model) => count(opsOf(adaptToCpu(wrapped(net))), 'Conv') - count(opsOf(wrapped(net)), 'Conv');
  expect([behindNorm, behindCutNorm, odd, behindConvolution].map(more)).toEqual([1, 1, 0, 0]);
});

test('bytes are scaled on input, at any strength, and for each channel', () => {
  const into = (options: object) => count(opsOf(adaptToCpu(wrapped(behindNorm, options))), 'DequantizeLinear');
  expect(into({})).toBe(1);
  expect(into({ strength: 0.7 })).toBe(1);
  expect(into({ input: { std: [0.5, 0.4, 0.3] } })).toBe(1);
});

test('levels that are also an output are kept', () => {
  const g = new GraphBuilder('shown');
  const levels = g.op('Cast', [g.input('frame', 'uint8', [1, 3, 8, 8])], { to: 1 });
  g.output('levels', levels);
  g.output('result', g.op('Mul', [levels, g.scalar('float32', 1 / 255)]));
  expect(opsOf(adaptToCpu(writeModel(g.build())))).toEqual(['Cast', 'Mul']);
});

test('networks without byte inputs are not changed', () => {
  const model = writeModel(network((g, x) => g.op('Relu', [x]), [1, 3, 8, 8]));
  expect(opsOf(adaptToCpu(model))).toEqual(['Relu']);
});

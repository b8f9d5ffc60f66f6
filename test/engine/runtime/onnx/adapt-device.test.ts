import { Tensor } from 'onnxruntime-common';
import { expect, test } from 'vitest';
import { adaptToDevice } from '#src/engine/runtime/onnx/adapt-device.js';
import { openSession } from '#src/engine/runtime/session.js';
import { wrapNetwork } from '#src/engine/wrap/wrap.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Model } from '#src/graph/types.js';
import { failure } from '../../../fixtures/failure.js';
import { type Norm, network, small, styleOf } from '../../networks.js';
import { difference, scene } from '../../pictures.js';

const picture = { width: 70, height: 50 };
const frame = scene(picture.width, picture.height);

function wrapped(net: Model): Uint8Array {
  const { manifest } = styleOf(net, { input: { multiple: 4 } });
  return writeModel(wrapNetwork(net, manifest, { picture, look: { strength: 0.9, keepColors: true } }));
}

async function paint(model: Uint8Array): Promise<Uint8Array> {
  const session = await openSession({ model, provider: 'cpu', threads: 1 });
  const { result } = await session.run({ frame: new Tensor('uint8', frame, [1, picture.height, picture.width, 3]) });
  await session.release();
  return result!.data as Uint8Array;
}

const networks: [string, Model][] = [
  ...(['none', 'instance', 'means'] as Norm[]).map((norm): [string, Model] => [norm, small(norm)]),
  ['blocks', network((g, x) => g.op('DepthToSpace', [g.op('SpaceToDepth', [x], { blocksize: 2 })], { blocksize: 2 }))],
];

test.each(networks)('adapted to GPU providers, a network returns the same bytes: %s', async (_, net) => {
  const model = wrapped(net);
  const adapted = await adaptToDevice(model);
  expect(difference(await paint(adapted), await paint(model)).max).toBeLessThanOrEqual(1);
  const { graph } = readModel(adapted);
  // No bytes are moved, no blocks are left, and nothing about shapes is computed when it runs.
  const ops = new Set(graph.nodes.map(({ op }) => op));
  for (const op of ['SpaceToDepth', 'Shape', 'ConstantOfShape', 'Range']) expect(ops).not.toContain(op);
  for (const { op, inputs, outputs } of graph.nodes) {
    if (op === 'Transpose') expect([inputs[0], outputs[0]]).not.toContain('frame');
    if (op === 'Transpose') expect([inputs[0], outputs[0]]).not.toContain('result');
  }
});

test.each(networks)('half precision changes less than two levels: %s', async (_, net) => {
  const model = wrapped(net);
  const half = await adaptToDevice(model, true);
  const types = new Set([...readModel(half).graph.constants.values()].map(({ type }) => type));
  expect(types).toContain('float16');
  expect(difference(await paint(half), await paint(model)).mean).toBeLessThan(2);
});

test('networks with float inputs stay in single precision', async () => {
  const model = writeModel(network((g, x) => g.op('Relu', [x]), [1, 3, 8, 8]));
  expect(await failure(adaptToDevice(model, true))).toMatchObject({
    code: 'ENGINE_HALF',
    message: 'The network takes or gives fractions; half precision expects bytes.',
  });
});

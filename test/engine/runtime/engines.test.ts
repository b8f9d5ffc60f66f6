import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPainter } from '#src/engine/open.js';
import { probeDevice } from '#src/engine/select/probe-device.js';
import { wrapNetwork } from '#src/engine/wrap/wrap.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { listStyles } from '#src/model/library/list.js';
import { openStyle } from '#src/pipeline/style.js';
import { difference, frameOf, painted, part, scene, texture } from '../pictures.js';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Without norms over the frame: tiles of it are exact. */
const LOCAL = join(import.meta.dirname, '../../fixtures/local-network');
vi.setConfig({ testTimeout: 900_000 });
const home = mkdtempSync(join(tmpdir(), 'stylecast-engines-'));
const before = { ...process.env };

beforeAll(() => Object.assign(process.env, { STYLECAST_HOME: home }));
afterAll(() => {
  for (const name of ['STYLECAST_HOME', 'VK_ICD_FILENAMES', 'XDG_RUNTIME_DIR']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(home, { recursive: true, force: true });
});

const size = { width: 72, height: 40 };
const picture = scene(size.width, size.height);

/** What a runtime has to do for a network: its nodes, with the shapes of their weights, but not the weights. */
function nodesOf(model: Uint8Array): string {
  const { nodes, constants } = readModel(model).graph;
  return nodes
    .map(({ op, attributes, inputs }) => {
      const settings = [...attributes].map(([name, { value }]) => `${name}=${isTensor(value) ? value.dims : value}`);
      return [op, ...settings, ...inputs.map((name) => constants.get(name)?.dims.join('x'))].join();
    })
    .join(';');
}

function isTensor(value: unknown): value is { dims: readonly number[] } {
  return typeof value === 'object' && value !== null && 'dims' in value;
}

const { styles } = await listStyles();
/** One preset of each kind of network: the others are the same graphs with other weights. */
const kinds = new Map<string, string>();
for (const { name } of styles) {
  const nodes = nodesOf((await openStyle(name)).model);
  if (!kinds.has(nodes)) kinds.set(nodes, name);
}

test.each([...kinds.values()])('%s paints the same on tfjs', async (name) => {
  const style = await openStyle(name);
  const right = await painted(style, picture, size.width, size.height, { device: 'cpu' });
  const got = await painted(style, picture, size.width, size.height, { device: 'tfjs:wasm', deviceLimit: 300 });
  expect(got.notes).toContain('Painting on tfjs:wasm.');
  expect(difference(got.data, right.data).max).toBeLessThanOrEqual(1);
});

test('tfjs in plain JavaScript, with strength, kept colours and tiles', async () => {
  const style = await openStyle(LOCAL);
  const options = { strength: 0.7, keepColors: true, compare: true } as const;
  const right = await painted(style, picture, size.width, size.height, { ...options, device: 'cpu' });
  const got = await painted(style, picture, size.width, size.height, {
    ...options,
    device: 'tfjs:cpu',
    deviceLimit: 300,
  });
  expect(difference(got.data, right.data).max).toBeLessThanOrEqual(1);
  const wide = scene(320, 64);
  const whole = await painted(style, wide, 320, 64, { device: 'cpu' });
  const tiled = await painted(style, wide, 320, 64, { device: 'tfjs:wasm', memory: 1e6, deviceLimit: 300 });
  expect(tiled.tiles).toBeGreaterThan(1);
  expect(difference(tiled.data, whole.data).mean).toBeLessThan(1);
});

test('tfjs follows the camera', async () => {
  const style = await openStyle(LOCAL);
  const results: Uint8Array[][] = [];
  for (const device of ['cpu', 'tfjs:wasm'] as const) {
    const opened = await openPainter(style, WIDE, { device, steady: true, deviceLimit: 300, threads: 1 });
    const pictures = [0, 3].map((left) => part(texture(128, 96), 128, left, 0, 96, 96));
    const painted = await Promise.all(pictures.map((data) => opened.painter.paint(frameOf(data, 96, 96))));
    await opened.painter.close();
    expect(opened.steady).toBe(true);
    results.push(painted.map(({ data }) => data));
  }
  for (const at of [0, 1]) expect(difference(results[1]![at]!, results[0]![at]!).max).toBeLessThanOrEqual(1);
});

const WIDE = { width: 96, height: 96 };

test.skipIf(!existsSync(SWIFTSHADER)).each([
  ['', undefined],
  [' in a canvas', { width: 40, height: 40, stride: 8, working: { width: 32, height: 32 } }],
] as const)('WebGPU paints the whole network by itself%s, and the same', async (_, canvas) => {
  Object.assign(process.env, { VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: home });
  const small = { width: 32, height: 32 };
  const style = await openStyle(LOCAL);
  const wrapping = { picture: small, canvas, look: { strength: 0.8, keepColors: true } };
  const model = writeModel(wrapNetwork(readModel(style.model), style.manifest, wrapping));
  const results = [];
  for (const provider of ['cpu', 'webgpu']) {
    const spec = { paint: { model, provider, threads: 1 }, ...(canvas ? { canvas } : {}), compare: false, ...small };
    const job = { spec, sessions: 1, picture: scene(32, 32), measureMs: 1 };
    const { measured, failure } = await probeDevice(job, { limitMs: 600_000 });
    expect(failure).toBeUndefined();
    // Fallback to the CPU is off: what is not mixed ran on the named device.
    expect(measured!.mixed).toBe(false);
    results.push(measured!.result);
  }
  expect(difference(results[1]!, results[0]!).max).toBeLessThanOrEqual(1);
});

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { probeDevice } from '#src/engine/probe-device.js';
import { wrapNetwork } from '#src/engine/wrap.js';
import { readModel } from '#src/graph/onnx-read.js';
import { writeModel } from '#src/graph/onnx-write.js';
import { listStyles } from '#src/model/list.js';
import { openStyle } from '#src/pipeline/style.js';
import { difference, painted, scene } from './pictures.js';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const SHARED = '../shared/models/starter.onnx';
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

const { styles } = await listStyles();
const networks = [...styles.map(({ name }) => name), SHARED];
const size = { width: 72, height: 40 };
const picture = scene(size.width, size.height);

describe.each(networks)('%s', (name) => {
  test.skipIf(name === SHARED && !existsSync(SHARED))('paints the same on tfjs', async () => {
    const style = await openStyle(name);
    const right = await painted(style, picture, size.width, size.height, { device: 'cpu' });
    const got = await painted(style, picture, size.width, size.height, { device: 'tfjs:wasm', deviceLimit: 300 });
    expect(got.notes).toContain('Painting on tfjs:wasm.');
    expect(difference(got.data, right.data).max).toBeLessThanOrEqual(1);
  });
});

test('tfjs in plain JavaScript, with strength, kept colours and tiles', async () => {
  const style = await openStyle('great-wave');
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

test.skipIf(!existsSync(SWIFTSHADER))('WebGPU paints the whole network by itself, and the same', async () => {
  Object.assign(process.env, { VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: home });
  const small = { width: 32, height: 32 };
  const style = await openStyle('great-wave');
  const wrapping = { picture: small, strength: 0.8, keepColors: true };
  const model = writeModel(wrapNetwork(readModel(style.model), style.manifest, wrapping));
  const results = [];
  for (const provider of ['cpu', 'webgpu']) {
    const spec = { paint: { model, provider, threads: 1 }, compare: false, ...small };
    const job = { spec, sessions: 1, picture: scene(32, 32), measureMs: 1 };
    const { measured, failure } = await probeDevice(job, { limitMs: 600_000 });
    expect(failure).toBeUndefined();
    // Fallback to the CPU is off: what is not mixed ran on the named device.
    expect(measured!.mixed).toBe(false);
    results.push(measured!.result);
  }
  expect(difference(results[1]!, results[0]!).max).toBeLessThanOrEqual(1);
});

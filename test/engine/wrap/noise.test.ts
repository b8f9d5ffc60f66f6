import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openPainter } from '#src/engine/open.js';
import { LivePainter } from '#src/engine/painter/live-painter.js';
import { probeDevice } from '#src/engine/select/probe-device.js';
import { noiseFeeds } from '#src/engine/wrap/noise.js';
import { wrapNetwork } from '#src/engine/wrap/wrap.js';
import { readModel } from '#src/graph/onnx/read.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { chosenStyle } from '#src/model/blend.js';
import { manyStyles } from '../../fixtures/many-styles.js';
import { difference, frameOf, painted, part, scene, texture } from '../pictures.js';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
vi.setConfig({ testTimeout: 900_000 });
const home = mkdtempSync(join(tmpdir(), 'stylecast-noise-'));
const before = { ...process.env };

beforeAll(() => Object.assign(process.env, { STYLECAST_HOME: home }));
afterAll(() => {
  for (const name of ['STYLECAST_HOME', 'VK_ICD_FILENAMES', 'XDG_RUNTIME_DIR']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(home, { recursive: true, force: true });
});

const style = await manyStyles('many', ['wave', 'scream']);
const varied = (vary: number, varySeed = 1) => chosenStyle(style, { vary, varySeed });
const [width, height] = [104, 72];
const data = scene(width, height);
const paint = async (vary: number, varySeed = 1, options: Parameters<typeof painted>[4] = {}) =>
  (await painted(varied(vary, varySeed), data, width, height, { device: 'cpu', threads: 1, ...options })).data;

describe('noise', () => {
  test('of strength 0 changes nothing; more changes more, and another seed differently', async () => {
    const plain = (await painted(style, data, width, height, { device: 'cpu', threads: 1 })).data;
    expect(difference(await paint(0, 4), plain).max).toBe(0);
    const [little, much, other] = [await paint(0.1), await paint(0.8), await paint(0.8, 2)];
    expect(difference(little, plain).mean).toBeGreaterThan(0.2);
    expect(difference(much, plain).mean).toBeGreaterThan(2 * difference(little, plain).mean);
    expect(difference(much, other).mean).toBeGreaterThan(difference(little, plain).mean);
    expect(difference(await paint(0.8), much).max).toBe(0);
  });

  test('is the same on every frame, and moves with the scene', async () => {
    const [wide, high] = [360, 264];
    const source = texture(wide + 40, high);
    const paintTwo = async (varySeed: number, left: number) => {
      const options = { device: 'cpu', threads: 1, steady: true } as const;
      const { painter, steady } = await openPainter(varied(0.8, varySeed), { width: wide, height: high }, options);
      const frames = [0, left].map((from) => frameOf(part(source, wide + 40, from, 0, wide, high), wide, high));
      const results = await Promise.all(frames.map((frame) => painter.paint(frame)));
      await painter.close();
      expect(steady).toBe(true);
      return results.map(({ data }) => data) as [Uint8Array, Uint8Array];
    };
    const [first, second] = await paintTwo(1, 0);
    expect(difference(second, first).max).toBe(0);
    // The camera goes 11 pixels to the right. Away from the edges, what both see is painted alike.
    const [earlier, later] = await paintTwo(1, 11);
    const [, other] = await paintTwo(2, 11);
    const seen = (picture: Uint8Array, from: number) => part(picture, wide, from, 110, 80, 44);
    const moved = difference(seen(later, 130), seen(earlier, 141)).mean;
    expect(difference(seen(later, 130), seen(other, 130)).mean).toBeGreaterThan(3 * moved);
  });

  test('is the same live, and moves with the scene there too', async () => {
    const size = { width: 256, height: 200 };
    const world = texture(320, 240);
    const views = [0, 11].map((left) => part(world, 320, left, 8, size.width, size.height));
    const paintLive = async (varySeed: number) => {
      const painter = await LivePainter.open({ picture: size, threads: 1, device: 'cpu' });
      await painter.load(varied(0.8, varySeed), size);
      const plain = { strength: 1, keepColors: false, mirror: false, mask: 'none' } as const;
      const results: Uint8Array[] = [];
      for (const data of views) {
        const look = { ...plain, styles: [{ name: 'many', weight: 1 }] };
        results.push((await painter.paint(Uint8Array.from(data), look)).data);
      }
      await painter.close();
      return results;
    };
    const options = { device: 'cpu', threads: 1, steady: true } as const;
    const { painter } = await openPainter(varied(0.8), size, options);
    const files = await Promise.all(
      views.map((data) => painter.paint(frameOf(Uint8Array.from(data), size.width, size.height))),
    );
    await painter.close();
    const [first, other] = [await paintLive(1), await paintLive(2)];
    for (const [n, { data }] of files.entries()) {
      expect(difference(first[n]!, data).max).toBeLessThanOrEqual(1);
      expect(difference(other[n]!, data).mean).toBeGreaterThan(1);
    }
  });

  test('continues from tile to tile', async () => {
    const large = scene(1024, 768);
    const [whole, tiled, other] = await Promise.all([
      painted(varied(0.8), large, 1024, 768, { device: 'cpu', threads: 1 }),
      painted(varied(0.8), large, 1024, 768, { device: 'cpu', threads: 1, memory: 2 ** 24 }),
      painted(varied(0.8, 2), large, 1024, 768, { device: 'cpu', threads: 1 }),
    ]);
    expect([whole.tiles, tiled.tiles > 1]).toEqual([1, true]);
    expect(difference(tiled.data, whole.data).mean).toBeLessThan(difference(other.data, whole.data).mean / 3);
  });

  test('begins in its field where the network begins in the scene, and repeats', () => {
    const placed = (x: number, y: number) =>
      Object.values(noiseFeeds({ rows: 4, columns: 6, stride: 8 }, { x, y })).map(({ data }) =>
        Array.from(data as BigInt64Array, Number),
      );
    expect(placed(0, 0)).toEqual([
      [0, 0],
      [4, 6],
    ]);
    expect(placed(56, 24)).toEqual([
      [3, 1],
      [7, 7],
    ]);
    expect(placed(-8, -40)).toEqual([
      [3, 5],
      [7, 11],
    ]);
  });
});

test('noise: tfjs paints the same', async () => {
  const right = await paint(0.7);
  expect(difference(await paint(0.7, 1, { device: 'tfjs:wasm', deviceLimit: 300 }), right).max).toBeLessThanOrEqual(1);
});

test.skipIf(!existsSync(SWIFTSHADER))('noise: WebGPU paints it by itself, and the same', async () => {
  Object.assign(process.env, { VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: home });
  const small = { width: 64, height: 64 };
  const canvas = { width: 72, height: 72, stride: 8, working: small };
  const { manifest } = varied(0.7);
  const wrapping = { picture: small, canvas, look: { strength: 0.8, keepColors: true } };
  const model = writeModel(wrapNetwork(readModel(style.model), manifest, wrapping));
  const noise = { rows: 64, columns: 64, stride: 8 };
  const results = [];
  for (const provider of ['cpu', 'webgpu']) {
    const paint = { model, provider, threads: 1 };
    const spec = { paint, canvas, noise, compare: false, ...small };
    const job = { spec, sessions: 1, picture: scene(64, 64), measureMs: 1 };
    const { measured, failure } = await probeDevice(job, { limitMs: 600_000 });
    expect(failure).toBeUndefined();
    // Fallback to the CPU is off: what is not mixed ran on the named device.
    expect(measured!.mixed).toBe(false);
    results.push(measured!.result);
  }
  expect(difference(results[1]!, results[0]!).max).toBeLessThanOrEqual(1);
});

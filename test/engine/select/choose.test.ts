import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openPainter } from '#src/engine/open.js';
import { DEVICE_TABLE, type Device, devicesFor } from '#src/engine/runtime/devices.js';
import { chooseDevice, type DeviceJob } from '#src/engine/select/choose.js';
import { cacheKey, getCached, setCached } from '#src/engine/select/device-cache.js';
import { probeDevice, testPicture } from '#src/engine/select/probe-device.js';
import { FULL } from '#src/engine/wrap/look.js';
import { wrapNetwork } from '#src/engine/wrap/wrap.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { failure } from '../../fixtures/failure.js';
import { invert, styleOf } from '../networks.js';

const picture = { width: 48, height: 32 };
const script = new URL('./probes/bad.mjs', import.meta.url);
const home = mkdtempSync(join(tmpdir(), 'stylecast-choose-'));
vi.setConfig({ testTimeout: 900_000 });
const remembered = join(home, 'cache', 'devices.json');
const before = { ...process.env };

afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(join(home, 'cache'), { recursive: true, force: true });
  // A named driver makes WebGPU a candidate on Linux too.
  Object.assign(process.env, { STYLECAST_HOME: home, VK_ICD_FILENAMES: join(home, 'no-driver.json') });
});
afterEach(restore);

function restore(): void {
  for (const name of ['STYLECAST_HOME', 'VK_ICD_FILENAMES', 'PROBE_FAULT']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
}

// What the machine reports decides what is tried. On arm64 WebGPU is not there; beside CUDA, Core ML or DirectML others
// come first: there the tests that name WebGPU and the CPU as the only two are skipped.
process.env.VK_ICD_FILENAMES = join(home, 'no-driver.json');
const there = devicesFor('auto').filter((device) => DEVICE_TABLE[device].absent() === undefined);
const onlyWebgpu = there.join() === 'webgpu,cpu';
restore();

const style = styleOf(invert);
const model = writeModel(wrapNetwork(invert, style.manifest, { picture, look: FULL }));

function job(change: Partial<DeviceJob> = {}): DeviceJob {
  return {
    model: style.model,
    how: { picture },
    threads: 1,
    maxSessions: 1,
    half: true,
    seconds: Number.POSITIVE_INFINITY,
    spec: (runs, threads) => ({ paint: { model, ...runs, threads }, compare: false, ...picture }),
    ...change,
  };
}

function choose(asked: Device, fault: string, change: Partial<DeviceJob> = {}) {
  process.env.PROBE_FAULT = fault;
  return chooseDevice(asked, job(change), { script, limitMs: 300_000 });
}

const FAULTS = [
  ['crash', /^its process crashed \((SIGABRT|exit code 134)\)$/],
  ['exit', /^its process crashed \(exit code 7\)$/],
  ['throw', /^its process crashed \(exit code 1\)$/],
  ['refuse', /^the driver is not amused$/],
  ['nan', /^its picture differs from the CPU's by \d+\.\d levels$/],
] as const;

describe('a failing device leaves the CPU in use', () => {
  test.skipIf(!onlyWebgpu).each(FAULTS)('%s', async (fault, reason) => {
    const choice = await choose('auto', fault);
    expect(choice).toMatchObject({ device: 'cpu', sessions: 1 });
    const said = choice.notes.find((note) => /webgpu: /.test(note)) ?? '';
    expect(said).toMatch(/^No GPU can be used here, so the CPU paints: webgpu: .+\. \S.+\.$/);
    expect(said.slice(said.indexOf('webgpu: ') + 8).split('. ')[0]).toMatch(reason);
  });

  test('hang', async () => {
    process.env.PROBE_FAULT = 'hang';
    const spec = job().spec({ engine: 'onnx', provider: 'webgpu' }, 1);
    const probed = { spec, sessions: 1, picture: testPicture(48, 32), measureMs: 1 };
    const answer = await probeDevice(probed, { script, limitMs: 1500 });
    expect(answer).toEqual({ failure: 'it did not answer within 1.5 s' });
  });

  test.skipIf(!onlyWebgpu)('requested by name, it is an error that says what to do', async () => {
    const error = await failure(choose('webgpu', 'refuse'));
    expect(error).toMatchObject({
      code: 'ENGINE_DEVICE',
      message: 'The device webgpu does not work here: the driver is not amused.',
    });
    expect(error.hint).toMatch(/^(If there is a GPU, install|Update) /);
  });
});

test.skipIf(!onlyWebgpu)('a correct device is taken when requested, and where it is faster', async () => {
  expect(await choose('webgpu', 'none')).toEqual({
    device: 'webgpu',
    sessions: 1,
    half: false,
    notes: ['Painting on webgpu.'],
  });
  const { device, notes } = await choose('auto', 'none');
  const fps = '\\d+(\\.\\d)? fps';
  expect(notes.join()).toMatch(
    device === 'webgpu'
      ? new RegExp(`^Painting on webgpu \\(${fps}; the CPU ${fps}\\)\\.$`)
      : new RegExp(`^webgpu is slower here \\(${fps}; the CPU ${fps}\\): painting on the CPU\\.$`),
  );
});

test.skipIf(!onlyWebgpu)('half precision is taken where the device is faster with it', async () => {
  expect(await choose('gpu', 'half')).toEqual({
    device: 'webgpu',
    sessions: 1,
    half: true,
    notes: ['Painting on webgpu in half precision.'],
  });
});

describe.skipIf(!onlyWebgpu)('the outcome is cached', () => {
  test('per network, size and request', async () => {
    await choose('webgpu', 'none');
    // What is remembered is not tried again: it would fail now.
    expect(await choose('webgpu', 'refuse')).toMatchObject({ device: 'webgpu' });
    await expect(choose('webgpu', 'refuse', { how: {} })).rejects.toMatchObject({ code: 'ENGINE_DEVICE' });
    expect((await choose('gpu', 'refuse')).device).toBe('cpu');
    const keys = [
      cacheKey(Uint8Array.of(1), {}),
      cacheKey(Uint8Array.of(2), {}),
      cacheKey(Uint8Array.of(1), { picture }),
    ];
    expect(new Set(keys).size).toBe(3);
    expect(cacheKey(Uint8Array.of(1), {})).toBe(keys[0]);
  });

  test('a failure for a day', async () => {
    const at = Date.now() - 25 * 60 * 60 * 1000;
    const right = { device: 'webgpu', sessions: 1, fps: 10 } as const;
    const wrong = { device: 'cuda', sessions: 1, reason: 'no' } as const;
    await setCached('right', { at, figures: [right] });
    await setCached('wrong', { at, figures: [right, wrong] });
    await setCached('new', { at: Date.now(), figures: [wrong] });
    expect(await getCached('right')).toEqual({ at, figures: [right] });
    expect(await getCached('wrong')).toBeUndefined();
    expect((await getCached('new'))?.figures).toEqual([wrong]);
  });

  test('a damaged file is ignored and replaced', async () => {
    const found = { at: Date.now(), figures: [] };
    await setCached('key', found);
    for (const text of ['{"trunc', '[]', 'null', '{"key":1}', '{"key":{"at":1,"figures":[{}]}}']) {
      writeFileSync(remembered, text);
      expect(await getCached('key')).toBeUndefined();
      await setCached('key', found);
      expect(JSON.parse(readFileSync(remembered, 'utf8'))).toEqual({ key: found });
    }
    expect(readdirSync(join(home, 'cache'))).toEqual(['devices.json']);
  });

  test('except where the folder cannot be written', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    process.env.STYLECAST_HOME = file;
    await setCached('key', { at: Date.now(), figures: [] });
    expect(await getCached('key')).toBeUndefined();
  });
});

test('short work is done on the CPU before anything is measured', async () => {
  const choice = await choose('auto', 'crash', { seconds: 1 });
  expect(choice).toEqual({ device: 'cpu', sessions: 1, half: false, notes: [] });
  expect(() => readFileSync(remembered)).toThrow('ENOENT');
});

test('long work on many threads measures how to split them', async () => {
  const choice = await choose('cpu', 'none', { threads: 4, maxSessions: 4, seconds: 100 });
  const [found] = Object.values<{ figures: { sessions: number; fps: number }[] }>(
    JSON.parse(readFileSync(remembered, 'utf8')),
  );
  expect(found!.figures.map(({ sessions }) => sessions)).toEqual([4, 2, 1]);
  const best = found!.figures.reduce((a, b) => (b.fps > a.fps ? b : a));
  expect(choice).toEqual({ device: 'cpu', sessions: best.sessions, half: false, notes: [] });
});

test.skipIf(!there.includes('webgpu'))('without a driver WebGPU says why, from a process of its own', async () => {
  const spec = job().spec({ engine: 'onnx', provider: 'webgpu' }, 1);
  const answer = await probeDevice(
    { spec, sessions: 1, picture: testPicture(48, 32), measureMs: 10 },
    { limitMs: 300_000 },
  );
  expect(answer.measured ?? answer.failure).toMatch(/adapter|backend/i);
});

// Elsewhere WebGPU needs no driver that could be missing.
test.skipIf(process.platform !== 'linux' || !onlyWebgpu)(
  'a device that has stopped working since it was measured leaves the CPU at work',
  async () => {
    const options = { device: 'gpu', threads: 1, deviceLimit: 300 } as const;
    const first = await openPainter(style, picture, options);
    await first.painter.close();
    // As if WebGPU had been the fastest before its driver was gone.
    const all = JSON.parse(readFileSync(remembered, 'utf8'));
    const [key] = Object.keys(all);
    const figures = [{ device: 'webgpu', sessions: 1, fps: 1000 }];
    writeFileSync(remembered, JSON.stringify({ [key!]: { at: Date.now(), figures } }));
    const { painter, device, notes } = await openPainter(style, picture, options);
    await painter.close();
    expect(device).toBe('cpu');
    expect(notes).toEqual([
      expect.stringMatching(/^The device webgpu does not work here: .+\. The CPU paints\. \S.+\.$/),
    ]);
  },
);

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { STATE, statesOf } from '#src/engine/analysis/recurrent-state.js';
import { type EngineOptions, openPainter } from '#src/engine/open.js';
import { LivePainter, type PaintLook } from '#src/engine/painter/live-painter.js';
import { FULL } from '#src/engine/wrap/look.js';
import { wrapNetwork } from '#src/engine/wrap/wrap.js';
import { GraphBuilder } from '#src/graph/builder.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Dim, ElementType, Model } from '#src/graph/types.js';
import type { Style } from '#src/model/style.js';
import { styleOf } from '../networks.js';
import { failure, frameOf, part, texture } from '../pictures.js';

const [width, height] = [96, 80];
const size = { width, height };
const LOOP = [{ input: 'before', output: 'after' }];

/** A share at which no level lies halfway between two bytes: which way those are rounded is the runtime's business. */
const SHARE = 0.4321;

/** A share of the picture and as much of what it gave before: an exponential moving average. */
function average(): Model {
  const graph = new GraphBuilder('average');
  const image = graph.input('image', 'float32', [1, 3, 'height', 'width']);
  const before = graph.input('before', 'float32', [1, 3, 'height', 'width']);
  const after = graph.op('Mul', [graph.op('Add', [image, before]), graph.scalar('float32', SHARE)]);
  graph.output('stylized', graph.op('Mul', [after, graph.scalar('float32', 1)]));
  graph.output('after', after);
  return graph.build();
}

/** Says that it remembers something of these dims, and gives the picture back as that. */
function forgetful(dims: readonly Dim[], type: ElementType = 'float32'): Model {
  const graph = new GraphBuilder('forgetful');
  const image = graph.input('image', 'float32', [1, 3, 'height', 'width']);
  graph.input('before', type, dims);
  for (const name of ['stylized', 'after']) graph.output(name, graph.op('Mul', [image, graph.scalar('float32', 0.5)]));
  return graph.build();
}

const style = styleOf(average(), { state: LOOP });
const shots = [240, 243].map((wide) => texture(wide, 120));
/** Three pictures of one scene and three of another. */
const pictures = shots.flatMap((world, shot) =>
  [0, 1, 2].map((n) => part(world, [240, 243][shot]!, 20 + n, 10, width, height)),
);

/** The same in a plain loop. */
function expected(given: readonly Uint8Array[], start = 0, fresh: readonly number[] = [0, 3]): Uint8Array[] {
  let state = new Float32Array(given[0]!.length);
  return given.map((data, n) => {
    if (fresh.includes(n)) state = new Float32Array(data.length).fill(start);
    state = Float32Array.from(data, (level, i) => (level / 255 + state[i]!) * SHARE);
    return Uint8Array.from(state, (value) => Math.round(value * 255));
  });
}

async function paintedAll(given: Style, options: EngineOptions = {}): Promise<Uint8Array[]> {
  const { painter, steady } = await openPainter(given, size, { threads: 3, device: 'cpu', ...options });
  try {
    expect(painter.sessions).toBe(1);
    expect(steady).toBe(false);
    // All at once: they must be painted in their order all the same.
    const results = await Promise.all(pictures.map((data) => painter.paint(frameOf(data, width, height))));
    return results.map(({ data }) => data);
  } finally {
    await painter.close();
  }
}

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

test.skipIf(!existsSync(SWIFTSHADER))('the state stays on a WebGPU device', { timeout: 600_000 }, () => {
  const picture = { width: 32, height: 32 };
  const network = average();
  const states = statesOf(network, style.manifest, { width: 64, height: 64 });
  const model = writeModel(wrapNetwork(network, style.manifest, { picture, states, look: FULL }));
  const keep = states.map((_, n) => STATE.after(n));
  const paint = { model: Buffer.from(model).toString('base64'), provider: 'webgpu', threads: 1, keep };
  const pictures = [0, 1].map((n) => [...part(shots[n]!, 240, 5, 5, 32, 32)]);
  const folder = mkdtempSync(join(tmpdir(), 'stylecast-memory-'));
  const child = spawnSync(process.execPath, [fileURLToPath(new URL('./probes/in-order.mjs', import.meta.url))], {
    input: JSON.stringify({ spec: { paint, states, compare: false, ...picture }, pictures }),
    env: { ...process.env, VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: folder },
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  rmSync(folder, { recursive: true, force: true });
  expect(child.stderr).toBe('');
  const { mixed, data } = JSON.parse(child.stdout) as { mixed: boolean; data: number[] };
  expect(mixed).toBe(false);
  const right = expected(
    pictures.map((each) => Uint8Array.from(each)),
    0,
    [0],
  )[1]!;
  near(Uint8Array.from(data), right);
});

describe('a network with recurrent state', () => {
  test('is fed its previous output, and is reset at a cut', async () => {
    expect(await paintedAll(style)).toEqual(expected(pictures));
  });

  test('begins with the initial value of its manifest', async () => {
    const inputs = [{ name: 'before', dims: [1, 3, height, width], default: 0.25 }];
    expect(await paintedAll(styleOf(average(), { inputs, state: LOOP }))).toEqual(expected(pictures, 0.25));
  });

  test('is not aligned or filtered: its state is bound to the grid', async () => {
    expect(await paintedAll(style, { steady: true, mode: 'latency' })).toEqual(expected(pictures));
  });

  test('keeps its state on tfjs', async () => {
    const results = await paintedAll(style, { device: 'tfjs:cpu', deviceLimit: 300 });
    expect(results).toEqual(expected(pictures));
  });

  test.each([true, false])(
    'remembers live, steady %s, and forgets what it painted before it was left',
    async (steady) => {
      const painter = await LivePainter.open({ picture: size, threads: 1, device: 'cpu', steady });
      await painter.load(style, size);
      const look: PaintLook = {
        styles: [{ name: 'test', weight: 1 }],
        strength: 1,
        keepColors: false,
        mirror: false,
        mask: 'none',
      };
      const results: Uint8Array[] = [];
      const paint = async (data: Uint8Array, change: Partial<PaintLook> = {}) => {
        const copy = new Uint8Array(data) as Uint8Array<ArrayBuffer>;
        results.push((await painter.paint(copy, { ...look, ...change })).data);
      };
      for (const data of pictures) await paint(data);
      await paint(pictures[4]!, { styles: [] });
      await paint(pictures[5]!);
      await paint(pictures[5]!);
      await painter.close();
      const [six, source, after] = [results.slice(0, 6), results[6], results.slice(7)];
      for (const [n, right] of expected(pictures).entries()) near(six[n]!, right);
      expect(source).toEqual(pictures[4]);
      for (const [n, right] of expected([pictures[5]!, pictures[5]!]).entries()) near(after[n]!, right);
    },
  );

  test('is refused where its state cannot be kept', async () => {
    const open = (given: Style) => failure(openPainter(given, size, { threads: 1 }));
    expect(await open(styleOf(forgetful([1, 3, 'rows', 'columns']), { state: LOOP }))).toEqual({
      code: 'ENGINE_STATE',
      message: `The network's state "before" is [1, 3, rows, columns]; expected whole numbers, or names of the picture's sides.`,
      hint: 'Give the state as a further input, with its dims, in its manifest.',
    });
    const one = styleOf(forgetful([1, 1, 'height', 'width']), { state: LOOP });
    expect(await open(one)).toMatchObject({
      code: 'ENGINE_STATE',
      message: `The network's state "before" is [1, 1, 80, 96] and comes back as [1, 3, 80, 96]; expected the same.`,
    });
    expect(await open(styleOf(forgetful([1], 'int64'), { state: LOOP }))).toMatchObject({
      code: 'ENGINE_STATE',
      message: `The network's state "before" is int64; expected float32.`,
    });
    const lost = styleOf(average(), { state: [{ input: 'before', output: 'later' }] });
    expect(await open(lost)).toMatchObject({
      code: 'ENGINE_OUTPUT',
      message: 'The network has no output "later"; expected "stylized", "after".',
    });
  });
});

/** Equal but for rounding: colours live go through one matrix. */
function near(got: Uint8Array, right: Uint8Array): void {
  expect(Math.max(...got.map((level, i) => Math.abs(level - right[i]!)))).toBeLessThanOrEqual(1);
}

import { describe, expect, test } from 'vitest';
import { inspect, resolveShapes } from '#src/engine/analysis/inspect.js';
import type { EngineOptions } from '#src/engine/open.js';
import { openPainter } from '#src/engine/open.js';
import { planTiles, type TilePlan } from '#src/engine/wrap/tiles.js';
import { enlarge, type Norm, network, small, styleOf } from './networks.js';
import { difference, frameOf, painted, scene } from './pictures.js';

const NEAR = 16;

/** Paints whole and in tiles, with just so much memory that it takes at least four. */
async function both(style: ReturnType<typeof styleOf>, width: number, height: number, options: EngineOptions = {}) {
  const data = scene(width, height);
  const whole = await painted(style, data, width, height, { ...options, memory: 2 ** 40 });
  const { facts, painter } = await openPainter(style, { width, height }, { threads: 1, memory: 2 ** 40 });
  await painter.close();
  const memory = facts.peakBytes / 3;
  const tiled = await painted(style, data, width, height, { ...options, memory });
  expect(whole.tiles).toBe(1);
  expect(tiled.tiles).toBeGreaterThanOrEqual(4);
  expect(tiled.notes).toEqual([
    `Each frame is painted in ${tiled.tiles} tiles to stay within ${Math.round(memory / 2 ** 20)} MiB.`,
  ]);
  const multiple = Math.max(style.manifest.input.multiple, facts.stride);
  const perPixel = facts.peakBytes / (Math.ceil(width / multiple) * Math.ceil(height / multiple) * multiple ** 2);
  const plan = planTiles({ width, height }, { multiple, reach: facts.reach, pixels: memory / perPixel });
  return { whole: whole.data, tiled: tiled.data, plan: plan!, memory };
}

describe('local networks: tiles make no difference', () => {
  const style = styleOf(small(), { input: { multiple: 4 } });
  test.for([
    ['plain', {}],
    ['strength and colours kept', { strength: 0.6, keepColors: true }],
    ['beside the original', { compare: true }],
    ['all of them', { strength: 0.6, keepColors: true, compare: true }],
  ] as const)('%s', async ([, options]) => {
    const { whole, tiled } = await both(style, 421, 301, options);
    expect(difference(tiled, whole).max).toBeLessThanOrEqual(1);
  });

  test('a size that is no multiple of the stride, with a network that takes any size', async () => {
    // Half size by a stride of 2 and back; what is left over is cut off: any size goes in, and the same comes out.
    const any = network((g, x) => {
      const padded = g.op('Pad', [x, g.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
      const kernel = g.constant('float32', [3, 1, 3, 3], new Array(27).fill(1 / 9));
      const half = g.op('Conv', [padded, kernel], { strides: [2, 2], group: 3 });
      const size = g.op('Shape', [x], { start: 2, end: 4 });
      return g.op('Slice', [enlarge(g, half), g.ints([0, 0]), size, g.ints([2, 3])]);
    });
    const { whole, tiled } = await both(styleOf(any), 421, 303);
    expect(difference(tiled, whole).max).toBeLessThanOrEqual(1);
  });

  test('NHWC', async () => {
    const last = network(
      (g, x) => {
        const planar = g.op('Transpose', [x], { perm: [0, 3, 1, 2] });
        const kernel = g.constant('float32', [3, 1, 7, 7], new Array(147).fill(1 / 49));
        const padded = g.op('Pad', [planar, g.ints([0, 0, 3, 3, 0, 0, 3, 3])], { mode: 'reflect' });
        return g.op('Transpose', [g.op('Conv', [padded, kernel], { group: 3 })], { perm: [0, 2, 3, 1] });
      },
      [1, 'height', 'width', 3],
    );
    const style = styleOf(last, { input: { layout: 'nhwc' }, output: { layout: 'nhwc' } });
    const { whole, tiled } = await both(style, 300, 200);
    expect(difference(tiled, whole).max).toBeLessThanOrEqual(1);
  });
});

describe('networks with statistics of the whole picture: no visible seam', () => {
  test.for(['instance', 'means', 'pool'] as const)('%s', async (norm: Norm, { annotate }) => {
    const [width, height] = [641, 361];
    const { whole, tiled, plan } = await both(styleOf(small(norm), { input: { multiple: 4 } }), width, height);
    const { near, jump, elsewhere } = seams(whole, tiled, width, height, plan);
    await annotate(
      `${norm}: within ${NEAR} px of a seam mean ${near.mean.toFixed(2)}, max ${near.max} levels; ` +
        `step across a seam ${jump.toFixed(3)}, elsewhere ${elsewhere.toFixed(3)}`,
    );
    // A thumbnail has more edges to the pixel than the picture: the whole result differs a little, evenly.
    expect(near.mean).toBeLessThanOrEqual(4);
    expect(jump).toBeLessThanOrEqual(elsewhere * 1.2 + 0.05);
  });

  test('tiles that took their own statistics would fail this', async () => {
    const [width, height] = [641, 361];
    const style = styleOf(small('instance'), { input: { multiple: 4 } });
    const data = scene(width, height);
    const whole = (await painted(style, data, width, height)).data;
    const half = 320;
    const crop = (from: number, to: number) => {
      const part = new Uint8Array((to - from) * height * 3);
      for (let y = 0; y < height; y++)
        part.set(data.subarray((y * width + from) * 3, (y * width + to) * 3), y * (to - from) * 3);
      return part;
    };
    const left = (await painted(style, crop(0, half), half, height)).data;
    const right = (await painted(style, crop(half, width), width - half, height)).data;
    const naive = new Uint8Array(whole.length);
    for (let y = 0; y < height; y++) {
      naive.set(left.subarray(y * half * 3, (y + 1) * half * 3), y * width * 3);
      naive.set(right.subarray(y * (width - half) * 3, (y + 1) * (width - half) * 3), (y * width + half) * 3);
    }
    const core = (x: number, w: number) => ({ x, y: 0, core: { x, y: 0, width: w, height } });
    const plan: TilePlan = {
      padded: { width, height },
      tile: { width: half, height },
      tiles: [core(0, half), core(half, width - half)],
    };
    const { near } = seams(whole, naive, width, height, plan);
    expect(near.mean).toBeGreaterThan(4);
  });
});

/** How tiled and whole differ near the lines between tiles, and how that difference steps across them. */
function seams(whole: Uint8Array, tiled: Uint8Array, width: number, height: number, { tiles }: TilePlan) {
  const columns = new Set(tiles.map(({ core }) => core.x).filter((x) => x > 0));
  const rows = new Set(tiles.map(({ core }) => core.y).filter((y) => y > 0));
  const close = (at: number, lines: Set<number>) => [...lines].some((line) => at >= line - NEAR && at < line + NEAR);
  const near = { max: 0, sum: 0, count: 0, mean: 0 };
  const steps = { on: 0, onCount: 0, off: 0, offCount: 0 };
  const d = (x: number, y: number, c: number) => {
    const at = (y * width + x) * 3 + c;
    return tiled[at]! - whole[at]!;
  };
  for (let y = 1; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const inside = close(x, columns) || close(y, rows);
      for (let c = 0; c < 3; c++) {
        if (inside) {
          near.max = Math.max(near.max, Math.abs(d(x, y, c)));
          near.sum += Math.abs(d(x, y, c));
          near.count++;
        }
        const across = Math.abs(d(x, y, c) - d(x - 1, y, c));
        const down = Math.abs(d(x, y, c) - d(x, y - 1, c));
        if (columns.has(x) || rows.has(y)) {
          steps.on += columns.has(x) ? across : down;
          steps.onCount++;
        } else {
          steps.off += (across + down) / 2;
          steps.offCount++;
        }
      }
    }
  }
  near.mean = near.sum / near.count;
  return { near, jump: steps.on / steps.onCount, elsewhere: steps.off / steps.offCount };
}

describe('facts of a network', () => {
  const at = async (net: ReturnType<typeof network>, width = 64, height = 64) => {
    const { manifest } = styleOf(net);
    return inspect(await resolveShapes(net, manifest, { width, height }), manifest.input);
  };

  test('multiplications, parameters, reach and stride of one convolution', async () => {
    const one = network((g, x) => {
      const w = g.constant('float32', [3, 3, 5, 5], new Array(225).fill(0));
      return g.op('Conv', [x, w], { pads: [2, 2, 2, 2] });
    });
    const facts = await at(one, 100, 50);
    expect(facts.gmac).toBeCloseTo((100 * 50 * 3 * 3 * 25) / 1e9, 12);
    expect(facts.parameters).toBe(225);
    expect(facts.stride).toBe(1);
    expect(facts.reach).toBeGreaterThanOrEqual(2);
    expect(facts.reach).toBeLessThanOrEqual(4);
  });

  test('the receptive radius covers all pixels that a changed pixel affects', async () => {
    const [width, height] = [256, 64];
    const style = styleOf(small(), { input: { multiple: 4 } });
    const { painter, facts } = await openPainter(style, { width, height }, { threads: 1 });
    const data = scene(width, height);
    const changed = new Uint8Array(data);
    for (let c = 0; c < 3; c++) for (let y = 0; y < height; y++) changed[(y * width + 128) * 3 + c]! ^= 255;
    const a = await painter.paint(frameOf(data, width, height));
    const b = await painter.paint(frameOf(changed, width, height));
    await painter.close();
    let far = 0;
    for (let i = 0; i < data.length; i++) {
      if (a.data[i] !== b.data[i]) far = Math.max(far, Math.abs((Math.floor(i / 3) % width) - 128));
    }
    expect(far).toBeGreaterThan(4);
    expect(facts.reach).toBeGreaterThanOrEqual(far);
    expect(facts.stride).toBe(4);
  });

  test('the picture need not be the first input', async () => {
    const second = network((g, x) => conv3(g, x));
    second.graph.inputs.unshift({ name: 'amount', type: 'float32', dims: [1] });
    const facts = await at(second);
    expect(facts.reach).toBeGreaterThanOrEqual(1);
    expect(facts.stride).toBe(1);
  });
});

function conv3(g: Parameters<Parameters<typeof network>[0]>[0], x: Parameters<Parameters<typeof network>[0]>[1]) {
  return g.op('Conv', [x, g.constant('float32', [3, 3, 3, 3], new Array(81).fill(0))], { pads: [1, 1, 1, 1] });
}

import { describe, expect, test } from 'vitest';
import { openPainter } from '#src/engine/open.js';
import { paddedCanvas, placementFeeds, SamplingGridAligner } from '#src/engine/wrap/sampling-grid.js';
import { network, small, styleOf } from '../networks.js';
import { difference, failure, frameOf, noise, painted, part, texture } from '../pictures.js';

const [width, height] = [96, 80];
const size = { width, height };

describe('paddedCanvas', () => {
  const input = { ...styleOf(small(), { input: { multiple: 8 } }).manifest.input };

  test('leaves room for every phase of the grid, in whole multiples', () => {
    expect(paddedCanvas({ width: 640, height: 360 }, input, 8)).toEqual({ width: 648, height: 368, stride: 8 });
    expect(paddedCanvas({ width: 641, height: 362 }, input, 8)).toEqual({ width: 648, height: 376, stride: 8 });
    expect(paddedCanvas({ width: 641, height: 362 }, { ...input, multiple: 1 }, 4)).toEqual({
      width: 644,
      height: 365,
      stride: 4,
    });
  });

  test('is undefined where it would have no effect or is impossible', () => {
    expect(paddedCanvas(size, input, 1)).toBeUndefined();
    expect(paddedCanvas({ width: 63, height: 400 }, input, 8)).toBeUndefined();
    expect(paddedCanvas(size, { ...input, size }, 8)).toBeUndefined();
    expect(paddedCanvas(size, input, 64)).toBeUndefined();
  });
});

describe('SamplingGridAligner', () => {
  test('places the picture so that the scene keeps its phase on the grid', () => {
    const grid = new SamplingGridAligner({ stride: 8, working: size }, size);
    const places = [0, 1, 7, 8, 9, -1, -17].map((x) => grid.placementFor({ x, y: -x }));
    expect(places.map(({ x }) => x)).toEqual([0, 7, 1, 0, 7, 1, 1]);
    expect(places.map(({ y }) => y)).toEqual([0, 1, 7, 0, 1, 7, 7]);
    expect(places.map(({ corner }) => corner.x)).toEqual([0, -8, -8, -8, -16, 0, 16]);
    expect(places.map(({ corner }) => corner.y)).toEqual([0, 0, 0, 8, 8, -8, -24]);
  });

  test('does not oscillate between two pixels', () => {
    const grid = new SamplingGridAligner({ stride: 8, working: size }, size);
    const xs = [0.45, 0.55, 0.45, 0.58, 0.62, 0.55, 0.42, 0.38].map((x) => grid.placementFor({ x, y: 0 }).x);
    expect(xs).toEqual([0, 0, 0, 0, 7, 7, 7, 0]);
  });
});

test('placementFeeds: the same placement as dynamic padding and as a slice of larger padding', () => {
  const canvas = { width: 104, height: 88 };
  const feeds = Object.entries(placementFeeds(size, canvas, { x: 3, y: 5 }));
  const numbers = feeds.map(([name, { data }]) => [name, Array.from(data as BigInt64Array, Number)]);
  expect(Object.fromEntries(numbers)).toEqual({
    pads: [0, 0, 5, 3, 0, 0, 3, 5],
    placedFrom: [3, 5],
    placedTo: [91, 109],
    takenFrom: [5, 3],
    takenTo: [85, 99],
  });
});

const WORLD = { width: 200, height: 160 };
const world = texture(WORLD.width, WORLD.height);
const view = (left: number, top: number) => part(world, WORLD.width, left, top, width, height);

/** The largest difference of what two pictures show of the scene, away from their borders. */
function unlike(earlier: Uint8Array, later: Uint8Array, dx: number, dy: number, border = 24): number {
  let most = 0;
  for (let y = border; y < height - border; y++) {
    for (let x = border * 3; x < (width - border) * 3; x++) {
      most = Math.max(most, Math.abs(earlier[y * width * 3 + x]! - later[(y + dy) * width * 3 + x + dx * 3]!));
    }
  }
  return most;
}

describe('a painter of successive frames', () => {
  const style = styleOf(small());
  const pan = Array.from({ length: 7 }, (_, n) => view(20 + n * 3, 40 - n));

  /** How much of what it painted changes from picture to picture, where the camera moves by (3, −1). */
  async function changes(steady: boolean, threads = 1) {
    const opened = await openPainter(style, size, { threads, steady, device: 'cpu' });
    const results = await Promise.all(pan.map((data) => opened.painter.paint(frameOf(data, width, height))));
    await opened.painter.close();
    expect(opened.steady).toBe(steady);
    return results.slice(1).map(({ data }, n) => unlike(results[n]!.data, data, -3, 1));
  }

  test('paints the scene as before, wherever the camera points', async () => {
    expect(Math.max(...(await changes(true)))).toBeLessThanOrEqual(1);
    expect(Math.max(...(await changes(false)))).toBeGreaterThan(8);
  });

  test('also with several pictures in flight', async () => {
    expect(Math.max(...(await changes(true, 3)))).toBeLessThanOrEqual(1);
  });

  test('paints the first picture like a single one, except at its right and bottom', async () => {
    const one = await painted(style, pan[0]!, width, height);
    const first = await painted(style, pan[0]!, width, height, { steady: true });
    expect(unlike(one.data, first.data, 0, 0)).toBe(0);
    expect(difference(one.data, first.data).mean).toBeLessThan(3);
  });

  test('does not affect networks of a fixed size, and those without strides', async () => {
    const same = styleOf(network((g, x) => g.op('Identity', [x])));
    for (const net of [same, styleOf(small(), { input: { size } })]) {
      const { painter, steady } = await openPainter(net, size, { threads: 1, steady: true, device: 'cpu' });
      expect(steady).toBe(false);
      expect((await painter.paint(frameOf(pan[0]!, width, height))).data).toHaveLength(width * height * 3);
      await painter.close();
    }
  });

  test('still refuses a picture of another size', async () => {
    const { painter } = await openPainter(style, size, { threads: 1, steady: true, device: 'cpu' });
    expect((await failure(painter.paint(frameOf(noise(95, 64), 95, 64)))).code).toBe('ENGINE_SIZE');
    await painter.close();
  });
});

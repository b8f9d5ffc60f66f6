import { describe, expect, test } from 'vitest';
import type { ScenePosition } from '#src/engine/stabilize/camera-motion.js';
import { TemporalFilter } from '#src/engine/stabilize/temporal-filter.js';
import { noisy } from '#src/quality/flicker.js';
import { noise } from '../pictures.js';

const SIZE = { width: 99, height: 70 };
const HERE: ScenePosition = { x: 0, y: 0, zoom: 1, cut: false };

/** A smooth scene without borders; `colour` tells the painting from the source. */
function scene(x0: number, y0: number, zoom = 1, { width, height } = SIZE, colour = 0): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [(x - (width - 1) / 2) / zoom - x0, (y - (height - 1) / 2) / zoom - y0];
      for (let c = 0; c < 3; c++, at++) {
        data[at] = 128 + 60 * Math.sin(u / 7 + c + colour) + 50 * Math.cos(v / 9 - c + u / 20);
      }
    }
  }
  return data;
}

const withNoise = (data: Uint8Array, seed: number) => Uint8Array.from(noisy({ data, ...SIZE }, 1, seed).data);

/** Settles pictures of a source and its painting in their order. */
function filtered(sources: readonly Uint8Array[], paintings: readonly Uint8Array[], places: readonly ScenePosition[]) {
  const settler = new TemporalFilter(SIZE);
  return paintings.map((painting, n) => {
    const data = Uint8Array.from(painting);
    settler.apply({ data, stride: 3 * SIZE.width, from: 0 }, settler.lumaOf(sources[n]!), places[n]!);
    return data;
  });
}

/** Mean square of the difference, away from the borders. */
function apart(a: Uint8Array, b: Uint8Array, margin = 12): number {
  let sum = 0;
  let count = 0;
  for (let y = margin; y < SIZE.height - margin; y++) {
    for (let at = (y * SIZE.width + margin) * 3; at < (y * SIZE.width + SIZE.width - margin) * 3; at++, count++) {
      sum += (a[at]! - b[at]!) ** 2;
    }
  }
  return sum / count;
}

const PLACES = [
  { name: 'stands still', at: () => HERE },
  { name: 'is panned by parts of a pixel', at: (n: number) => ({ ...HERE, x: -1.37 * n, y: 0.61 * n }) },
  { name: 'is panned by whole pixels', at: (n: number) => ({ ...HERE, x: 2 * n, y: -n }) },
  { name: 'is zoomed', at: (n: number) => ({ ...HERE, zoom: 1.004 ** n }) },
] as const;

describe('painted pictures are filtered over time', () => {
  test.each(PLACES)('where the camera $name', ({ at }) => {
    const places = Array.from({ length: 8 }, (_, n) => at(n));
    const sources = places.map(({ x, y, zoom }) => scene(x, y, zoom));
    const clean = places.map(({ x, y, zoom }) => scene(x, y, zoom, SIZE, 2));
    const paintings = clean.map(withNoise);
    const results = filtered(sources, paintings, places);
    expect(results[0]).toEqual(paintings[0]);
    // An exponential mean with a share of one half has a third of the variance; reading between pixels takes some more.
    const [before, after] = [apart(paintings[7]!, clean[7]!), apart(results[7]!, clean[7]!)];
    expect(after / before).toBeLessThan(0.4);
    expect(after / before).toBeGreaterThan(0.1);
  });

  test('nothing of another shot is kept', () => {
    const sources = [scene(0, 0), scene(0, 0)];
    const paintings = [noise(SIZE.width, SIZE.height), scene(3, 3)];
    expect(filtered(sources, paintings, [HERE, { ...HERE, cut: true }])[1]).toEqual(paintings[1]);
  });

  test('motion leaves no trail, and the rest is kept', () => {
    const views = [20, 26].map((left) => {
      const data = scene(0, 0);
      for (let y = 20; y < 50; y++) data.fill(250, (y * SIZE.width + left) * 3, (y * SIZE.width + left + 16) * 3);
      return data;
    });
    const grey = new Uint8Array(views[0]!.length).fill(100);
    const paintings = [grey.map(() => 60), grey];
    const result = filtered(views, paintings, [HERE, HERE])[1]!;
    const level = (x: number, y: number) => result[(y * SIZE.width + x) * 3]!;
    // Where it was and is: as painted. Far from it: halfway.
    for (const x of [20, 25, 36, 41]) expect(level(x, 35)).toBe(100);
    for (const x of [4, 70, 90]) expect(level(x, 35)).toBe(80);
  });

  test('camera noise is not a change, a light switched on is one', () => {
    const still = [1, 2].map((seed) => withNoise(scene(0, 0), seed));
    const grey = new Uint8Array(still[0]!.length).fill(100);
    const paintings = [grey.map(() => 60), grey];
    const calm = filtered(still, paintings, [HERE, HERE])[1]!;
    expect(calm.reduce((sum, level) => sum + level, 0) / calm.length).toBeLessThan(85);
    const lit = [scene(0, 0), scene(0, 0).map((level) => Math.min(255, level + 20))];
    expect(filtered(lit, paintings, [HERE, HERE])[1]).toEqual(grey);
  });

  test('beside the original, which is unchanged', () => {
    const { width, height } = SIZE;
    const settler = new TemporalFilter(SIZE);
    const source = scene(0, 0);
    const wide = (level: number) => {
      const data = new Uint8Array(2 * width * height * 3).fill(level);
      settler.apply({ data, stride: 6 * width, from: 3 * width }, settler.lumaOf(source), HERE);
      return data;
    };
    wide(60);
    const data = wide(100);
    const level = (x: number, y: number) => data[(y * 2 * width + x) * 3];
    for (const y of [0, 33, height - 1]) expect([level(0, y), level(width - 1, y)]).toEqual([100, 100]);
    for (const y of [0, 33, 67]) expect([level(width, y), level(width + 95, y)]).toEqual([80, 80]);
    // What makes no whole block is left alone.
    expect([level(2 * width - 1, 33), level(width + 20, height - 1)]).toEqual([100, 100]);
  });

  test('no difference persists', () => {
    const grey = (level: number) => new Uint8Array(SIZE.width * SIZE.height * 3).fill(level);
    const paintings = [101, 100, 100].map(grey);
    const sources = paintings.map(() => scene(0, 0));
    expect(filtered(sources, paintings, [HERE, HERE, HERE])[2]).toEqual(grey(100));
  });

  test('a change of colour alone is a change', () => {
    const plain = (...colour: number[]) => new Uint8Array(SIZE.width * SIZE.height * 3).map((_, i) => colour[i % 3]!);
    const paintings = [60, 100].map((level) => plain(level, level, level));
    const sources = [plain(220, 60, 40), plain(40, 60, 220)];
    expect(filtered(sources, paintings, [HERE, HERE])[1]).toEqual(paintings[1]);
  });

  test('mirrored as the painting is', () => {
    const settler = new TemporalFilter(SIZE);
    const [source, other] = [scene(0, 0), scene(0, 0)];
    for (let y = 0; y < SIZE.height; y++) other.fill(255, y * SIZE.width * 3, (y * SIZE.width + 20) * 3);
    const [first, second] = [60, 100].map((level) => new Uint8Array(source.length).fill(level));
    for (const [data, seen] of [
      [first!, source],
      [second!, other],
    ] as const)
      settler.apply({ data, stride: 3 * SIZE.width, from: 0 }, settler.lumaOf(seen, true), HERE);
    // What changed at the left of the source is at the right of the painting.
    expect([second![35 * SIZE.width * 3], second![(36 * SIZE.width - 1) * 3]]).toEqual([80, 100]);
  });

  test('too small pictures are unchanged', () => {
    const size = { width: 15, height: 40 };
    const settler = new TemporalFilter(size);
    const results = [60, 100].map((level) => {
      const data = new Uint8Array(15 * 40 * 3).fill(level);
      settler.apply({ data, stride: 45, from: 0 }, settler.lumaOf(data.map(() => 9)), HERE);
      return data[0];
    });
    expect(results).toEqual([60, 100]);
  });
});

import { describe, expect, test } from 'vitest';
import type { ScenePosition } from '#src/engine/stabilize/camera-motion.js';
import { TemporalFilter } from '#src/engine/stabilize/temporal-filter.js';
import { noisy } from '#src/quality/flicker.js';
import { type Motion, shift } from '#src/quality/motion/motion.js';
import { warpingError } from '#src/quality/motion/warping.js';
import { noise } from '../pictures.js';

const SIZE = { width: 99, height: 70 };
/** What a painting of level 100 after one of 60 becomes where nothing has changed. */
const KEPT = 73;
const HERE: ScenePosition = { x: 0, y: 0, zoom: 1, cut: false };

/** A scene without borders; `colour` tells the painting from the source. */
function scene(x0: number, y0: number, zoom = 1, { width, height } = SIZE, colour = 0): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [(x - (width - 1) / 2) / zoom - x0, (y - (height - 1) / 2) / zoom - y0];
      const grain = 22 * Math.sin(u / 1.9 + Math.sin(v / 5)) * Math.cos(v / 2.2 - Math.sin(u / 7));
      for (let c = 0; c < 3; c++, at++) {
        data[at] = 128 + 50 * Math.sin(u / 7 + c + colour) + 40 * Math.cos(v / 9 - c + u / 20) + grain;
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

const picture = (data: Uint8Array) => ({ data, ...SIZE });

/** The change of the last picture along the motion of the camera, away from the borders. */
function changeAlong(pictures: readonly Uint8Array[], at: (n: number) => ScenePosition, margin = 12): number {
  const [from, to] = [at(6), at(7)];
  const { width, height } = SIZE;
  const motion: Motion = (x, y) => {
    const along = (value: number, side: number, was: number, is: number) =>
      (side - 1) / 2 + ((value - (side - 1) / 2 - was) * to.zoom) / from.zoom + is;
    return [along(x, width, from.x, to.x), along(y, height, from.y, to.y)];
  };
  const inside = (x: number, y: number) => x >= margin && y >= margin && x < width - margin && y < height - margin;
  return warpingError(picture(pictures[6]!), picture(pictures[7]!), motion, inside);
}

/** Mean absolute difference of neighbours, away from the borders. */
function detail(data: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let y = 12; y < SIZE.height - 12; y++) {
    for (let at = (y * SIZE.width + 12) * 3; at < (y * SIZE.width + SIZE.width - 12) * 3; at++, count++) {
      sum += Math.abs(data[at]! - data[at + 3]!);
    }
  }
  return sum / count;
}

const PLACES = [
  { name: 'stands still', most: 0.3, at: () => HERE },
  { name: 'is panned by parts of a pixel', most: 0.5, at: (n: number) => ({ ...HERE, x: -1.37 * n, y: 0.61 * n }) },
  { name: 'is panned by whole pixels', most: 0.3, at: (n: number) => ({ ...HERE, x: 2 * n, y: -n }) },
  { name: 'is zoomed', most: 0.5, at: (n: number) => ({ ...HERE, zoom: 1.004 ** n }) },
] as const;

describe('painted pictures are filtered over time', () => {
  test.each(PLACES)('where the camera $name', ({ at, most }) => {
    const places = Array.from({ length: 8 }, (_, n) => at(n));
    const sources = places.map(({ x, y, zoom }) => scene(x, y, zoom));
    const clean = places.map(({ x, y, zoom }) => scene(x, y, zoom, SIZE, 2));
    const paintings = clean.map(withNoise);
    const results = filtered(sources, paintings, places);
    expect(results[0]).toEqual(paintings[0]);
    const [before, after] = [changeAlong(paintings, at), changeAlong(results, at)];
    expect(after / before).toBeLessThan(most);
    expect(after / before).toBeGreaterThan(0.02);
    // Steady, but no softer: the noise of the painting stands for its strokes.
    expect(detail(results[7]!) / detail(paintings[7]!)).toBeGreaterThan(0.8);
    expect(detail(results[7]!) / detail(paintings[7]!)).toBeLessThan(1.15);
  });

  test('nothing of another shot is kept', () => {
    const sources = [scene(0, 0), scene(0, 0)];
    const paintings = [noise(SIZE.width, SIZE.height), scene(3, 3)];
    expect(filtered(sources, paintings, [HERE, { ...HERE, cut: true }])[1]).toEqual(paintings[1]);
  });

  test('what is painted follows what moves, and leaves no trail', () => {
    // A square of another scene moves otherwise than what is behind it.
    const [side, top, step] = [32, 20, { x: 5, y: 1 }];
    const left = (n: number) => 10 + step.x * n;
    const view = (n: number, colour: number) => {
      const [data, thing] = [scene(0, 0, 1, SIZE, colour), scene(step.x * n + 40, step.y * n, 1, SIZE, colour + 1)];
      for (let y = top + step.y * n; y < top + step.y * n + side; y++) {
        const row = [(y * SIZE.width + left(n)) * 3, (y * SIZE.width + left(n) + side) * 3] as const;
        data.set(thing.subarray(...row), row[0]);
      }
      return data;
    };
    const numbers = [0, 1, 2, 3, 4, 5];
    const sources = numbers.map((n) => view(n, 0));
    const paintings = numbers.map((n) => withNoise(view(n, 2), n));
    const results = filtered(
      sources,
      paintings,
      numbers.map(() => HERE),
    );
    const within = (n: number, from: number, to: number) => (x: number, y: number) =>
      x >= left(n) + from && x < left(n) + to && y >= top + step.y * n + 8 && y < top + step.y * n + side - 8;
    const change = (all: readonly Uint8Array[]) =>
      warpingError(picture(all[4]!), picture(all[5]!), shift(step.x, step.y), within(4, 8, side - 8));
    expect(change(results) / change(paintings)).toBeLessThan(0.35);
    // Where it was and is no more: nearly as painted. A trail would differ by forty levels.
    let apart = 0;
    let count = 0;
    for (let y = 0; y < SIZE.height; y++) {
      for (let x = 0; x < SIZE.width; x++) {
        if (!within(5, -step.x, 0)(x, y)) continue;
        const at = (y * SIZE.width + x) * 3;
        for (let c = at; c < at + 3; c++, count++) apart += Math.abs(results[5]![c]! - paintings[5]![c]!);
      }
    }
    expect(apart / count).toBeLessThan(8);
  });

  test('camera noise is not a change, a light switched on is one', () => {
    const still = [1, 2].map((seed) => withNoise(scene(0, 0), seed));
    const grey = new Uint8Array(still[0]!.length).fill(100);
    const paintings = [grey.map(() => 60), grey];
    const calm = filtered(still, paintings, [HERE, HERE])[1]!;
    expect(calm.reduce((sum, level) => sum + level, 0) / calm.length).toBeLessThan(85);
    const lit = [scene(0, 0), scene(0, 0).map((level) => Math.min(255, level + 20))];
    const relit = filtered(lit, paintings, [HERE, HERE])[1]!;
    // Where another place happened to be as bright before as this one is now, something of it may stay.
    expect(relit.filter((level) => level === 100).length / relit.length).toBeGreaterThan(0.75);
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
    for (const y of [0, 33, 67]) expect([level(width, y), level(width + 95, y)]).toEqual([KEPT, KEPT]);
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
    expect([second![35 * SIZE.width * 3], second![(36 * SIZE.width - 1) * 3]]).toEqual([KEPT, 100]);
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

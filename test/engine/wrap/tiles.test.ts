import { describe, expect, test } from 'vitest';
import { planTiles } from '#src/engine/wrap/tiles.js';

const SIZES = [
  [1920, 1080],
  [3840, 2160],
  [1283, 721],
  [641, 361],
  [65, 4001],
  [4001, 30],
  [500, 500],
  [7680, 4320],
] as const;
const RULES = [
  { multiple: 8, reach: 60 },
  { multiple: 1, reach: 1 },
  { multiple: 4, reach: 0 },
  { multiple: 16, reach: 33 },
  { multiple: 24, reach: 200 },
];
const SHARES = [0.9, 0.5, 0.26, 0.1, 0.03];

const cases = SIZES.flatMap(([width, height]) =>
  RULES.flatMap((rules) => SHARES.map((share) => ({ width, height, share, ...rules }))),
);

describe('planTiles', () => {
  test(`covers every pixel once, inside the padded picture, on the network's grid (${cases.length} cases)`, () => {
    let within = 0;
    for (const { width, height, share, multiple, reach } of cases) {
      const pixels = width * height * share;
      const plan = planTiles({ width, height }, { multiple, reach, pixels });
      const label = JSON.stringify({ width, height, share, multiple, reach });
      if (!plan) {
        // Only where the margins are about as large as the picture is there nothing to cut.
        expect(4 * reach, label).toBeGreaterThan(Math.min(width, height));
        continue;
      }
      const { padded, tile, tiles } = plan;
      const margin = Math.ceil(reach / multiple) * multiple;
      expect(padded.width % multiple, label).toBe(0);
      expect(padded.height % multiple, label).toBe(0);
      expect(tile.width % multiple, label).toBe(0);
      expect(tile.height % multiple, label).toBe(0);
      expect(tile.width, label).toBeLessThanOrEqual(padded.width);
      expect(tile.height, label).toBeLessThanOrEqual(padded.height);

      // One row of marks and one column are enough: tiles form a grid.
      let area = 0;
      const mark = (marks: Uint8Array) => {
        for (let i = 0; i < marks.length; i++) marks[i]!++;
      };
      const across = new Uint8Array(width);
      const down = new Uint8Array(height);
      const first = tiles[0]!.core;
      for (const { x, y, core } of tiles) {
        area += core.width * core.height;
        if (core.y === first.y) mark(across.subarray(core.x, core.x + core.width));
        if (core.x === first.x) mark(down.subarray(core.y, core.y + core.height));
        expect(x % multiple, label).toBe(0);
        expect(y % multiple, label).toBe(0);
        expect(Math.min(x, y), label).toBeGreaterThanOrEqual(0);
        expect(x + tile.width, label).toBeLessThanOrEqual(padded.width);
        expect(y + tile.height, label).toBeLessThanOrEqual(padded.height);
        // As much margin as the network looks, or the edge of the picture.
        expect(x === 0 || core.x - x >= margin, label).toBe(true);
        expect(y === 0 || core.y - y >= margin, label).toBe(true);
        const right = x + tile.width;
        const bottom = y + tile.height;
        expect(right === padded.width || right - core.x - core.width >= margin, label).toBe(true);
        expect(bottom === padded.height || bottom - core.y - core.height >= margin, label).toBe(true);
      }
      expect(area, label).toBe(width * height);
      expect(across.every((n) => n === 1) && down.every((n) => n === 1), label).toBe(true);

      const smallest = Math.min(padded.width, 2 * margin + multiple) * Math.min(padded.height, 2 * margin + multiple);
      if (tile.width * tile.height <= pixels) within++;
      // The limit may be passed only where margins leave no room; then not by more than a small core needs.
      else expect(tile.width * tile.height, label).toBeLessThanOrEqual(Math.max(pixels, 16 * smallest));
    }
    expect(within).toBeGreaterThan(cases.length / 2);
  });

  test('a picture that fits is not tiled', () => {
    expect(planTiles({ width: 640, height: 360 }, { multiple: 8, reach: 50, pixels: 640 * 360 })).toBeUndefined();
    // 361 rows become 368.
    expect(planTiles({ width: 640, height: 361 }, { multiple: 8, reach: 50, pixels: 640 * 361 })).toBeDefined();
  });

  test('4K with a quarter of the pixels: few tiles, and little painted twice', () => {
    const plan = planTiles({ width: 3840, height: 2160 }, { multiple: 8, reach: 60, pixels: (3840 * 2160) / 4 })!;
    const seen = plan.tiles.length * plan.tile.width * plan.tile.height;
    expect(plan.tiles.length).toBeLessThanOrEqual(6);
    expect(seen / (3840 * 2160)).toBeLessThan(1.3);
  });
});

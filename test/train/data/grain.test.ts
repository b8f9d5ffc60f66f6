import { expect, it } from 'vitest';
import { withoutGrain } from '#src/train/data/grain.js';

const [WIDTH, HEIGHT] = [48, 32];

/** A dark line of one pixel and a blue field on paper, with a grain of up to `grain` levels. */
function print(grain: number) {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const color = x === 12 ? [30, 30, 40] : x < 30 ? [220, 210, 180] : [40, 70, 130];
      const noise = Math.round(grain * Math.sin(12.9898 * x + 78.233 * y) * Math.cos(37.719 * x - 4.1 * y));
      data.set(
        color.map((level) => level + noise),
        (y * WIDTH + x) * 3,
      );
    }
  }
  return { data, width: WIDTH, height: HEIGHT };
}

const meanDistance = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

it('takes the grain of paper away, and leaves lines and edges', () => {
  const clean = print(0).data;
  const grainy = print(8);
  const found = withoutGrain(grainy);
  expect([found.width, found.height]).toEqual([WIDTH, HEIGHT]);
  expect(meanDistance(grainy.data, clean)).toBeGreaterThan(2);
  expect(meanDistance(found.data, clean)).toBeLessThan(meanDistance(grainy.data, clean) / 2);
  const level = (x: number) => found.data[(16 * WIDTH + x) * 3]!;
  expect(level(12)).toBeLessThan(60);
  expect(level(11) - level(12)).toBeGreaterThan(150);
  expect(level(29) - level(30)).toBeGreaterThan(150);
});

it('leaves what has no grain as it is', () => {
  expect(withoutGrain(print(0)).data).toEqual(print(0).data);
});

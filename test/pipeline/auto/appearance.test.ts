import { expect, test } from 'vitest';
import { APPEARANCE_SIZE, appearanceOf, distanceOf, meanAppearance } from '#src/pipeline/auto/appearance.js';

const { width, height } = APPEARANCE_SIZE;
const picture = (colour: (x: number, y: number) => readonly number[]) =>
  Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return colour(pixel % width, Math.floor(pixel / width))[i % 3]!;
  });

// Published values of CIE 1976 L*a*b* for the corners of sRGB, white D65.
test.each([
  ['white', [255, 255, 255], [100, 0, 0]],
  ['black', [0, 0, 0], [0, 0, 0]],
  ['red', [255, 0, 0], [53.24, 80.09, 67.2]],
  ['green', [0, 255, 0], [87.73, -86.18, 83.18]],
  ['blue', [0, 0, 255], [32.3, 79.19, -107.86]],
])('%s in L*a*b*', (_, colour, lab) => {
  const { mean, deviation, edges } = appearanceOf(picture(() => colour));
  for (const [c, value] of lab.entries()) expect(Math.abs(mean[c]! - value)).toBeLessThan(0.1);
  for (const value of [...deviation, edges]) expect(value).toBeCloseTo(0, 3);
});

test('deviation and edges of stripes', () => {
  const stripes = (wide: number) => appearanceOf(picture((x) => Array(3).fill(Math.floor(x / wide) % 2 ? 255 : 0)));
  expect(stripes(1).deviation[0]).toBeCloseTo(50, 3);
  expect(stripes(1).edges).toBeCloseTo(100, 3);
  expect(stripes(2).edges).toBeLessThan(stripes(1).edges);
  expect(stripes(8).edges).toBeLessThan(stripes(2).edges);
});

test('the distance is nought to itself, the same both ways, and grows with colour and with texture', () => {
  const grey = appearanceOf(picture(() => [120, 120, 120]));
  const [blue, bluer] = [appearanceOf(picture(() => [110, 120, 140])), appearanceOf(picture(() => [90, 120, 180]))];
  expect(distanceOf(grey, grey)).toBe(0);
  expect(distanceOf(grey, blue)).toBe(distanceOf(blue, grey));
  expect(distanceOf(grey, blue)).toBeLessThan(distanceOf(grey, bluer));
  const rough = { ...grey, edges: grey.edges + 5 };
  expect(distanceOf(grey, rough)).toBeCloseTo(10, 9);
  expect(distanceOf(meanAppearance([grey, rough]), { ...grey, edges: 2.5 })).toBeCloseTo(0, 9);
});

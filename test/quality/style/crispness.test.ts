import { expect, it } from 'vitest';
import { crispness } from '#src/quality/style/crispness.js';

const [WIDTH, HEIGHT] = [24, 16];
const grey = (value: (x: number, y: number) => number) => ({
  data: Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) =>
    value(Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)),
  ),
  width: WIDTH,
  height: HEIGHT,
});

it('is the mean curvature of luma: nothing of a ramp, eight times the amplitude of a chequerboard', () => {
  expect(crispness(grey((x, y) => 3 * x + 2 * y))).toBeCloseTo(0, 9);
  expect(crispness(grey((x, y) => 100 + 10 * ((x + y) % 2)))).toBeCloseTo(40, 9);
  // An edge of 60 between two columns out of 22 inner ones.
  expect(crispness(grey((x) => (x < 12 ? 100 : 160)))).toBeCloseTo((2 * 60) / 22, 9);
});

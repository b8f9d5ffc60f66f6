import { expect, test } from 'vitest';
import { RollingWindow } from '#src/live/show/rolling-window.js';

test('the median and the rate of the last second', () => {
  const window = new RollingWindow();
  expect(window.median(0)).toBe(0);
  for (const [at, value] of [
    [0, 100],
    [500, 3],
    [600, 1],
    [700, 2],
  ] as const) {
    window.add(value, at);
  }
  expect([window.median(999), window.rate(999)]).toEqual([3, 4]);
  expect([window.median(1000), window.rate(1000)]).toEqual([2, 3]);
  expect([window.median(1650), window.count(1650)]).toEqual([2, 1]);
  expect([window.median(1700), window.rate(1700)]).toEqual([0, 0]);
});

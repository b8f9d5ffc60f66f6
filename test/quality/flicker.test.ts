import { describe, expect, it } from 'vitest';
import { meanChange, noisy } from '#src/quality/flicker.js';
import type { Picture } from '#src/quality/motion/warping.js';

const grey = (level: number, size = 100): Picture => ({
  data: new Uint8Array(size * size * 3).fill(level),
  width: size,
  height: size,
});

describe('noisy', () => {
  it('has the deviation that was asked for, around the picture', () => {
    const { data } = noisy(grey(128), 1, 0, 0.04);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    expect(mean).toBeGreaterThan(127.7);
    expect(mean).toBeLessThan(128.3);
    expect(deviation / 255).toBeGreaterThan(0.0385);
    expect(deviation / 255).toBeLessThan(0.0415);
  });

  it('is the same for one seed and frame, and independent from frame to frame', () => {
    const [a, again, b] = [noisy(grey(128), 1, 0), noisy(grey(128), 1, 0), noisy(grey(128), 1, 1)];
    expect(a).toEqual(again);
    // The mean absolute difference of two independent normal numbers is 2/√π deviations.
    expect(meanChange(a, b) / 0.025).toBeGreaterThan(1.1);
    expect(meanChange(a, b) / 0.025).toBeLessThan(1.16);
  });

  it('stays within a byte', () => {
    expect(noisy(grey(255), 1, 0).data.every((value) => value > 200)).toBe(true);
  });
});

describe('meanChange', () => {
  it('counts from 0, equal, to 1, black to white', () => {
    expect(meanChange(grey(7), grey(7))).toBe(0);
    expect(meanChange(grey(0), grey(255))).toBe(1);
    expect(meanChange(grey(100), grey(151))).toBeCloseTo(0.2, 12);
  });
});

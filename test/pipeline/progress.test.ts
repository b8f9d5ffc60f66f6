import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Progress, ProgressMeter } from '#src/pipeline/progress.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Counts a frame every so many milliseconds. */
function count(meter: ProgressMeter, frames: number, every: number) {
  for (let n = 0; n < frames; n++) {
    vi.advanceTimersByTime(every);
    meter.count();
  }
}

test('speed, share and time left', () => {
  const meter = new ProgressMeter(100, () => undefined);
  count(meter, 50, 100);
  expect(meter.progress()).toMatchObject({ frames: 50, total: 100, elapsed: 5 });
  expect(meter.progress().fps).toBeCloseTo(10, 1);
  expect(meter.progress().left).toBeCloseTo(5, 1);
});

test('the speed is that of the last seconds', () => {
  const meter = new ProgressMeter(undefined, () => undefined);
  count(meter, 100, 200);
  count(meter, 500, 20);
  expect(meter.progress().fps).toBeCloseTo(50, 0);
  expect(meter.progress().left).toBeUndefined();
});

test('a listener is told ten times a second at most', () => {
  const told: Progress[] = [];
  const meter = new ProgressMeter(undefined, (progress) => told.push(progress));
  count(meter, 1000, 1);
  expect(told.length).toBeGreaterThanOrEqual(9);
  expect(told.length).toBeLessThanOrEqual(10);
});

test('a total that was an estimate gives way to what was counted', () => {
  const meter = new ProgressMeter(3, undefined);
  count(meter, 5, 10);
  expect(meter.progress()).toMatchObject({ frames: 5, total: 5, left: 0 });
});

test('the bottleneck is the stage that was waited for longest', () => {
  const meter = new ProgressMeter(undefined, undefined);
  meter.wait('decode', 5);
  meter.wait('encode', 30);
  meter.wait('network', 20);
  expect(meter.progress().bottleneck).toBe('encode');
  meter.wait('network', 20);
  expect(meter.progress().bottleneck).toBe('network');
});

test('before the first frame there is no speed', () => {
  expect(new ProgressMeter(10, undefined).progress()).toMatchObject({ frames: 0, fps: 0, left: undefined, elapsed: 0 });
});

import { describe, expect, test } from 'vitest';
import { type GovernorState, govern, heightSteps, startGovernor } from '#src/live/loop/height/governor.js';
import { MIN_HEIGHT } from '#src/live/settings/table.js';

/** Seconds of a machine that paints so many pixels a millisecond, besides a fixed time. Returns the heights. */
function run(state: GovernorState, seconds: number, msAt: (height: number, second: number) => number, asked: number) {
  const heights: number[] = [];
  let now = state;
  for (let second = 0; second < seconds; second++) {
    now = govern(now, { fps: 30, paintMs: msAt(now.height, second) }, asked);
    heights.push(now.height);
  }
  return { heights, state: now };
}

/** A machine that paints a height in `ms`, and others in proportion to their pixels. */
const machine = (height: number, ms: number) => (at: number) => ms * (at / height) ** 2;

const changes = (heights: readonly number[]) =>
  heights.filter((height, i) => i > 0 && height !== heights[i - 1]).length;

test('steps go down from the requested height to the minimum, in multiples of eight', () => {
  expect(heightSteps(720)).toEqual([720, 600, 504, 416, 344, 288, 240, 200, 168]);
  expect(heightSteps(360)).toEqual([360, 304, 248, 208, 176, 144]);
  expect(heightSteps(MIN_HEIGHT)).toEqual([MIN_HEIGHT]);
  expect(heightSteps(100)).toEqual([100]);
});

test('it begins at the highest step that is not above the first', () => {
  expect(startGovernor(720).height).toBe(720);
  expect(startGovernor(720, 360).height).toBe(344);
  expect(startGovernor(720, 10).height).toBe(168);
});

describe('under a steady load', () => {
  test.for([
    [20, 360],
    [29, 360],
    [31, 304],
    [45, 248],
    [200, 144],
    [2000, 144],
  ])('a network of %i ms at 360 settles at %i and stays', ([ms, height]) => {
    const { heights } = run(startGovernor(360), 600, machine(360, ms!), 360);
    expect(heights.at(-1)).toBe(height);
    expect(changes([360, ...heights])).toBeLessThanOrEqual(1);
    expect(heights[5]).toBe(height);
  });

  test('one slow second changes nothing, unless it is an overload', () => {
    const once = (ms: number) => (height: number, second: number) => (second === 10 ? ms : machine(360, 20)(height));
    expect(changes(run(startGovernor(360), 60, once(40), 360).heights)).toBe(0);
    expect(run(startGovernor(360), 11, once(80), 360).heights.at(-1)).toBeLessThan(360);
  });
});

describe('when the load goes away', () => {
  const busy = (height: number, second: number) => machine(360, second < 30 ? 60 : 15)(height);

  test('it returns to the requested height within ten seconds', () => {
    const { heights } = run(startGovernor(360), 45, busy, 360);
    expect(heights[20]).toBeLessThanOrEqual(248);
    expect(heights[40]).toBe(360);
    expect(changes(heights)).toBe(1);
  });

  test('a lower requested height takes effect at once, a higher one after a while', () => {
    const { state } = run(startGovernor(360), 20, machine(360, 20), 360);
    expect(govern(state, { fps: 30, paintMs: 20 }, 240).height).toBe(240);
    const { heights } = run(govern(state, { fps: 30, paintMs: 20 }, 240), 20, machine(360, 20), 360);
    expect(heights.at(-1)).toBe(360);
  });
});

test('a constant part of the work is detected: the picture is no coarser than necessary', () => {
  // 15 ms whatever the height, and 20 at 360 besides; later half of that.
  const fixed = (height: number, second: number) => 15 + machine(360, second < 20 ? 20 : 10)(height);
  const { heights } = run(startGovernor(360), 120, fixed, 360);
  expect(heights[10]).toBe(304);
  expect(heights.at(-1)).toBe(360);
  expect(changes([360, ...heights])).toBe(2);
});

test('constant work leads to the minimum once, and back when it has gone', () => {
  const { heights } = run(startGovernor(360), 120, (_, second) => (second < 60 ? 50 : 10), 360);
  expect(heights[50]).toBe(MIN_HEIGHT);
  expect(heights.at(-1)).toBe(360);
  expect(changes([360, ...heights])).toBeLessThanOrEqual(4);
});

test('it does not oscillate: futile raises become rare', () => {
  // What is expected never comes true: above 300 lines everything costs three times as much.
  const unfair = (height: number) => machine(360, height > 300 ? 60 : 20)(height);
  const { heights } = run(startGovernor(360), 1800, unfair, 360);
  const high = heights.flatMap((height, second) => (height > 300 && heights[second - 1]! <= 300 ? [second] : []));
  expect(high.length).toBeLessThanOrEqual(12);
  const pauses = high.slice(1).map((second, i) => second - high[i]!);
  expect(Math.max(...pauses)).toBeGreaterThan(300);
  expect(pauses.every((pause, i) => i === 0 || pause >= pauses[i - 1]!)).toBe(true);
});

test('noise of 15 % around the limit moves it twice at most', () => {
  let seed = 1;
  const noise = () => {
    seed = (seed * 16807) % 2147483647;
    return 0.85 + (0.3 * seed) / 2147483647;
  };
  const { heights } = run(startGovernor(360), 600, (height) => machine(360, 28)(height) * noise(), 360);
  expect(changes([360, ...heights])).toBeLessThanOrEqual(2);
});

import { expect, test } from 'vitest';
import { planSegments } from '#src/jobs/segments/plan.js';

const RATE = 10;
const times = (count: number) => Array.from({ length: count }, (_, n) => n / RATE);
const always = async (_before: number, _after: number) => true;
const plan = (count: number, cuts: number[], continuing = true, beginsAnew = always) =>
  planSegments({ times: times(count), cuts }, { continuing, beginsAnew });
/** First frame, frames, frames before, and whether it goes on with a shot. */
const brief = (segments: Awaited<ReturnType<typeof plan>>) =>
  segments.map(({ start, frames, from, leadIn, continues }) => {
    const first = Math.round(start * RATE);
    expect(from === null ? 0 : first - Math.round(from * RATE)).toBe(leadIn);
    return [first, frames, leadIn, continues];
  });

test('a short clip is one segment', async () => {
  expect(brief(await plan(301, [50, 100]))).toEqual([[0, 301, 0, false]]);
});

test('the last cut within 30 s ends a segment', async () => {
  expect(brief(await plan(700, [50, 280, 290, 500]))).toEqual([
    [0, 290, 0, false],
    [290, 210, 1, false],
    [500, 200, 1, false],
  ]);
});

test('a long shot is divided into equal parts, each led up to', async () => {
  expect(brief(await plan(900, [100, 800]))).toEqual([
    [0, 100, 0, false],
    [100, 233, 1, false],
    [333, 234, 24, true],
    [567, 233, 24, true],
    [800, 100, 1, false],
  ]);
});

test('where a shot cannot be gone on with, it stays in one piece', async () => {
  expect(brief(await plan(900, [800], false))).toEqual([
    [0, 800, 0, false],
    [800, 100, 1, false],
  ]);
});

test('what is a cut in small pictures only is none', async () => {
  const real = async (before: number, after: number) => {
    expect(after - before).toBeCloseTo(1 / RATE);
    return after < 25 || after > 65;
  };
  expect(brief(await plan(700, [100, 290, 660], true, real))).toEqual([
    [0, 100, 0, false],
    [100, 280, 1, false],
    [380, 280, 24, true],
    [660, 40, 1, false],
  ]);
});

test('slow clips have segments of many frames, not of 30 s', async () => {
  const slow = Array.from({ length: 200 }, (_, n) => n * 10);
  const segments = await planSegments({ times: slow, cuts: [] }, { continuing: true, beginsAnew: always });
  expect(segments.map(({ frames }) => frames)).toEqual([67, 66, 67]);
});

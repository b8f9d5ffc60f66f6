import { expect, test } from 'vitest';
import { Newest } from '#src/media/live/latest-slot.js';

test('only the newest waits; who waits gets the next', async () => {
  const newest = new Newest<number>();
  const waiting = newest.take();
  expect(newest.offer(1)).toBeUndefined();
  expect(await waiting).toBe(1);
  expect([newest.offer(2), newest.offer(3)]).toEqual([undefined, 2]);
  expect(await newest.take()).toBe(3);
});

test('several who wait each get one', async () => {
  const newest = new Newest<number>();
  const both = [newest.take(), newest.take()];
  newest.offer(1);
  await Promise.race(both);
  newest.offer(2);
  expect((await Promise.all(both)).sort()).toEqual([1, 2]);
});

test('after the end what waits can still be taken, and nothing is added', async () => {
  const newest = new Newest<number>();
  newest.offer(1);
  newest.end();
  newest.offer(2);
  expect([await newest.take(), await newest.take()]).toEqual([1, undefined]);
});

test('who waits can be let go without taking anything', async () => {
  const newest = new Newest<number>();
  let enough = false;
  const waiting = newest.take(() => enough);
  enough = true;
  newest.rouse();
  expect(await waiting).toBeUndefined();
  newest.offer(1);
  expect(await newest.take()).toBe(1);
});

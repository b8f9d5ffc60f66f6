import { expect, test } from 'vitest';
import { LatestSlot } from '#src/media/live/latest-slot.js';

test('only the newest value waits; a waiting reader gets the next', async () => {
  const newest = new LatestSlot<number>();
  const waiting = newest.take();
  expect(newest.put(1)).toBeUndefined();
  expect(await waiting).toBe(1);
  expect([newest.put(2), newest.put(3)]).toEqual([undefined, 2]);
  expect(await newest.take()).toBe(3);
});

test('several waiting readers each get one', async () => {
  const newest = new LatestSlot<number>();
  const both = [newest.take(), newest.take()];
  newest.put(1);
  await Promise.race(both);
  newest.put(2);
  expect((await Promise.all(both)).sort()).toEqual([1, 2]);
});

test('after the end a waiting value can still be taken, and nothing is added', async () => {
  const newest = new LatestSlot<number>();
  newest.put(1);
  newest.end();
  newest.put(2);
  expect([await newest.take(), await newest.take()]).toEqual([1, undefined]);
});

test('a waiting reader can be released without a value', async () => {
  const newest = new LatestSlot<number>();
  let enough = false;
  const waiting = newest.take(() => enough);
  enough = true;
  newest.notify();
  expect(await waiting).toBeUndefined();
  newest.put(1);
  expect(await newest.take()).toBe(1);
});

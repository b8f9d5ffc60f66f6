import { expect, test } from 'vitest';
import { Census, TokenBucket } from '#src/live/server/limits.js';
import { TroubleLog } from '#src/live/server/trouble.js';
import { pause } from '../stand.js';

test('a bucket allows a burst, then a rate', async () => {
  const bucket = new TokenBucket(100, 5);
  const began = performance.now();
  let taken = 0;
  while (bucket.take()) taken++;
  // What flowed in meanwhile counts too.
  expect(taken).toBeGreaterThanOrEqual(5);
  expect(taken).toBeLessThanOrEqual(5 + ((performance.now() - began) / 1000) * 100);
  await pause(60);
  expect(bucket.take(3)).toBe(true);
  expect(bucket.take(6)).toBe(false);
});

test('a census counts each address apart', () => {
  const census = new Census();
  expect([census.enter('a'), census.enter('a'), census.enter('b')]).toEqual([1, 2, 1]);
  census.leave('a');
  census.leave('b');
  expect([census.enter('a'), census.enter('b')]).toEqual([2, 1]);
});

test('trouble of one kind is told once a second, with how often it was', () => {
  const lines: string[] = [];
  const log = new TroubleLog((line) => lines.push(line));
  for (let n = 0; n < 5; n++) log.say('flood', `flood ${n}`, 100 + n);
  log.say('stall', 'stall', 200);
  log.say('flood', 'flood later', 1100);
  log.say('flood', 'flood much later', 5000);
  expect(lines).toEqual(['flood 0', 'stall', 'flood later (and 4 more like it)', 'flood much later']);
});

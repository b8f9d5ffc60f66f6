import { expect, test } from 'vitest';
import { ConnectionCounter, TokenBucket } from '#src/live/server/access/limits.js';
import { RateLimitedLog } from '#src/live/server/rate-limited-log.js';
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

test('connections are counted for each address', () => {
  const census = new ConnectionCounter();
  expect([census.add('a'), census.add('a'), census.add('b')]).toEqual([1, 2, 1]);
  census.remove('a');
  census.remove('b');
  expect([census.add('a'), census.add('b')]).toEqual([2, 1]);
});

test('problems of one kind are logged once a second, with their number', () => {
  const lines: string[] = [];
  const log = new RateLimitedLog((line) => lines.push(line));
  for (let n = 0; n < 5; n++) log.log('flood', `flood ${n}`, 100 + n);
  log.log('stall', 'stall', 200);
  log.log('flood', 'flood later', 1100);
  log.log('flood', 'flood much later', 5000);
  expect(lines).toEqual(['flood 0', 'stall', 'flood later (and 4 more like it)', 'flood much later']);
});

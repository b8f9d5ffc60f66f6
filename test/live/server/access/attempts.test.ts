import { expect, test } from 'vitest';
import { Attempts } from '#src/live/server/access/attempts.js';

test('each further wrong token doubles the wait, up to five minutes; who rests is forgotten', () => {
  const lines: string[] = [];
  const attempts = new Attempts((line) => lines.push(line));
  let now = 1000;
  for (let n = 0; n < 9; n++) attempts.wrong('192.0.2.7', `token-${n}`, now);
  expect(attempts.wait('192.0.2.7', now)).toBe(0);
  const waits: number[] = [];
  for (let n = 9; n < 21; n++) {
    attempts.wrong('192.0.2.7', `token-${n}`, now);
    waits.push(attempts.wait('192.0.2.7', now) / 1000);
    now += attempts.wait('192.0.2.7', now);
    expect(attempts.wait('192.0.2.7', now)).toBe(0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  expect(lines).toHaveLength(12);
  expect(attempts.wait('192.0.2.8', now)).toBe(0);
  now += 16 * 60_000;
  for (let n = 0; n < 9; n++) attempts.wrong('192.0.2.7', `again-${n}`, now);
  expect(attempts.wait('192.0.2.7', now)).toBe(0);
});

test('the addresses of one IPv6 network count together', () => {
  const attempts = new Attempts(() => undefined);
  for (let n = 0; n < 10; n++) attempts.wrong(`2001:db8:0:7::${n}`, `token-${n}`, 0);
  expect(attempts.wait('2001:db8:0:7:1:2:3:4', 1)).toBeGreaterThan(0);
  expect(attempts.wait('2001:db8:0:8::1', 1)).toBe(0);
  expect(attempts.wait('::1', 1)).toBe(0);
});

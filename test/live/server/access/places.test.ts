import { expect, test } from 'vitest';
import { Places } from '#src/live/server/access/places.js';

const limits = { connections: 12, connectionsKept: 4, connectionsPerAddress: 5 };

test('strangers get no more than is open to them; this machine and who has shown the token get the rest', () => {
  const lines: string[] = [];
  const places = new Places(limits, (line) => lines.push(line));
  const enter = (address: string, times: number) =>
    Array.from({ length: times }, () => places.enter(address)).filter((place) => place && !place.toShowToken);
  expect(enter('192.0.2.1', 9)).toHaveLength(5);
  expect(enter('192.0.2.2', 9)).toHaveLength(3);
  expect(lines.length).toBeGreaterThan(0);
  // A stranger may come in to show its token; then it stays.
  const guest = places.enter('192.0.2.3')!;
  expect(guest.toShowToken).toBe(true);
  guest.leave();
  guest.leave();
  places.vouch('192.0.2.3');
  expect(places.knows('192.0.2.3')).toBe(true);
  expect(enter('192.0.2.3', 2)).toHaveLength(2);
  expect(enter('127.0.0.1', 9).length).toBeGreaterThanOrEqual(1);
  expect(places.enter('127.0.0.1')).toBeUndefined();
});

test('a place that is left is free again', () => {
  const places = new Places(limits, () => undefined);
  const first = Array.from({ length: 5 }, () => places.enter('192.0.2.1')!);
  expect(places.enter('192.0.2.1')).toBeUndefined();
  first[0]!.leave();
  expect(places.enter('192.0.2.1')?.toShowToken).toBe(false);
});

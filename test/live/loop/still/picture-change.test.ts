import { expect, test } from 'vitest';
import { PictureChange } from '#src/live/loop/still/picture-change.js';

const SIZE = { width: 45, height: 30 };
const grey = (level = 100) => new Uint8Array(SIZE.width * SIZE.height * 3).fill(level);
const differs = (now: Uint8Array, before = grey()) => new PictureChange(SIZE).differs(before, now);

/** Noise of a deviation of about `amount` in every value, always the same. */
function noisy(amount: number, level = 100): Uint8Array {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31 - 0.5;
  };
  return grey(level).map((value) => value + amount * (random() + random() + random() + random()) * Math.sqrt(3));
}

test('the same picture, and the noise of a good camera, are no change', () => {
  expect(differs(grey())).toBe(false);
  expect(differs(noisy(1))).toBe(false);
  expect(differs(noisy(4))).toBe(true);
});

test.for([
  [0, 0],
  [44, 29],
  [22, 15],
  [40, 3],
])('one pixel that is another at %j is a change', ([x, y]) => {
  const now = grey();
  now.fill(133, (y! * SIZE.width + x!) * 3, (y! * SIZE.width + x!) * 3 + 3);
  expect(differs(now)).toBe(true);
});

test('a faint thing that moves is a change: an edge of 16 levels, by a pixel', () => {
  const edge = (at: number) => grey().map((value, i) => (Math.floor(i / 3) % SIZE.width < at ? value + 16 : value));
  expect(differs(edge(21), edge(20))).toBe(false);
  // Two columns of eight differ: 4 of 255 in the mean.
  expect(differs(edge(22), edge(20))).toBe(true);
});

test('what changes ever so slowly is a change at last, and where it was is looked at first', () => {
  const change = new PictureChange(SIZE);
  expect(change.differs(grey(), grey(102))).toBe(false);
  expect(change.differs(grey(), grey(103))).toBe(true);
  const now = grey();
  now.fill(200, 29 * SIZE.width * 3);
  for (let turn = 0; turn < 3; turn++) expect(change.differs(grey(), now)).toBe(true);
  expect(change.differs(grey(), grey())).toBe(false);
});

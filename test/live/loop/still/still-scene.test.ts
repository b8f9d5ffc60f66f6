import { expect, test } from 'vitest';
import type { PaintLook } from '#src/engine/painter/live-painter.js';
import { StillScene } from '#src/live/loop/still/still-scene.js';

const SIZE = { width: 16, height: 16 };
const LOOK: PaintLook = {
  styles: [{ name: 'wave', weight: 1 }],
  strength: 1,
  keepColors: false,
  mirror: false,
  mask: 'none',
};
const plain = (level: number) => new Uint8Array(16 * 16 * 3).fill(level);

/** A scene, and a painter whose pictures settle after some, as the temporal filter does. */
function scene(settles: number, look = LOOK) {
  const still = new StillScene(SIZE);
  let count = 0;
  let source = -1;
  return (level: number, { asked = look, state = '' } = {}) => {
    if (still.again(plain(level), asked, state)) return 'again';
    count = level === source ? count + 1 : 0;
    source = level;
    still.became({ data: plain(Math.min(count, settles)), channels: 3 }, asked);
    return 'painted';
  };
}
const turns = (times: number, turn: () => string) =>
  Array.from({ length: times }, turn).filter((one) => one === 'painted').length;

test('a still scene is painted until it has settled, and moves at once', () => {
  const show = scene(5);
  // Six pictures until it has settled, and one that shows that it has.
  expect(turns(40, () => show(10))).toBe(7);
  expect(show(50)).toBe('painted');
  expect(turns(40, () => show(50))).toBe(6);
  // Nothing creeps: each is compared with what was painted.
  expect([51, 52, 53].map((level) => show(level))).toEqual(['again', 'again', 'painted']);
});

test('what never settles is painted for a second, and persons, who are found slowly, as well', () => {
  const restless = scene(1000);
  expect(turns(60, () => restless(10))).toBe(26);
  const person = scene(0, { ...LOOK, mask: 'person' });
  expect(turns(60, () => person(10))).toBe(26);
});

test('another look, another size or another mask is painted', () => {
  const show = scene(0);
  const rest = (options = {}) => turns(30, () => show(10, options));
  expect(rest()).toBeGreaterThan(0);
  expect(rest()).toBe(0);
  expect(rest({ asked: { ...LOOK, strength: 0.5 } })).toBeGreaterThan(0);
  expect(rest({ state: '144' })).toBeGreaterThan(0);
  const given = plain(255);
  expect(rest({ asked: { ...LOOK, mask: 'picture', given } })).toBeGreaterThan(0);
  expect(rest({ asked: { ...LOOK, mask: 'picture', given } })).toBe(0);
  expect(rest({ asked: { ...LOOK, mask: 'picture', given: plain(255) } })).toBeGreaterThan(0);
});

test('a painting that failed is not shown again', () => {
  const still = new StillScene(SIZE);
  for (let turn = 0; turn < 40; turn++) {
    expect(still.again(plain(1), LOOK, '')).toBeUndefined();
    still.became(undefined, LOOK);
  }
});

import { expect, test } from 'vitest';
import { ivfFrameHeader, ivfHeader, ivfTimeBase, rescale } from '#src/media/raw/ivf.js';

test('the file header', () => {
  const header = ivfHeader(641, 361, { num: 1001, den: 30_000 });
  expect(header.toString('hex')).toBe(
    ['444b4946', '0000', '2000', '52474218', '8102', '6901', '30750000', 'e9030000', '0000000000000000'].join(''),
  );
});

test('the header before a frame: length and pts, also a negative and a long one', () => {
  expect(ivfFrameHeader(0x010203, 5).toString('hex')).toBe('030201000500000000000000');
  expect(ivfFrameHeader(1, -1).toString('hex')).toBe('01000000ffffffffffffffff');
  expect(ivfFrameHeader(1, 2 ** 40).toString('hex')).toBe('010000000000000000010000');
});

test('a time base that 32 bits do not hold becomes 1/90000', () => {
  expect(ivfTimeBase({ num: 1, den: 12_800 })).toEqual({ num: 1, den: 12_800 });
  expect(ivfTimeBase({ num: 1, den: 2 ** 31 - 1 })).toEqual({ num: 1, den: 2 ** 31 - 1 });
  expect(ivfTimeBase({ num: 1, den: 2 ** 31 })).toEqual({ num: 1, den: 90_000 });
});

test('time stamps in another time base, rounded to the nearest', () => {
  const pts = (value: number, num: number, den: number) => ({ value, timeBase: { num, den } });
  expect(rescale(pts(7, 1, 25), { num: 1, den: 90_000 })).toBe(25_200);
  expect(rescale(pts(1, 1001, 30_000), { num: 1, den: 1000 })).toBe(33);
  expect(rescale(pts(-3, 1, 2), { num: 1, den: 1000 })).toBe(-1500);
  // The same time base changes nothing, also where a multiplication would lose digits.
  expect(rescale(pts(2 ** 53 - 1, 1, 90_000), { num: 1, den: 90_000 })).toBe(2 ** 53 - 1);
});

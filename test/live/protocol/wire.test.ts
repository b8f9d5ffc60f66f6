import { expect, test } from 'vitest';
import { FRAME_KIND, readFrame, writeHeader } from '#src/live/protocol/wire.js';

const HEADER = { sequence: 4_000_000_000, pts: 1.25, capturedAt: 1_790_000_000_000.5, width: 65_535, height: 1 };

function message(kind: number, image: number[], rest: number[] = []) {
  const header = writeHeader({ ...HEADER, kind }, image.length);
  return new Uint8Array([...header, ...image, ...rest]);
}

test('the header is as documented', () => {
  expect(Buffer.from(message(1, [0xff])).toString('hex')).toBe(
    [
      '53434631', // SCF1
      '01',
      '00',
      '2400',
      '00286bee',
      '000000000000f43f',
      '0008c006450c7a42',
      'ffff',
      '0100',
      '01000000',
      'ff',
    ].join(''),
  );
});

test('what is written can be read', () => {
  const both = readFrame(message(FRAME_KIND.jpegWithMask, [1, 2, 3], [4, 5]));
  expect(both).toEqual({ ...HEADER, kind: 3, image: new Uint8Array([1, 2, 3]), mask: new Uint8Array([4, 5]) });
  expect(readFrame(message(FRAME_KIND.jpeg, [1]))).toMatchObject({ image: new Uint8Array([1]), mask: undefined });
});

test('a longer header of a later version is skipped', () => {
  const bytes = message(1, [7, 8]);
  const longer = new Uint8Array([...bytes.subarray(0, 36), 9, 9, 9, 9, ...bytes.subarray(36)]);
  longer[6] = 40;
  expect(readFrame(longer)?.image).toEqual(new Uint8Array([7, 8]));
});

test.for([
  ['nothing', new Uint8Array()],
  ['a header that breaks off', message(1, [1]).subarray(0, 35)],
  ['another magic', message(1, [1]).fill(0, 0, 1)],
  ['a picture that breaks off', message(1, [1, 2]).subarray(0, 37)],
  ['more than the picture', message(1, [1], [2])],
  ['a mask that is missing', message(3, [1])],
  ['a length beyond the end', message(3, [1], [2]).fill(0xff, 32, 36)],
  ['a header shorter than itself', message(1, [1]).fill(1, 6, 7)],
] as const)('%s is no frame', ([, bytes]) => {
  expect(readFrame(bytes as Uint8Array<ArrayBuffer>)).toBeUndefined();
});

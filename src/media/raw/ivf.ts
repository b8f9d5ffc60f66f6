import type { Pts, Rational } from '../../frame.js';

const LARGEST = 2 ** 31 - 1;

/**
 * The time base for an IVF stream and the encoder behind it: the source's own where 32 bits hold it, else 1/90000.
 */
export function ivfTimeBase(timeBase: Rational): Rational {
  return timeBase.num <= LARGEST && timeBase.den <= LARGEST ? timeBase : { num: 1, den: 90000 };
}

/**
 * The 32-byte file header of IVF with raw RGB24 frames (fourcc `RGB` and 24), which lets time stamps travel through a
 * pipe beside the pixels. Little-endian. Source: https://wiki.multimedia.cx/index.php/Duck_IVF
 *
 * @param fourcc of the pixels: RGB24 as it is, or `RGBA`
 */
export function ivfHeader(width: number, height: number, timeBase: Rational, fourcc = 'RGB\x18'): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(32, 6);
  header.write(fourcc, 8, 'latin1');
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(timeBase.den, 16);
  header.writeUInt32LE(timeBase.num, 20);
  return header;
}

/** The 12-byte header before each frame: its length in bytes and its pts in ticks. */
export function ivfFrameHeader(bytes: number, ticks: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(bytes, 0);
  header.writeBigInt64LE(BigInt(ticks), 4);
  return header;
}

/** A time stamp in ticks of another time base, rounded to the nearest. */
export function rescale(pts: Pts, timeBase: Rational): number {
  const from = pts.timeBase;
  if (from.num === timeBase.num && from.den === timeBase.den) return pts.value;
  return Math.round((pts.value * from.num * timeBase.den) / (from.den * timeBase.num));
}

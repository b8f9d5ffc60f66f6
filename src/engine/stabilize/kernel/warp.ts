// AssemblyScript, compiled to WebAssembly: moves what was there before by a motion field.
import { HIDDEN } from './occlusion';
import { clamp, mixed } from './vectors';

/** Bytes that a row of a band has beyond those of a picture: the last vector of a row may end there. */
const BEYOND: i32 = 16;

let field: usize = 0;
let costs: usize = 0;
let columns: i32 = 0;
let rows: i32 = 0;
let side: i32 = 0;
let width: i32 = 0;
let height: i32 = 0;

/**
 * Sets the field that the functions here use.
 *
 * @param motion blocks of `block` pixels, in sixteenths of a pixel of the picture
 * @param hidden one int32 for each four of the blocks: those of `markOccluded`
 */
export function openField(
  motion: usize,
  hidden: usize,
  across: i32,
  down: i32,
  block: i32,
  wide: i32,
  high: i32,
): void {
  field = motion;
  costs = hidden;
  columns = across;
  rows = down;
  side = block;
  width = wide;
  height = high;
}

/** Number of rows of blocks. */
export function blockRows(): i32 {
  return rows;
}
/** The row of pixels in which a row of blocks begins; the last one has what remains. */
export function firstRow(row: i32): i32 {
  return row === rows ? height : row * side;
}

/** Bytes from row to row of a band, for pictures of `stride` bytes. */
export function bandStride(stride: i32): i32 {
  return stride + BEYOND;
}

/** Reads a row of blocks of the previous picture, each moved, with linear interpolation, into a band of rows. */
export function warpRow(from: usize, band: usize, row: i32, stride: i32, channels: i32): void {
  const first = firstRow(row);
  const last = firstRow(row + 1);
  for (let column: i32 = 0; column < columns; column++) {
    const at = field + (row * columns + column) * 4;
    const u = <i32>load<i16>(at);
    const v = <i32>load<i16>(at, 2);
    const x = column * side;
    const wide = (column === columns - 1 ? width : x + side) - x;
    // What is outside is not used; it must only be there.
    const start = clamp(x + (u >> 4), -4, width - wide + 4) * channels;
    const across = i16x8.splat(i16((u & 15) * 8));
    const down = i16x8.splat(i16((v & 15) * 8));
    const whole = ((u | v) & 15) === 0;
    const bytes = wide * channels;
    for (let y: i32 = first; y < last; y++) {
      const upper = clamp(y + (v >> 4), 0, height - 1);
      const a = from + upper * stride + start;
      const b = from + min(upper + 1, height - 1) * stride + start;
      const to = band + (y - first) * bandStride(stride) + x * channels;
      for (let i: i32 = 0; i < bytes; i += 16) {
        // Blocks are written from left to right: the next one overwrites what is too much.
        if (whole) {
          v128.store(to + i, v128.load(a + i));
          continue;
        }
        const one = mixed(v128.load(a + i), v128.load(b + i), down);
        const two = mixed(v128.load(a + i + channels), v128.load(b + i + channels), down);
        v128.store(to + i, mixed(one, two, across));
      }
    }
  }
}

/** Whether all of a square was visible in the previous picture. @param x, y its corner, in pixels */
export function wasVisible(x: i32, y: i32, square: i32): bool {
  const column = min(x / side, columns - 1);
  const row = min(y / side, rows - 1);
  if (load<i32>(costs + ((row >> 1) * (columns >> 1) + (column >> 1)) * 4) === HIDDEN) return false;
  const at = field + (row * columns + column) * 4;
  const u = x * 16 + load<i16>(at);
  const v = y * 16 + load<i16>(at, 2);
  return u >= 0 && v >= 0 && u <= (width - square) * 16 && v <= (height - square) * 16;
}

// AssemblyScript, compiled to WebAssembly: sixteen bytes at a time. src/engine/stabilize/temporal-filter.ts explains
// the method and lays out the memory: rows of whole vectors, with one vector before and two after each picture that may
// be read but are not used. The functions use the field of `openField`.
import { blendedTowards, clamp, sums, WHOLE } from './vectors';
import { bandStride, blockRows, firstRow, warpRow, wasVisible } from './warp';

/** Side of the blocks in which changes are detected, in pixels. */
const BLOCK: i32 = 4;
/**
 * Change of a block's sum of levels up to which it is unchanged, and from which on it is changed: 4 and 9 levels of its
 * mean.
 */
const SAME: i32 = 4 * BLOCK * BLOCK;
const OTHER: i32 = 9 * BLOCK * BLOCK;
/** Share of the previous output that is kept where nothing has changed. */
const KEPT: i32 = (WHOLE * 7) / 10;

/** Computes the share kept of each block: `shares` and `room` are int32, rows of blocks of `stride / 4`. */
export function compare(
  before: usize,
  now: usize,
  stride: i32,
  band: usize,
  shares: usize,
  room: usize,
  width: i32,
  height: i32,
): void {
  const across = width / BLOCK;
  const down = height / BLOCK;
  memory.fill(room, 0, down * stride);
  for (let row: i32 = 0; row < blockRows(); row++) {
    warpRow(before, band, row, stride, 1);
    const first = firstRow(row);
    const last = min(firstRow(row + 1), down * BLOCK);
    for (let y: i32 = first; y < last; y++) {
      const was = band + (y - first) * bandStride(stride);
      const to = room + (y / BLOCK) * stride;
      const from = now + y * stride;
      for (let x: i32 = 0; x < stride; x += 16) {
        const change = i32x4.sub(sums(v128.load(from + x)), sums(v128.load(was + x)));
        v128.store(to + x, i32x4.add(v128.load(to + x), change));
      }
    }
  }
  for (let y: i32 = 0; y < down; y++) {
    for (let x: i32 = 0; x < across; x++) {
      const at = room + y * stride + x * 4;
      const left = wasVisible(x * BLOCK, y * BLOCK, BLOCK) ? OTHER - abs(load<i32>(at)) : 0;
      store<i32>(at, (KEPT * clamp(left, 0, OTHER - SAME)) / (OTHER - SAME));
    }
  }
  // Of a block whose neighbours have changed, less is kept: nothing where half of the nine have, all where a quarter has.
  // Single blocks may agree by chance; at a straight border a third has changed.
  for (let y: i32 = 0; y < down; y++) {
    const above = room + max(0, y - 1) * stride;
    const here = room + y * stride;
    const below = room + min(down - 1, y + 1) * stride;
    for (let x: i32 = 0; x < across; x++) {
      const left = max(0, x - 1) * 4;
      const middle = x * 4;
      const right = min(across - 1, x + 1) * 4;
      const sum =
        three(above, left, middle, right) + three(here, left, middle, right) + three(below, left, middle, right);
      const most = max(0, (sum * 4) / 9 - 2 * KEPT);
      store<i32>(shares + y * stride + middle, min(load<i32>(here + middle), most));
    }
  }
}

function three(row: usize, left: i32, middle: i32, right: i32): i32 {
  return load<i32>(row + left) + load<i32>(row + middle) + load<i32>(row + right);
}

/**
 * Interpolates the shares of a row of blocks linearly over pixels: one byte for each byte of a row. Pixels beyond the
 * last whole block get 0. Returns false where all are 0.
 */
function spread(shares: usize, to: usize, width: i32): bool {
  const columns = width / BLOCK;
  let most = 0;
  for (let x: i32 = 0; x < width; x++) {
    // Position of the middle of a pixel relative to the middle of the first block, in eighths of a block.
    const place = 2 * x - 3;
    const left = clamp(place >> 3, 0, columns - 1);
    const right = clamp((place >> 3) + 1, 0, columns - 1);
    const part = place & 7;
    const between = (load<i32>(shares + left * 4) * (8 - part) + load<i32>(shares + right * 4) * part) >> 3;
    const share = x < columns * BLOCK ? between : 0;
    most |= share;
    store<u8>(to + x * 3, u8(share));
    store<u8>(to + x * 3, u8(share), 1);
    store<u8>(to + x * 3, u8(share), 2);
  }
  return most > 0;
}

/**
 * Blends the picture `now` in place with the previous output `before`, moved.
 *
 * @param weights buffer for a row of `stride` bytes
 */
export function blend(
  before: usize,
  now: usize,
  stride: i32,
  band: usize,
  weights: usize,
  shares: usize,
  shareStride: i32,
  width: i32,
  height: i32,
): void {
  const whole = (height / BLOCK) * BLOCK;
  for (let row: i32 = 0; row < blockRows(); row++) {
    warpRow(before, band, row, stride, 3);
    const first = firstRow(row);
    let stays = false;
    for (let y: i32 = first; y < min(firstRow(row + 1), whole); y++) {
      if (y % BLOCK === 0) stays = spread(shares + (y / BLOCK) * shareStride, weights, width);
      if (!stays) continue;
      const to = now + y * stride;
      const was = band + (y - first) * bandStride(stride);
      for (let at: i32 = 0; at < stride; at += 16) {
        v128.store(to + at, blendedTowards(v128.load(to + at), v128.load(was + at), v128.load(weights + at)));
      }
    }
  }
}

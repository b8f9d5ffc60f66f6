// AssemblyScript, compiled to WebAssembly: keeps a blended picture as sharp as the painting that it was made of.
import { clamp, sums, WHOLE } from './vectors';

/** Cells in which detail is measured: bytes across, 16 pixels, and rows. */
const CELL_BYTES: i32 = 48;
const CELL_ROWS: i32 = 16;
/** Detail that is lost is added in this share of itself, and at most so much of what is left: in units of 1/128. */
const SHARE: i32 = 180;
const MOST: i32 = (WHOLE * 3) / 4;

/** The mean of the four neighbours of each byte's pixel. */
function around(here: usize, above: usize, below: usize): v128 {
  return i8x16.avgr_u(
    i8x16.avgr_u(v128.load(here - 3), v128.load(here + 3)),
    i8x16.avgr_u(v128.load(above), v128.load(below)),
  );
}

function cellsAcross(stride: i32): i32 {
  return (stride + CELL_BYTES - 1) / CELL_BYTES;
}

/** Measures the detail of each cell, int32: how much pixels differ from the mean of their neighbours, every second row. */
export function measureDetail(from: usize, stride: i32, height: i32, cells: usize): void {
  const across = cellsAcross(stride);
  memory.fill(cells, 0, across * (height / CELL_ROWS + 1) * 4);
  for (let y: i32 = 1; y < height - 1; y += 2) {
    const here = from + y * stride;
    const cell = cells + (y / CELL_ROWS) * across * 4;
    for (let x: i32 = 0; x < stride; x += 16) {
      const level = v128.load(here + x);
      const mean = around(here + x, here + x - stride, here + x + stride);
      const four = sums(v128.or(i8x16.sub_sat_u(level, mean), i8x16.sub_sat_u(mean, level)));
      const two = i32x4.add(four, i32x4.shuffle(four, four, 2, 3, 0, 1));
      const at = cell + (x / CELL_BYTES) * 4;
      store<i32>(at, load<i32>(at) + i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1));
    }
  }
}

/**
 * Raises the detail of the picture `now` in place to that of the painting.
 *
 * @param painted the painting's cells. @param cells buffer of as many
 * @param line, previous: buffers for a row each, with a vector before and after
 */
export function restoreDetail(
  now: usize,
  stride: i32,
  height: i32,
  painted: usize,
  cells: usize,
  line: usize,
  previous: usize,
): void {
  measureDetail(now, stride, height, cells);
  const across = cellsAcross(stride);
  for (let at: i32 = 0; at < across * (height / CELL_ROWS + 1) * 4; at += 4) {
    const has = load<i32>(cells + at);
    const lost = load<i32>(painted + at) - has;
    store<i32>(cells + at, has > 0 ? clamp((lost * SHARE) / has, 0, MOST) : 0);
  }
  memory.copy(previous, now, stride);
  for (let y: i32 = 1; y < height - 1; y++) {
    const row = now + y * stride;
    // As they were, because the row and the one above are changed.
    memory.copy(line, row, stride);
    const cell = cells + (y / CELL_ROWS) * across * 4;
    for (let x: i32 = 0; x < stride; x += 16) {
      const share = load<i32>(cell + (x / CELL_BYTES) * 4);
      if (share > 0)
        v128.store(row + x, sharper(v128.load(line + x), around(line + x, previous + x, row + x + stride), share));
    }
    const was = previous;
    previous = line;
    line = was;
  }
}

/** Adds a share of the difference of levels and the mean around them. */
function sharper(level: v128, mean: v128, share: i32): v128 {
  const by = i16x8.splat(i16(share));
  const half = i16x8.splat(i16(WHOLE / 2));
  const low = i16x8.extend_low_i8x16_u(level);
  const high = i16x8.extend_high_i8x16_u(level);
  const lowMore = i16x8.mul(i16x8.sub(low, i16x8.extend_low_i8x16_u(mean)), by);
  const highMore = i16x8.mul(i16x8.sub(high, i16x8.extend_high_i8x16_u(mean)), by);
  return i8x16.narrow_i16x8_u(
    i16x8.add(low, i16x8.shr_s(i16x8.add(lowMore, half), 7)),
    i16x8.add(high, i16x8.shr_s(i16x8.add(highMore, half), 7)),
  );
}

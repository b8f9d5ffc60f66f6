// AssemblyScript, compiled to WebAssembly: sixteen bytes at a time. src/engine/stabilize/temporal-filter.ts explains
// the method and lays out the memory: rows of whole vectors, with one vector before and two after each picture that may
// be read but are not used.

/** Side of the blocks in which changes are detected, in pixels. */
const BLOCK: i32 = 4;
/**
 * Change of a block's sum of levels up to which it is unchanged, and from which on it is changed: 4 and 9 levels of its
 * mean.
 */
const SAME: i32 = 4 * BLOCK * BLOCK;
const OTHER: i32 = 9 * BLOCK * BLOCK;
/** Weights are in units of 1/128: the difference of two bytes times a weight fits into 16 bits. */
const WHOLE: i32 = 128;
/** Share of the previous output that is kept where nothing has changed. */
const KEPT: i32 = WHOLE / 2;
/** Smaller shifts, in pixels, are treated as none. */
const LEAST: f64 = 1.0 / 64.0;

/** Maps positions to the previous picture along an axis: `i` to `middle + zoom (i − middle) + by`. */
class Axis {
  length: i32 = 0;
  middle: f64 = 0;
  by: f64 = 0;
  zoom: f64 = 1;
  still: bool = true;

  set(length: i32, by: f64, zoom: f64): void {
    this.length = length;
    this.middle = f64(length - 1) / 2;
    this.by = by;
    this.zoom = zoom;
    this.still = abs(by) + abs(zoom - 1) * this.middle < LEAST;
  }
  shift(place: f64): f64 {
    return (this.zoom - 1) * (place - this.middle) + this.by;
  }
  /** Whether all of a block was visible in the previous picture. */
  seen(block: i32): bool {
    if (this.still) return true;
    const first = f64(block * BLOCK);
    const last = first + f64(BLOCK - 1);
    return first + this.shift(first) >= 0 && last + this.shift(last) <= f64(this.length - 1);
  }
}

// Created once, because nothing is ever freed here.
const across = new Axis();
const down = new Axis();

/** `WHOLE − w` parts of `a` and `w` of `b`, byte by byte and rounded; every lane of `w` is the same. */
function mixed(a: v128, b: v128, w: v128): v128 {
  const half = i16x8.splat(i16(WHOLE / 2));
  const a0 = i16x8.extend_low_i8x16_u(a);
  const a1 = i16x8.extend_high_i8x16_u(a);
  const d0 = i16x8.mul(i16x8.sub(i16x8.extend_low_i8x16_u(b), a0), w);
  const d1 = i16x8.mul(i16x8.sub(i16x8.extend_high_i8x16_u(b), a1), w);
  return i8x16.narrow_i16x8_u(
    i16x8.add(a0, i16x8.shr_s(i16x8.add(d0, half), 7)),
    i16x8.add(a1, i16x8.shr_s(i16x8.add(d1, half), 7)),
  );
}

/**
 * The same for a painting `a` and the previous output `b`, rounded towards the painting, so that no difference
 * persists.
 */
function blendedTowards(a: v128, b: v128, weights: v128): v128 {
  const a0 = i16x8.extend_low_i8x16_u(a);
  const a1 = i16x8.extend_high_i8x16_u(a);
  const d0 = i16x8.sub(i16x8.extend_low_i8x16_u(b), a0);
  const d1 = i16x8.sub(i16x8.extend_high_i8x16_u(b), a1);
  return i8x16.narrow_i16x8_u(
    i16x8.add(a0, towardsZero(i16x8.mul(d0, i16x8.extend_low_i8x16_u(weights)))),
    i16x8.add(a1, towardsZero(i16x8.mul(d1, i16x8.extend_high_i8x16_u(weights)))),
  );
}

/** Divides by {@link WHOLE}, rounding towards zero. */
function towardsZero(value: v128): v128 {
  const negative = i16x8.shr_s(value, 15);
  return i16x8.shr_s(i16x8.add(value, v128.and(negative, i16x8.splat(i16(WHOLE - 1)))), 7);
}

function clamp(value: i32, least: i32, most: i32): i32 {
  return min(most, max(least, value));
}

/**
 * Reads row `y` of the previous picture at its shifted position, with linear interpolation. @param line buffer for a
 * row
 */
function moved(from: usize, line: usize, to: usize, y: i32, stride: i32, channels: i32): void {
  const below = down.shift(f64(y));
  const upper = clamp(y + i32(floor(below)), 0, down.length - 1);
  const a = from + upper * stride;
  const b = from + min(upper + 1, down.length - 1) * stride;
  const v = weight(below);
  const bytes = across.length * channels;
  for (let at: i32 = 0; at < bytes; at += 16) {
    v128.store(line + at, mixed(v128.load(a + at), v128.load(b + at), v));
  }
  const pixel = 1 / f64(channels);
  for (let at: i32 = 0; at < bytes; at += 16) {
    // Within a vector the shift is nearly constant.
    const shift = across.shift(f64(at + 8) * pixel - 0.5);
    const first = line + clamp(at + i32(floor(shift)) * channels, -16, bytes);
    const h = weight(shift);
    v128.store(to + at, mixed(v128.load(first), v128.load(first + channels), h));
  }
}

/** The weight of the second of two neighbours, in every lane. */
function weight(shift: f64): v128 {
  return i16x8.splat(i16((shift - floor(shift)) * f64(WHOLE) + 0.5));
}

/** The sums of four bytes each. */
function sums(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
}

/** Computes the share kept of each block: `shares` and `room` are int32, rows of blocks of `stride / 4`. */
function sharesOf(
  before: usize,
  now: usize,
  line: usize,
  previous: usize,
  shares: usize,
  room: usize,
  stride: i32,
): void {
  const columns = across.length / BLOCK;
  const rows = down.length / BLOCK;
  const still = across.still && down.still;
  memory.fill(room, 0, rows * stride);
  for (let y: i32 = 0; y < rows * BLOCK; y++) {
    let was = before + y * stride;
    if (!still) {
      moved(before, line, previous, y, stride, 1);
      was = previous;
    }
    const to = room + (y / BLOCK) * stride;
    const from = now + y * stride;
    for (let x: i32 = 0; x < stride; x += 16) {
      const change = i32x4.sub(sums(v128.load(from + x)), sums(v128.load(was + x)));
      v128.store(to + x, i32x4.add(v128.load(to + x), change));
    }
  }
  for (let y: i32 = 0; y < rows; y++) {
    const known = down.seen(y);
    for (let x: i32 = 0; x < columns; x++) {
      const at = room + y * stride + x * 4;
      const left = known && across.seen(x) ? OTHER - abs(load<i32>(at)) : 0;
      store<i32>(at, (KEPT * clamp(left, 0, OTHER - SAME)) / (OTHER - SAME));
    }
  }
  // For each block the minimum of it and its neighbours, first vertically, then horizontally.
  for (let y: i32 = 0; y < rows; y++) {
    const above = room + max(0, y - 1) * stride;
    const below = room + min(rows - 1, y + 1) * stride;
    const row = y * stride;
    for (let x: i32 = 0; x < columns * 4; x += 4) {
      store<i32>(shares + row + x, min(load<i32>(room + row + x), min(load<i32>(above + x), load<i32>(below + x))));
    }
    let before = load<i32>(shares + row);
    for (let x: i32 = 0; x < columns; x++) {
      const at = shares + row + x * 4;
      const here = load<i32>(at);
      store<i32>(at, min(here, min(before, load<i32>(x < columns - 1 ? at + 4 : at))));
      before = here;
    }
  }
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
 * Filters the picture `now` in place with the previous output `before`.
 *
 * @param lumaBefore and `lumaNow`: rows of `lumaStride` bytes
 * @param line, previous, weights: buffers for a row of `stride` bytes each
 * @param x, y, zoom: position of the scene in the previous picture
 */
export function filter(
  before: usize,
  now: usize,
  stride: i32,
  lumaBefore: usize,
  lumaNow: usize,
  lumaStride: i32,
  line: usize,
  previous: usize,
  weights: usize,
  shares: usize,
  room: usize,
  width: i32,
  height: i32,
  x: f64,
  y: f64,
  zoom: f64,
): void {
  across.set(width, x, zoom);
  down.set(height, y, zoom);
  const still = across.still && down.still;
  sharesOf(lumaBefore, lumaNow, line, previous, shares, room, lumaStride);
  const rows = height / BLOCK;
  let stays = false;
  for (let row: i32 = 0; row < height; row++) {
    if (row % BLOCK === 0) stays = row < rows * BLOCK && spread(shares + (row / BLOCK) * lumaStride, weights, width);
    if (!stays) continue;
    let was = before + row * stride;
    if (!still) {
      moved(before, line, previous, row, stride, 3);
      was = previous;
    }
    const to = now + row * stride;
    for (let at: i32 = 0; at < stride; at += 16) {
      v128.store(to + at, blendedTowards(v128.load(to + at), v128.load(was + at), v128.load(weights + at)));
    }
  }
}

/** The approximate luma of a picture, 5/8 G + 1/4 R + 1/8 B. @param mirror exchanges left and right */
export function luma(from: usize, to: usize, stride: i32, width: i32, height: i32, mirror: bool): void {
  for (let y: i32 = 0; y < height; y++) {
    const row = to + y * stride;
    for (let x: i32 = 0; x < width; x += 16) {
      // The last vector may overlap the one before.
      const place = min(x, width - 16);
      const at = from + (y * width + place) * 3;
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const r = i8x16.shuffle(
        i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0),
        c,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        17,
        20,
        23,
        26,
        29,
      );
      const g = i8x16.shuffle(
        i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0),
        c,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        18,
        21,
        24,
        27,
        30,
      );
      const blue = i8x16.shuffle(
        i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0),
        c,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        16,
        19,
        22,
        25,
        28,
        31,
      );
      const levels = i8x16.avgr_u(g, i8x16.avgr_u(r, i8x16.avgr_u(g, blue)));
      if (!mirror) v128.store(row + place, levels);
      else {
        const turned = i8x16.shuffle(levels, levels, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        v128.store(row + width - 16 - place, turned);
      }
    }
  }
}

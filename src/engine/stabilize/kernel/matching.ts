// AssemblyScript, compiled to WebAssembly: compares a window of 8×8 pixels with the previous picture.

/** Side of the window in pixels. */
export const WINDOW: i32 = 8;
/**
 * What another motion must gain over the camera's, and over the motion that it is a step away from: sums of differences
 * of 64 pixels. Less is noise.
 */
const CAMERA_GAIN: i32 = 16;
const STEP_GAIN: i32 = 8;
/** Steps of descent from the best candidate. */
const STEPS: i32 = 3;

/** The camera's motion, in pixels of a level: `x + zoom · distance from the middle`. */
export class CameraMotion {
  x: f64 = 0;
  y: f64 = 0;
  zoom: f64 = 0;
  across(at: f64): f64 {
    return this.x + this.zoom * (at - f64(width) / 2);
  }
  down(at: f64): f64 {
    return this.y + this.zoom * (at - f64(height) / 2);
  }
}

/** Created once, because nothing is ever freed here. */
export const camera = new CameraMotion();

let before: usize = 0;
let stride: i32 = 0;
let width: i32 = 0;
let height: i32 = 0;

// The window, two rows a vector, and its place.
let rows01: v128 = i8x16.splat(0);
let rows23: v128 = i8x16.splat(0);
let rows45: v128 = i8x16.splat(0);
let rows67: v128 = i8x16.splat(0);
let left: i32 = 0;
let top: i32 = 0;

/** The best motion so far. */
export let bestX: i32 = 0;
/** Downwards. */
export let bestY: i32 = 0;
/** Its sum of differences, and what it costs beside. */
let best: i32 = 0;

/** Begins a level. @param from the previous picture of the level, rows of `rowBytes` */
export function openLevel(from: usize, rowBytes: i32, wide: i32, high: i32, x: f64, y: f64, zoom: f64): void {
  before = from;
  stride = rowBytes;
  width = wide;
  height = high;
  camera.x = x;
  camera.y = y;
  camera.zoom = zoom;
}

function twoRows(at: usize): v128 {
  return v128.load64_lane(at + stride, v128.load64_zero(at), 1);
}

function differences(a: v128, b: v128): v128 {
  return i16x8.extadd_pairwise_i8x16_u(v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a)));
}

/** Places the window on the picture `now`, within its borders. */
export function placeWindow(now: usize, x: i32, y: i32): void {
  left = min(max(x, 0), width - WINDOW);
  top = min(max(y, 0), height - WINDOW);
  const at = now + top * stride + left;
  rows01 = twoRows(at);
  rows23 = twoRows(at + 2 * stride);
  rows45 = twoRows(at + 4 * stride);
  rows67 = twoRows(at + 6 * stride);
}

/** Sum of absolute differences of the window and the previous picture, moved; motion ends at the borders. */
export function difference(x: i32, y: i32): i32 {
  const at = before + min(max(top + y, 0), height - WINDOW) * stride + min(max(left + x, 0), width - WINDOW);
  const eight = i16x8.add(
    i16x8.add(differences(rows01, twoRows(at)), differences(rows23, twoRows(at + 2 * stride))),
    i16x8.add(differences(rows45, twoRows(at + 4 * stride)), differences(rows67, twoRows(at + 6 * stride))),
  );
  const four = i32x4.extadd_pairwise_i16x8_u(eight);
  const two = i32x4.add(four, i32x4.shuffle(four, four, 2, 3, 0, 1));
  return i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1);
}

/** Begins with the camera's motion. @param gain over it that others must have */
export function beginWithCamera(gain: i32 = CAMERA_GAIN): void {
  bestX = i32(nearest(camera.across(f64(left + WINDOW / 2))));
  bestY = i32(nearest(camera.down(f64(top + WINDOW / 2))));
  best = difference(bestX, bestY) - gain;
}

/** Begins with a motion. @param cost beside its difference */
export function beginWith(x: i32, y: i32, cost: i32): void {
  bestX = x;
  bestY = y;
  best = difference(x, y) + cost;
}

/** Takes a motion that is better. @param cost beside its difference */
export function attempt(x: i32, y: i32, cost: i32): void {
  if (x === bestX && y === bestY) return;
  const found = difference(x, y) + cost;
  if (found >= best) return;
  best = found;
  bestX = x;
  bestY = y;
}

/** Takes the motion of a block of a field, the nearest where it is outside. @param times pixels to a unit of the field */
export function attemptOf(field: usize, columns: i32, rows: i32, column: i32, row: i32, times: i32): void {
  const at = field + (min(max(row, 0), rows - 1) * columns + min(max(column, 0), columns - 1)) * 4;
  attempt(<i32>load<i16>(at) * times, <i32>load<i16>(at, 2) * times, STEP_GAIN);
}

/** Descends by whole pixels. */
export function descend(): void {
  for (let step: i32 = 0; step < STEPS; step++) {
    const x = bestX;
    const y = bestY;
    attempt(x - 1, y, STEP_GAIN);
    attempt(x + 1, y, STEP_GAIN);
    attempt(x, y - 1, STEP_GAIN);
    attempt(x, y + 1, STEP_GAIN);
    if (x === bestX && y === bestY) return;
  }
}

// AssemblyScript, compiled to WebAssembly: the motion of blocks from a picture to the previous one, coarse to fine.
// src/engine/stabilize/motion-field.ts explains the method and lays out the memory. A field has two int16 for each
// block, to the right and down: whole pixels of its level, or sixteenths of a pixel of the finest.
import { averageAlike } from './field';
import {
  attempt,
  attemptOf,
  beginWith,
  beginWithCamera,
  bestX,
  bestY,
  camera,
  descend,
  difference,
  openLevel,
  placeWindow,
  WINDOW,
} from './matching';

/** Pixels from block to block of all levels but the finest, where it is {@link WINDOW}. */
const STEP: i32 = 4;
/** Reach of the full search on the coarsest level, in its pixels, and what a pixel of motion costs there. */
const REACH_X: i32 = 7;
const REACH_Y: i32 = 4;
const FAR: i32 = 2;
/** A neighbour that moves otherwise costs this for each pixel, up to so many pixels. */
const APART: i32 = 64;
const MOST_APART: i32 = 4;
/** On the finest level, what another motion must gain over the camera's. */
const FINE_CAMERA_GAIN: i32 = 48;
/** Against noise in areas without texture, where the place of the minimum says nothing. */
const FLAT: i32 = 48;
/** Units of the finest field in a pixel. */
const PARTS: i32 = 16;
/** Motions this near to the camera's, in sixteenths of a pixel, are the camera's. */
const NEAR: i32 = 5;

function placeBlock(now: usize, column: i32, row: i32): void {
  placeWindow(now, column * STEP - (WINDOW - STEP) / 2, row * STEP - (WINDOW - STEP) / 2);
}

function put(at: usize, x: i32, y: i32): void {
  store<i16>(at, i16(x));
  store<i16>(at, i16(y), 2);
}

/**
 * Searches one level. Without a coarser field, `parents` 0, all motions within reach are tried.
 *
 * @param field to write, of `columns` × `rows` blocks; `parents` has about half of each
 * @param x, y, zoom: the camera's motion, in pixels of the level
 */
export function search(
  now: usize,
  before: usize,
  stride: i32,
  width: i32,
  height: i32,
  parents: usize,
  parentColumns: i32,
  parentRows: i32,
  field: usize,
  columns: i32,
  rows: i32,
  x: f64,
  y: f64,
  zoom: f64,
): void {
  openLevel(before, stride, width, height, x, y, zoom);
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      placeBlock(now, column, row);
      beginWithCamera();
      if (parents === 0) tryAll();
      else {
        attempt(0, 0, 0);
        const beside = (column >> 1) + (column & 1 ? 1 : -1);
        const nearest = (row >> 1) + (row & 1 ? 1 : -1);
        attemptOf(parents, parentColumns, parentRows, column >> 1, row >> 1, 2);
        attemptOf(parents, parentColumns, parentRows, beside, row >> 1, 2);
        attemptOf(parents, parentColumns, parentRows, column >> 1, nearest, 2);
        attemptOf(parents, parentColumns, parentRows, beside, nearest, 2);
        if (column > 0) attemptOf(field, columns, rows, column - 1, row, 1);
        if (row > 0) {
          attemptOf(field, columns, rows, column, row - 1, 1);
          attemptOf(field, columns, rows, column + 1, row - 1, 1);
        }
      }
      descend();
      put(field + (row * columns + column) * 4, bestX, bestY);
    }
  }
}

function tryAll(): void {
  const x = bestX;
  const y = bestY;
  for (let down: i32 = -REACH_Y; down <= REACH_Y; down++) {
    for (let right: i32 = -REACH_X; right <= REACH_X; right++) {
      attempt(x + right, y + down, (abs(right) + abs(down)) * FAR);
    }
  }
}

/** Gives each block that motion among its own and its neighbours' which fits picture and neighbours best. */
export function smooth(
  now: usize,
  before: usize,
  stride: i32,
  width: i32,
  height: i32,
  field: usize,
  columns: i32,
  rows: i32,
): void {
  openLevel(before, stride, width, height, 0, 0, 0);
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      const own = field + (row * columns + column) * 4;
      const x = <i32>load<i16>(own);
      const y = <i32>load<i16>(own, 2);
      const cost = apart(field, columns, rows, column, row, x, y);
      if (cost === 0) continue;
      placeBlock(now, column, row);
      beginWith(x, y, cost);
      for (let j = max(0, row - 1); j <= min(rows - 1, row + 1); j++) {
        for (let i = max(0, column - 1); i <= min(columns - 1, column + 1); i++) {
          const at = field + (j * columns + i) * 4;
          const u = <i32>load<i16>(at);
          const v = <i32>load<i16>(at, 2);
          if (u !== bestX || v !== bestY) attempt(u, v, apart(field, columns, rows, column, row, u, v));
        }
      }
      put(own, bestX, bestY);
    }
  }
}

/** What it costs that a motion differs from those of the blocks around. */
function apart(field: usize, columns: i32, rows: i32, column: i32, row: i32, x: i32, y: i32): i32 {
  let sum: i32 = 0;
  for (let j = max(0, row - 1); j <= min(rows - 1, row + 1); j++) {
    for (let i = max(0, column - 1); i <= min(columns - 1, column + 1); i++) {
      if (i === column && j === row) continue;
      const at = field + (j * columns + i) * 4;
      sum += min(MOST_APART, abs(<i32>load<i16>(at) - x) + abs(<i32>load<i16>(at, 2) - y));
    }
  }
  return sum * APART;
}

/** Distance of the minimum from the middle one of three sums, in sixteenths: two lines of one slope meet there. */
function minimum(less: i32, here: i32, more: i32): i32 {
  const slope = max(less, more) - here + FLAT;
  return slope > 0 ? ((less - more) * (PARTS / 2)) / slope : 0;
}

/**
 * The field of the finest level, in sixteenths of a pixel.
 *
 * @param coarse field of the next level, of as many blocks; 0 if there is none
 * @param rough buffer of the field's size
 * @param costs to write: each block's sum of differences, int32
 */
export function refine(
  now: usize,
  before: usize,
  stride: i32,
  width: i32,
  height: i32,
  coarse: usize,
  rough: usize,
  costs: usize,
  field: usize,
  columns: i32,
  rows: i32,
  x: f64,
  y: f64,
  zoom: f64,
): void {
  openLevel(before, stride, width, height, x, y, zoom);
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      placeWindow(now, column * WINDOW, row * WINDOW);
      beginWithCamera(FINE_CAMERA_GAIN);
      attempt(0, 0, 0);
      if (coarse) {
        attemptOf(coarse, columns, rows, column, row, 2);
        attemptOf(coarse, columns, rows, column - 1, row, 2);
        attemptOf(coarse, columns, rows, column + 1, row, 2);
        attemptOf(coarse, columns, rows, column, row - 1, 2);
        attemptOf(coarse, columns, rows, column, row + 1, 2);
      }
      descend();
      const here = difference(bestX, bestY);
      const u = minimum(difference(bestX - 1, bestY), here, difference(bestX + 1, bestY));
      const v = minimum(difference(bestX, bestY - 1), here, difference(bestX, bestY + 1));
      const index = (row * columns + column) * 4;
      store<i32>(costs + index, here);
      put(rough + index, bestX * PARTS + u, bestY * PARTS + v);
    }
  }
  averageAlike(rough, columns, rows, field);
  for (let row: i32 = 0; row < rows; row++) {
    const down = i32(nearest(camera.down(f64(row * WINDOW + WINDOW / 2)) * PARTS));
    for (let column: i32 = 0; column < columns; column++) {
      const at = field + (row * columns + column) * 4;
      const across = i32(nearest(camera.across(f64(column * WINDOW + WINDOW / 2)) * PARTS));
      const near = abs(<i32>load<i16>(at) - across) <= NEAR && abs(<i32>load<i16>(at, 2) - down) <= NEAR;
      if (near) put(at, across, down);
    }
  }
}

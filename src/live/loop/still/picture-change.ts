import type { Size } from '../../../frame.js';

/** Side of a block in pixels. */
const BLOCK = 8;
/** Channel values of a picture's block may differ by so much in the mean, and each by so much. */
const MOST_MEAN = 2;
const MOST = 32;

/**
 * Tells whether one picture shows something else than another: whether any block of 8×8 pixels differs by more than noise
 * does. A single pixel that moves is more than that; a picture that changes ever so slowly is at last, as it is compared
 * with the one that was painted.
 */
export class PictureChange {
  /** Row of blocks that differed the last time: motion goes on where it was. */
  private last = 0;

  /** @param size of the pictures in pixels */
  constructor(private readonly size: Size) {}

  /** @param before, now RGB24 of that size */
  differs(before: Uint8Array, now: Uint8Array): boolean {
    const rows = Math.ceil(this.size.height / BLOCK);
    for (let turn = 0; turn < rows; turn++) {
      const row = (this.last + turn) % rows;
      if (!this.rowDiffers(before, now, row)) continue;
      this.last = row;
      return true;
    }
    return false;
  }

  private rowDiffers(before: Uint8Array, now: Uint8Array, row: number): boolean {
    const { width, height } = this.size;
    const [stride, span] = [3 * width, 3 * BLOCK];
    const end = Math.min(height, (row + 1) * BLOCK) * stride;
    for (let left = 0; left < stride; left += span) {
      const values = Math.min(span, stride - left);
      let sum = 0;
      let count = 0;
      for (let at = row * BLOCK * stride + left; at < end; at += stride) {
        for (let i = at; i < at + values; i++) {
          const difference = Math.abs(now[i]! - before[i]!);
          if (difference > MOST) return true;
          sum += difference;
        }
        count += values;
      }
      if (sum > MOST_MEAN * count) return true;
    }
    return false;
  }
}

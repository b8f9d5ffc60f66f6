import { GraphError } from '../../errors.js';
import type { Motion } from './motion.js';

/** An RGB picture: bytes, rows top to bottom, no padding. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * The warping error of two painted frames (Lai 2018, arXiv 1808.00449): the mean over pixels whose motion is known of
 * the squared difference between the earlier frame and the later one, warped back with linear interpolation. Values are
 * from 0 to 1; 0 is perfectly stable.
 *
 * State the style distance beside it: a blurred picture is stable too.
 *
 * @param known mask of the pixels of the earlier frame that are visible in the later one; default: all.
 * @throws GraphError GRAPH_SHAPE when the frames differ in size, or no pixel stays in view.
 */
export function warpingError(
  earlier: Picture,
  later: Picture,
  motion: Motion,
  known: (x: number, y: number) => boolean = () => true,
): number {
  const { width, height } = earlier;
  if (later.width !== width || later.height !== height) {
    throw mismatch(`frames of one size`, `${width}×${height} and ${later.width}×${later.height}`);
  }
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [toX, toY] = motion(x, y);
      if (toX < 0 || toY < 0 || toX > width - 1 || toY > height - 1 || !known(x, y)) continue;
      for (let channel = 0; channel < 3; channel++) {
        const difference = (earlier.data[(y * width + x) * 3 + channel]! - sample(later, toX, toY, channel)) / 255;
        sum += difference * difference;
      }
      count += 3;
    }
  }
  if (count === 0) throw mismatch('pixels that stay in view', 'none');
  return sum / count;
}

function sample({ data, width, height }: Picture, x: number, y: number, channel: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const at = (column: number, row: number) => data[(row * width + column) * 3 + channel]!;
  const upper = at(left, top) + (at(right, top) - at(left, top)) * (x - left);
  const lower = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

function mismatch(expected: string, got: string): GraphError {
  return new GraphError('GRAPH_SHAPE', `warpingError: expected ${expected}, got ${got}`, {
    hint: 'Compare two frames of one video, and a motion that leaves part of the picture in view.',
  });
}

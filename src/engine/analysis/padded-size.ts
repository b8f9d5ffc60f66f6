import type { Size } from '../../frame.js';

/** Networks pad by reflection inside as well, which needs a few pixels even at an eighth of the size. */
const SMALLEST = 64;

/** The size that the network sees for a picture: a whole multiple of what it needs. */
export function paddedSize(size: Size, multiple: number): Size {
  const up = (value: number) => Math.ceil(Math.max(value, SMALLEST) / multiple) * multiple;
  return { width: up(size.width), height: up(size.height) };
}

import type { Size } from '../../frame.js';

/**
 * Smallest side of a network's input: networks pad by reflection inside as well, which needs a few pixels even at 1/8
 * of the size.
 */
const SMALLEST = 64;

/** Size of the network's input for a picture: rounded up to the required multiple. */
export function paddedSize(size: Size, multiple: number): Size {
  const up = (value: number) => Math.ceil(Math.max(value, SMALLEST) / multiple) * multiple;
  return { width: up(size.width), height: up(size.height) };
}

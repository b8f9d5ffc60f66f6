import { GraphError } from '../errors.js';
import type { Picture } from './motion/warping.js';

/**
 * The mean squared error of two pictures of one size: over pixels and colours, values counted from 0 to 1. 0 is equal,
 * 1 is black against white.
 *
 * @throws GraphError GRAPH_SHAPE when the sizes differ.
 */
export function meanSquaredError(one: Picture, other: Picture): number {
  const { data, width, height } = one;
  if (other.width !== width || other.height !== height) {
    throw new GraphError(
      'GRAPH_SHAPE',
      `mean squared error: expected pictures of one size, got ${width}×${height} and ${other.width}×${other.height}`,
      { hint: 'Scale one of them first.' },
    );
  }
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i]! - other.data[i]!) ** 2;
  return sum / (data.length * 255 ** 2);
}

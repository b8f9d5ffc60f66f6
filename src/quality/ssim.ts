import { GraphError } from '../errors.js';
import type { Picture } from './motion/warping.js';

/** Radius and deviation of the Gaussian window, and the constants of the paper for a range of 255. */
const RADIUS = 5;
const DEVIATION = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Structural similarity of two pictures' luminance (Wang 2004): the mean over all full 11×11 Gaussian windows; 1 is
 * equal, 0 unrelated.
 *
 * @throws GraphError GRAPH_SHAPE when the pictures differ in size or are smaller than the window.
 */
export function ssim(a: Picture, b: Picture): number {
  const { width, height } = a;
  if (b.width !== width || b.height !== height || Math.min(width, height) <= 2 * RADIUS) {
    throw new GraphError(
      'GRAPH_SHAPE',
      `ssim: expected two pictures of one size, at least 11×11, got ${width}×${height} and ${b.width}×${b.height}`,
      { hint: 'Bring both pictures to one size first.' },
    );
  }
  const [x, y] = [luminance(a), luminance(b)];
  const product = (p: Float64Array, q: Float64Array) => p.map((value, i) => value * q[i]!);
  const [meanX, meanY, xx, yy, xy] = [x, y, product(x, x), product(y, y), product(x, y)].map((plane) =>
    blurred(plane, width, height),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const [mx, my] = [meanX[i]!, meanY[i]!];
    const [vx, vy, cov] = [xx[i]! - mx * mx, yy[i]! - my * my, xy[i]! - mx * my];
    sum += ((2 * mx * my + C1) * (2 * cov + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2));
  }
  return sum / meanX.length;
}

/** Rec. 601 luminance, 0 to 255. */
function luminance({ data, width, height }: Picture): Float64Array {
  const plane = new Float64Array(width * height);
  for (let i = 0; i < plane.length; i++) {
    plane[i] = 0.299 * data[i * 3]! + 0.587 * data[i * 3 + 1]! + 0.114 * data[i * 3 + 2]!;
  }
  return plane;
}

const WINDOW = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * DEVIATION ** 2)));
const TOTAL = WINDOW.reduce((a, b) => a + b);

/** The Gaussian mean around every pixel whose window lies inside the picture. */
function blurred(plane: Float64Array, width: number, height: number): Float64Array {
  const [columns, rows] = [width - 2 * RADIUS, height - 2 * RADIUS];
  const across = new Float64Array(columns * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k <= 2 * RADIUS; k++) sum += WINDOW[k]! * plane[y * width + x + k]!;
      across[y * columns + x] = sum / TOTAL;
    }
  }
  const result = new Float64Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k <= 2 * RADIUS; k++) sum += WINDOW[k]! * across[(y + k) * columns + x]!;
      result[y * columns + x] = sum / TOTAL;
    }
  }
  return result;
}

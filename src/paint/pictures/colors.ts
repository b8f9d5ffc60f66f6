import type { PlanarPicture } from './pixels.js';

const LUMINANCE = [0.299, 0.587, 0.114] as const;
/** Added to covariances, so that those of flat pictures are invertible. */
const FAINT = 1e-5;

type Matrix = readonly [number[], number[], number[]];

/** The Rec. 601 luminance of a picture, as a grey picture. */
export function grey({ data, ...size }: PlanarPicture): PlanarPicture {
  const area = size.width * size.height;
  const planes = new Float32Array(area * 3);
  for (let i = 0; i < area; i++) {
    const y = LUMINANCE.reduce((sum, weight, c) => sum + weight * data[c * area + i]!, 0);
    for (let c = 0; c < 3; c++) planes[c * area + i] = y;
  }
  return { data: planes, ...size };
}

/**
 * The luminance of one picture with the colours of another of the same size (Gatys, Bethge, Hertzmann and Shechtman
 * 2016, arXiv 1606.05897): in YIQ, Y of `painted`, I and Q of `colours`.
 */
export function transferLuminance(painted: PlanarPicture, colours: PlanarPicture): PlanarPicture {
  const area = painted.width * painted.height;
  const [from, to] = [grey(painted).data, grey(colours).data];
  const data = colours.data.map((value, i) => value + from[i % area]! - to[i % area]!);
  return { ...painted, data };
}

/**
 * A picture with the palette of another: an affine map of its colours to the mean and covariance of the other (the same
 * paper, by Cholesky factors): x′ = L_to L_from⁻¹ (x − μ_from) + μ_to, cut to [0, 1].
 */
export function matchPalette(picture: PlanarPicture, other: PlanarPicture): PlanarPicture {
  const [from, to] = [palette(picture), palette(other)];
  const change = product(to.root, inverse(from.root));
  const area = picture.width * picture.height;
  const data = new Float32Array(area * 3);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) {
      let value = to.mean[c]!;
      for (let k = 0; k < 3; k++) value += change[c]![k]! * (picture.data[k * area + i]! - from.mean[k]!);
      data[c * area + i] = Math.min(1, Math.max(0, value));
    }
  }
  return { ...picture, data };
}

/** The mean of the colours, and the Cholesky factor of their covariance: lower triangular, L Lᵀ = Σ. */
function palette({ data, width, height }: PlanarPicture): { mean: number[]; root: Matrix } {
  const area = width * height;
  const planes = [0, 1, 2].map((c) => data.subarray(c * area, (c + 1) * area));
  const mean = planes.map((plane) => plane.reduce((sum, value) => sum + value, 0) / area);
  const root: Matrix = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column <= row; column++) {
      let value = row === column ? FAINT : 0;
      for (let i = 0; i < area; i++)
        value += ((planes[row]![i]! - mean[row]!) * (planes[column]![i]! - mean[column]!)) / area;
      for (let k = 0; k < column; k++) value -= root[row]![k]! * root[column]![k]!;
      root[row]![column] = row === column ? Math.sqrt(value) : value / root[column]![column]!;
    }
  }
  return { mean, root };
}

/** Of a lower triangular matrix. */
function inverse(lower: Matrix): Matrix {
  const result: Matrix = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let column = 0; column < 3; column++) {
    for (let row = column; row < 3; row++) {
      let value = row === column ? 1 : 0;
      for (let k = column; k < row; k++) value -= lower[row]![k]! * result[k]![column]!;
      result[row]![column] = value / lower[row]![row]!;
    }
  }
  return result;
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    [0, 1, 2].map((c) => row.reduce((sum, value, k) => sum + value * b[k]![c]!, 0)),
  ) as unknown as Matrix;
}

import { GraphError } from '../../errors.js';
import type { Picture } from '../motion/warping.js';

/** Side of a cell in pixels: strokes are averaged away, shapes are not. */
const CELL = 8;
/** Cells to each side that a cell is compared with: a square of nine, 72 pixels. */
const RADIUS = 4;
/** Cells that a picture must have along each side. */
const FEWEST = 4;

/** How each cell of a picture differs from what is around it; one number a cell, values of the picture from 0 to 1. */
export interface LocalDifferences {
  /** Of luma Y. */
  readonly luma: Float64Array;
  /** Of the colour differences Cb and Cr, from −0.5 to 0.5. */
  readonly chroma: readonly [blue: Float64Array, red: Float64Array];
}

/**
 * What is lighter or darker, and of another colour, than its surroundings: the means of cells of 8×8 pixels in Rec. 601
 * Y, Cb and Cr, less the mean of the up to nine by nine cells around each. Slow changes across the picture, and single
 * strokes, are not in it.
 *
 * @throws GraphError GRAPH_SHAPE when the picture is smaller than 32×32.
 */
export function localDifferences(picture: Picture): LocalDifferences {
  const columns = Math.floor(picture.width / CELL);
  const rows = Math.floor(picture.height / CELL);
  if (Math.min(columns, rows) < FEWEST) {
    throw new GraphError(
      'GRAPH_SHAPE',
      `local differences: expected a picture of at least 32×32 pixels, got ${picture.width}×${picture.height}`,
      { hint: 'Give a larger picture.' },
    );
  }
  const [luma, blue, red] = cells(picture, columns, rows).map((plane) => lessSurroundings(plane, columns, rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { luma, chroma: [blue, red] };
}

/** Y, Cb and Cr of the cells in the middle of a picture. */
function cells({ data, width, height }: Picture, columns: number, rows: number): Float64Array[] {
  const [left, top] = [(width - columns * CELL) >> 1, (height - rows * CELL) >> 1];
  const planes = [0, 1, 2].map(() => new Float64Array(columns * rows));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const sums = [0, 0, 0];
      for (let y = 0; y < CELL; y++) {
        let at = ((top + row * CELL + y) * width + left + column * CELL) * 3;
        for (let x = 0; x < CELL; x++, at += 3) for (let c = 0; c < 3; c++) sums[c]! += data[at + c]!;
      }
      const [r, g, b] = sums.map((sum) => sum / (CELL * CELL * 255)) as [number, number, number];
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      const at = row * columns + column;
      planes[0]![at] = luma;
      planes[1]![at] = (b - luma) / 1.772;
      planes[2]![at] = (r - luma) / 1.402;
    }
  }
  return planes;
}

/** Each value less the mean of those around it, as far as the plane goes. */
function lessSurroundings(plane: Float64Array, columns: number, rows: number): Float64Array {
  return plane.map((value, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    let [sum, count] = [0, 0];
    for (let y = Math.max(0, row - RADIUS); y <= Math.min(rows - 1, row + RADIUS); y++) {
      for (let x = Math.max(0, column - RADIUS); x <= Math.min(columns - 1, column + RADIUS); x++) {
        sum += plane[y * columns + x]!;
        count += 1;
      }
    }
    return value - sum / count;
  });
}

/** The sum of the products of two planes' values. */
export function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

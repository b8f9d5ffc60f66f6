import type { GraphBuilder, Value } from '../../graph/builder.js';

/** Y = 0.299 R + 0.587 G + 0.114 B, Cb = (B − Y) / 1.772, Cr = (R − Y) / 1.402 (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114];
/** The 3×3 matrix from RGB to Y, Cb and Cr, row by row. */
export const OPPONENT: readonly number[] = [
  ...LUMA,
  ...LUMA.map((weight, i) => (Number(i === 2) - weight) / 1.772),
  ...LUMA.map((weight, i) => (Number(i === 0) - weight) / 1.402),
];

/**
 * The mean light and colour of square cells: Y in [0, 1], Cb and Cr in [−0.5, 0.5], [n, 3, h / cell, w / cell].
 *
 * @param picture [n, 3, h, w], RGB in [0, 1], h and w multiples of `cell`. @param cell side of a cell in pixels.
 */
export function opponentCells(b: GraphBuilder, picture: Value, cell: number): Value {
  const cells = b.op('AveragePool', [picture], { kernel_shape: [cell, cell], strides: [cell, cell] });
  return b.op('Conv', [cells, b.constant('float32', [3, 3, 1, 1], OPPONENT)]);
}

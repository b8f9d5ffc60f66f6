import type { GraphBuilder, Value } from '../../graph/builder.js';

/** The periods in pixels that a network which works at a half and a quarter of the size can leave. */
const PERIODS = [2, 4];
/** What is looked for repeats over so many pixels. */
const REACH = 32;

/**
 * How much of a picture is a mesh: what repeats with the network's own grid of pixels, whatever is painted. Each place in
 * a cell of 2×2 (and 4×4) pixels is taken for itself; where its difference from the cell's mean stays the same over 32
 * pixels, it is no stroke. Loss networks ask for the grain of paper and canvas, and a mesh is the cheapest way to have it.
 *
 * @param picture [n, 3, h, w], h and w multiples of 32. @returns the mean square, dims [].
 */
export function meshLoss(b: GraphBuilder, picture: Value): Value {
  const terms = PERIODS.map((period) => {
    const cell = [period, period];
    const mean = b.op('AveragePool', [picture], { kernel_shape: cell, strides: cell });
    const scales = b.constant('float32', [4], [1, 1, period, period]);
    const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    const within = b.op('Sub', [picture, b.op('Resize', [mean, undefined, scales], nearest)]);
    const places = b.op('SpaceToDepth', [within], { blocksize: period });
    const window = [REACH / period, REACH / period];
    const lasting = b.op('AveragePool', [places], { kernel_shape: window, strides: window });
    return b.op('ReduceMean', [b.op('Mul', [lasting, lasting])], { keepdims: 0 });
  });
  return b.op('Add', [terms[0]!, terms[1]!]);
}

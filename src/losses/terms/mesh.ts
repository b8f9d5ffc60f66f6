import type { GraphBuilder, Value } from '../../graph/builder.js';

/** The periods in pixels that a network which works at a half and a quarter of the size can leave. */
const PERIODS = [2, 4];
/** A mesh stays the same over so many pixels; strokes do not. */
const REACH = 32;

/**
 * How much of a picture is a mesh: what repeats with the network's own grid of pixels, whatever is painted. Each place in
 * a cell of 2×2 (and of 4×4) pixels is averaged over 32×32 pixels; the squared differences of these means from the mean
 * of the cell, averaged over places, colours and the picture. Loss networks ask for the grain of paper and canvas, and a
 * mesh is the cheapest way to have it.
 *
 * @param picture [n, 3, h, w], h and w multiples of 32. @returns dims [].
 */
export function meshLoss(b: GraphBuilder, picture: Value): Value {
  const [n, channels, height, width] = picture.dims.map(Number) as [number, number, number, number];
  const terms = PERIODS.map((period) => {
    const places = b.op('SpaceToDepth', [picture], { blocksize: period });
    const window = [REACH / period, REACH / period];
    const lasting = b.op('AveragePool', [places], { kernel_shape: window, strides: window });
    const areas = (height / REACH) * (width / REACH);
    const cells = b.op('Reshape', [lasting, b.ints([n, period * period, channels, areas])]);
    const mesh = b.op('Sub', [cells, b.op('ReduceMean', [cells], { axes: [1] })]);
    return b.op('ReduceMean', [b.op('Mul', [mesh, mesh])], { keepdims: 0 });
  });
  return b.op('Add', [terms[0]!, terms[1]!]);
}

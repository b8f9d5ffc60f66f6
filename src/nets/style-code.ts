import type { GraphBuilder, Value } from '../graph/builder.js';

/** Scales of the pyramid, each half as large as the one before. */
const SCALES = 4;
/** Edges along four directions, and spots: 3×3 filters whose sum is 0. */
const FILTERS = [
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  [-2, -1, 0, -1, 0, 1, 0, 1, 2],
  [0, -1, -2, 1, 0, -1, 2, 1, 0],
  [1, 1, 1, 1, -8, 1, 1, 1, 1],
].map((filter) => filter.map((weight) => weight / 8));
/** Luminance, red against green, yellow against blue. */
const COLOURS = [
  [1 / 3, 1 / 3, 1 / 3],
  [1, -1, 0],
  [0.5, 0.5, -1],
];
const RESPONSES = FILTERS.length * COLOURS.length;

/** Length of a `styleCode`. */
export const CODE_LENGTH = SCALES * RESPONSES * 2 + 9;

/**
 * A code of a picture's style, computed without a loss network: mean and peak strength of edges and spots at four
 * scales, in luminance and two colour contrasts (moments of filter responses, after Heeger and Bergen 1995, doi
 * 10.1145/218380.218446); mean and second moments of the colours.
 *
 * @param picture [1, 3, h, w], RGB in [0, 1], h and w multiples of 8. @returns [1, CODE_LENGTH].
 */
export function styleCode(b: GraphBuilder, picture: Value): Value {
  const number = (value: number) => b.scalar('float32', value);
  const kernels = COLOURS.flatMap((colour) =>
    FILTERS.flatMap((filter) => colour.flatMap((share) => filter.map((weight) => share * weight))),
  );
  const weights = b.constant('float32', [RESPONSES, 3, 3, 3], kernels);
  const mean = (x: Value) => b.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  const log = (x: Value, floor: number) => b.op('Log', [b.op('Add', [x, number(floor)])]);
  const parts: Value[] = [];
  let level = picture;
  for (let scale = 0; scale < SCALES; scale++) {
    if (scale > 0) level = b.op('AveragePool', [level], { kernel_shape: [2, 2], strides: [2, 2] });
    const found = b.op('Conv', [level, weights]);
    parts.push(log(mean(b.op('Abs', [found])), 1e-3), log(mean(b.op('Mul', [found, found])), 1e-5));
  }
  const centre = mean(level);
  const around = b.op('Sub', [level, b.op('Reshape', [centre, b.ints([1, 3, 1, 1])])]);
  const moments = [0, 1].map((turn) => {
    const other =
      turn === 0 ? around : b.op('Gather', [around, b.ints([turn, (turn + 1) % 3, (turn + 2) % 3])], { axis: 1 });
    return mean(b.op('Mul', [around, other]));
  });
  return b.op('Concat', [...parts, centre, ...moments], { axis: 1 });
}

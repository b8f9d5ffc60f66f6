import type { GraphBuilder, Value } from '../../graph/builder.js';

/** Bytes [n, h, w, 3] as a picture [n, 3, h, w] in [0, 1]. */
export function pictureOf(b: GraphBuilder, bytes: Value): Value {
  const planes = b.op('Transpose', [bytes], { perm: [0, 3, 1, 2] });
  return b.op('Mul', [b.op('Cast', [planes], { to: 1 }), b.scalar('float32', 1 / 255)]);
}

function part(b: GraphBuilder, x: Value, axis: number, start: number, end: number): Value {
  return b.op('Slice', [x, b.ints([start]), b.ints([end]), b.ints([axis])]);
}

function meanSquare(b: GraphBuilder, x: Value): Value {
  return b.op('ReduceMean', [b.op('Mul', [x, x])], { keepdims: 0 });
}

/**
 * Total variation: the mean squared difference between neighbours, down and across (Johnson 2016).
 *
 * @param picture [n, c, h, w].
 */
export function smoothnessLoss(b: GraphBuilder, picture: Value): Value {
  const steps = [2, 3].map((axis) => {
    const size = Number(picture.dims[axis]);
    return meanSquare(b, b.op('Sub', [part(b, picture, axis, 1, size), part(b, picture, axis, 0, size - 1)]));
  });
  return b.op('Add', [steps[0]!, steps[1]!]);
}

/** The mean square of what lies outside [0, 1]: keeps a network's output in range without a squashing function. */
export function rangeLoss(b: GraphBuilder, picture: Value): Value {
  const over = b.op('Relu', [b.op('Sub', [picture, b.scalar('float32', 1)])]);
  const under = b.op('Relu', [b.op('Neg', [picture])]);
  return b.op('Add', [meanSquare(b, over), meanSquare(b, under)]);
}

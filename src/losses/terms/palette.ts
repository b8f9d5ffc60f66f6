import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { Tensor } from '../../graph/types.js';
import { relativeDistance } from './distance.js';
import { gram } from './gram.js';

/** Colours are compared in averages over cells of this side in pixels; other terms compare texture. */
const CELL = 4;
/** Constant fourth component beside the centred colours, so that the mean colour counts as much as the spread. */
const ONE = 0.25;

/** A picture's centred colours with a constant component, [n, 4, h/4, w/4]. */
function colours(b: GraphBuilder, picture: Value): Value {
  const coarse = b.op('AveragePool', [picture], { kernel_shape: [CELL, CELL], strides: [CELL, CELL] });
  const centred = b.op('Sub', [coarse, b.scalar('float32', 0.5)]);
  const [n, , height, width] = centred.dims.map(Number) as [number, number, number, number];
  const plane = b.op('Expand', [b.scalar('float32', ONE), b.ints([n, 1, height, width])]);
  return b.op('Concat', [centred, plane], { axis: 1 });
}

/** The palette of a picture [n, 3, h, w] in [0, 1]: mean and second moments of its colours, [n, 4, 4]. */
export function palette(b: GraphBuilder, picture: Value): Value {
  return gram(b, colours(b, picture));
}

/**
 * Relative distance of a picture's palette from the style's. Loss-network features respond to edges and textures far
 * more than to flat colour; without this term a painting has the style's strokes but only pale colours (moments of
 * colour as in Reinhard 2001, doi 10.1109/38.946629).
 *
 * @param picture [n, 3, h, w], h and w multiples of 4. @param target [1, 4, 4].
 */
export function paletteLoss(b: GraphBuilder, picture: Value, target: Tensor): Value {
  return relativeDistance(b, palette(b, picture), b.constant('float32', target.dims, target.data));
}

import type { GraphBuilder, Value } from '../../graph/builder.js';
import { luminance } from './temporal.js';

/** Tone is compared in averages over cells of this side in pixels, so that strokes do not matter. */
const CELL = 16;
/** The variance below which a picture counts as empty. */
const EMPTY = 1e-4;

/**
 * Distance of a painting's tone from the photograph's: 1 − ρ, where ρ is the correlation of their luminance in cells of
 * 16×16 pixels; 0 where they differ only in lightness and contrast, 2 where one is the negative of the other. The
 * content layers of a loss network hardly see gradual changes: without this term, clouds appear in clear skies and
 * blotches on cheeks.
 *
 * @param painted,photograph [n, 3, h, w], RGB in [0, 1], h and w at least 32.
 */
export function toneLoss(b: GraphBuilder, painted: Value, photograph: Value): Value {
  const tones = [painted, photograph].map((picture) => {
    const coarse = b.op('AveragePool', [luminance(b, picture)], { kernel_shape: [CELL, CELL], strides: [CELL, CELL] });
    return b.op('Sub', [coarse, b.op('ReduceMean', [coarse], { axes: [2, 3] })]);
  }) as [Value, Value];
  const shared = (x: Value, y: Value) => b.op('ReduceMean', [b.op('Mul', [x, y])], { axes: [1, 2, 3] });
  const spread = tones.map((tone) => b.op('Add', [shared(tone, tone), b.scalar('float32', EMPTY)])) as [Value, Value];
  const correlation = b.op('Div', [shared(...tones), b.op('Sqrt', [b.op('Mul', spread)])]);
  return b.op('Sub', [b.scalar('float32', 1), b.op('ReduceMean', [correlation], { keepdims: 0 })]);
}

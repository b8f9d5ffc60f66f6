import type { GraphBuilder, Value } from '../../graph/builder.js';
import { opponentCells } from './opponent.js';

/** Steps of light, from 0 to 1, at which the colours of a style are known. */
export const TONES = 65;
/** Side of a cell whose colour is compared, in pixels: single strokes are averaged away. */
const CELL = 16;
/** How much of the photograph's own colour is kept, and of its lightness. */
const [COLOUR_KEPT, LIGHT_KEPT] = [0.4, 0.5];
/** Mean Y of photographs. */
const PHOTOGRAPH_LIGHT = 0.44;
/** Weight of light beside colour in a cast, since eyes forgive it more. */
const LIGHT_WEIGHT = 0.3;

/** The colours of a style. */
export interface Palette {
  /** Mean Y, Cb and Cr, float32 [3]: Y from 0 to 1, the others from −0.5 to 0.5. */
  readonly mean: Float32Array;
  /** Mean Cb and Cr at each of {@link TONES} steps of light from 0 to 1, float32 [TONES · 2]. */
  readonly tones: Float32Array;
}

/** The colours of styles as values of a graph: one for all pictures (r = 1), or one a picture. */
export interface PaletteValues {
  /** Mean Y, Cb and Cr, [r, 3]. */
  readonly mean: Value;
  /** Mean Cb and Cr at each step of light, [r, TONES, 2]. */
  readonly tones: Value;
}

/** The colours of a style as constants of a graph. */
export function paletteConstants(b: GraphBuilder, { mean, tones }: Palette): PaletteValues {
  return { mean: b.constant('float32', [1, 3], mean), tones: b.constant('float32', [1, TONES, 2], tones) };
}

/** A term, and the target in it, through which no gradient may flow. */
export interface TargetTerm {
  readonly term: Value;
  readonly stopped: Value;
}

/**
 * How far the colours of regions are from the style's: the mean over cells of 16×16 pixels of the squared distance of Cb
 * and Cr from the style's mean colour at the cell's own light, moved 0.4 of the way as the photograph's colour is.
 * Differences of hue leave a cast free: where the style is orange and green, grey may turn green beside orange.
 *
 * @param painted,photograph [n, 3, h, w], RGB in [0, 1], h and w multiples of 16. @returns the term, dims [].
 */
export function tintLoss(b: GraphBuilder, painted: Value, photograph: Value, { tones }: PaletteValues): TargetTerm {
  const [ours, given] = [painted, photograph].map((picture) => flat(b, opponentCells(b, picture, CELL)));
  const [light, colour] = parts(b, ours!);
  const style = b.op('Transpose', [b.op('MatMul', [stepsOf(b, light), tones])], { perm: [0, 2, 1] });
  const kept = b.op('Mul', [parts(b, given!)[1], b.scalar('float32', COLOUR_KEPT)]);
  const wanted = b.op('Add', [style, kept]);
  const away = b.op('Sub', [colour, wanted]);
  // Mean over cells, sum over both colours.
  const mean = b.op('ReduceMean', [b.op('Mul', [away, away])], { keepdims: 0 });
  return { term: b.op('Mul', [mean, b.scalar('float32', 2)]), stopped: wanted };
}

/**
 * How far the mean light and colour of whole pictures are from the style's, moved part of the way as the photograph's
 * are from those of photographs: the squared distance of Cb and Cr, and 0.3 of that of Y, averaged over pictures.
 *
 * @param painted,photograph [n, 3, h, w], RGB in [0, 1], h and w multiples of 16. @returns dims [].
 */
export function castLoss(b: GraphBuilder, painted: Value, photograph: Value, { mean }: PaletteValues): Value {
  const row = (values: readonly number[]) => b.constant('float32', [1, 3], values);
  const [ours, given] = [painted, photograph].map((picture) =>
    b.op('ReduceMean', [opponentCells(b, picture, CELL)], { axes: [2, 3], keepdims: 0 }),
  );
  const own = b.op('Sub', [given!, row([PHOTOGRAPH_LIGHT, 0, 0])]);
  const moved = b.op('Mul', [own, row([LIGHT_KEPT, COLOUR_KEPT, COLOUR_KEPT])]);
  const away = b.op('Sub', [ours!, b.op('Add', [mean, moved])]);
  const weighed = b.op('Mul', [b.op('Mul', [away, away]), row([LIGHT_WEIGHT, 1, 1])]);
  // Mean over pictures, sum over light and both colours.
  return b.op('Mul', [b.op('ReduceMean', [weighed], { keepdims: 0 }), b.scalar('float32', 3)]);
}

/** Cells [n, 3, h, w] one after the other, [n, 3, h w]. */
function flat(b: GraphBuilder, cells: Value): Value {
  const [n, channels, height, width] = cells.dims.map(Number) as [number, number, number, number];
  return b.op('Reshape', [cells, b.ints([n, channels, height * width])]);
}

/** Light [n, 1, cells] and colour [n, 2, cells]. */
function parts(b: GraphBuilder, cells: Value): [light: Value, colour: Value] {
  return b.ops('Split', [cells, b.ints([1, 2])], { axis: 1 }, { outputs: 2 }) as [Value, Value];
}

/** How near each light is to each step of {@link TONES}, for linear interpolation: [n, 1, cells] to [n, cells, TONES]. */
function stepsOf(b: GraphBuilder, light: Value): Value {
  const number = (value: number) => b.scalar('float32', value);
  const scaled = b.op('Mul', [b.op('Clip', [light, number(0), number(1)]), number(TONES - 1)]);
  const steps = b.constant(
    'float32',
    [1, 1, TONES],
    Float32Array.from({ length: TONES }, (_, step) => step),
  );
  const away = b.op('Abs', [b.op('Sub', [b.op('Transpose', [scaled], { perm: [0, 2, 1] }), steps])]);
  return b.op('Relu', [b.op('Sub', [number(1), away])]);
}

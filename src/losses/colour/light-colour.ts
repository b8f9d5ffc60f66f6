import type { GraphBuilder, Value } from '../../graph/builder.js';
import { opponentCells } from './opponent.js';

/** Side of a cell in pixels: single strokes are averaged away. */
const CELL = 8;
/** Cells to each side that a cell is compared with. */
const RADIUS = 4;
/** Added to the painting's variance of colour, as a share of the photograph's: fainter colours count as grey. */
const FAINT = 0.05;
const TINY = 1e-6;

/**
 * How much of the local contrast of light is kept, [n, 1]: the correlation of local differences of Y, times the share of
 * the contrast where the painting has less of it than the photograph. 1 is all, 0 nothing, −1 a negative.
 *
 * @param painted,photograph what {@link localDifferences} gives.
 */
export function keptLight(b: GraphBuilder, painted: Local, photograph: Local): Value {
  const [p, s] = [painted.y, photograph.y];
  const energy = inner(b, s, s);
  const both = b.op('Sqrt', [b.op('Add', [b.op('Mul', [energy, inner(b, p, p)]), b.scalar('float32', TINY ** 2)])]);
  const whole = b.op('Add', [b.op('Max', [energy, both]), b.scalar('float32', TINY)]);
  return b.op('Div', [inner(b, p, s), whole]);
}

/**
 * How far local differences of colour point where the photograph's do, [n, 1]: the cosine between them in Cb and Cr over
 * the whole picture. 1 where they do, however pale; 0 where they lie anywhere, or there are none; −1 where all hues are
 * turned round. What is red among grey stays redder than that, in whatever palette.
 *
 * @param painted,photograph what {@link localDifferences} gives.
 */
export function keptHues(b: GraphBuilder, painted: Local, photograph: Local): Value {
  const over = (x: Local, y: Local) => b.op('Add', [inner(b, x.cb, y.cb), inner(b, x.cr, y.cr)]);
  const tiny = b.scalar('float32', TINY);
  const given = over(photograph, photograph);
  const faint = b.op('Mul', [given, b.scalar('float32', FAINT)]);
  const own = b.op('Add', [b.op('Add', [over(painted, painted), faint]), tiny]);
  const whole = b.op('Sqrt', [b.op('Mul', [own, b.op('Add', [given, tiny])])]);
  return b.op('Div', [over(painted, photograph), whole]);
}

/** The mean of a product over the cells of each picture, [n, 1]. */
function inner(b: GraphBuilder, x: Value, y: Value): Value {
  return b.op('ReduceMean', [b.op('Mul', [x, y])], { axes: [1], keepdims: 1 });
}

/** Local differences of light and of two colours, [n, cells] each. */
export interface Local {
  readonly y: Value;
  readonly cb: Value;
  readonly cr: Value;
}

/**
 * The means of cells of 8×8 pixels less the mean of the 9×9 such cells around them, in Y, Cb and Cr (ITU-R BT.601):
 * light and colour region by region, without the strokes.
 *
 * @param picture [n, 3, h, w], RGB in [0, 1], h and w multiples of 8.
 */
export function localDifferences(b: GraphBuilder, picture: Value): Local {
  const opponent = opponentCells(b, picture, CELL);
  const [n, , height, width] = opponent.dims.map(Number) as [number, number, number, number];
  const [down, across] = [
    b.constant('float32', [height, height], neighbourhood(height)),
    b.op('Transpose', [b.constant('float32', [width, width], neighbourhood(width))], { perm: [1, 0] }),
  ];
  const around = b.op('MatMul', [b.op('MatMul', [down, opponent]), across]);
  const local = b.op('Sub', [opponent, around]);
  const plane = (channel: number) => {
    const cut = b.op('Slice', [local, b.ints([channel]), b.ints([channel + 1]), b.ints([1])]);
    return b.op('Reshape', [cut, b.ints([n, height * width])]);
  };
  return { y: plane(0), cb: plane(1), cr: plane(2) };
}

/** The matrix that takes the mean of each cell's neighbours along one axis, itself included. */
function neighbourhood(size: number): number[] {
  return Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    const count = Math.min(size - 1, row + RADIUS) - Math.max(0, row - RADIUS) + 1;
    return Math.abs(row - column) <= RADIUS ? 1 / count : 0;
  });
}

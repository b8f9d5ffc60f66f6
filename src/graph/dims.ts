import type { Dim } from './types.js';

// A symbolic size is written as (name · factor + offset) ÷ divisor, such as "height", "height/4" or "(height+16)/2".
// Arithmetic assumes that every division is exact: symbolic sizes serve to recognise equal sizes, not to prove them.

interface Affine {
  readonly name: string;
  readonly factor: number;
  readonly offset: number;
  readonly divisor: number;
}

const PLAIN = /^(\[[^\]]*\]|[^()[\]*/+-]+)(?:\*(\d+))?([+-]\d+)?$/;
const DIVIDED = /^\((.*)\)\/(\d+)$|^(.*)\/(\d+)$/;

function parse(text: string): Affine {
  const divided = DIVIDED.exec(text);
  const [inner, divisor] = divided ? [divided[1] ?? divided[3]!, divided[2] ?? divided[4]!] : [text, '1'];
  const plain = PLAIN.exec(inner);
  // Anything else, such as a product of two sizes, is an opaque name.
  if (plain === null) return { name: `[${text}]`, factor: 1, offset: 0, divisor: 1 };
  const [, name, factor = '1', offset = '0'] = plain;
  return { name: name!, factor: Number(factor), offset: Number(offset), divisor: Number(divisor) };
}

const common = (a: number, b: number): number => (b === 0 ? Math.abs(a) : common(b, a % b));

function written({ name, ...numbers }: Affine): Dim {
  const shared = common(common(numbers.factor, numbers.offset), numbers.divisor);
  const [factor, offset, divisor] = [numbers.factor, numbers.offset, numbers.divisor].map((number) => number / shared);
  const scaled = factor === 1 ? name : `${name}*${factor}`;
  const sum = offset === 0 ? scaled : `${scaled}${offset! > 0 ? '+' : ''}${offset}`;
  if (divisor === 1) return sum;
  return offset === 0 ? `${sum}/${divisor}` : `(${sum})/${divisor}`;
}

/** `dim + offset`. */
export function plus(dim: Dim, offset: number): Dim {
  if (typeof dim === 'number') return dim + offset;
  if (offset === 0) return dim;
  const affine = parse(dim);
  return written({ ...affine, offset: affine.offset + offset * affine.divisor });
}

/** `dim × count`. */
export function times(dim: Dim, count: number): Dim {
  if (typeof dim === 'number') return dim * count;
  if (count === 1) return dim;
  const affine = parse(dim);
  return written({ ...affine, factor: affine.factor * count, offset: affine.offset * count });
}

/** `dim ÷ count`, rounded down. */
export function over(dim: Dim, count: number): Dim {
  if (typeof dim === 'number') return Math.floor(dim / count);
  if (count === 1) return dim;
  const affine = parse(dim);
  return written({ ...affine, divisor: affine.divisor * count });
}

/** The product of several sizes: a number if all are numbers, else a symbolic size. */
export function product(dims: readonly Dim[]): Dim {
  let size = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') size *= dim;
    else names.push(dim);
  }
  if (names.length === 0) return size;
  return times(names.join('*'), size);
}

/**
 * The shape of an elementwise result, after NumPy's broadcasting: axes are matched from the right, and a size of 1
 * is broadcast. Undefined when two sizes differ; a symbolic size beside a size greater than 1 is assumed to equal it.
 */
export function broadcast(...shapes: readonly (readonly Dim[])[]): Dim[] | undefined {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Dim = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size === 1 || (typeof size === 'string' && typeof own === 'number')) size = own;
      else if (typeof own === typeof size) return undefined;
    }
    result.push(size);
  }
  return result;
}

/** A shape as messages show it: `[1, 3, height, 640]`. */
export function shapeText(dims: readonly Dim[]): string {
  return `[${dims.join(', ')}]`;
}

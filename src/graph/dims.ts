import type { Dim } from './types.js';

// A symbolic size is a small expression such as "height", "height/4" or "(height+1)/2". Only as much algebra is done
// as is needed to see that what was divided by 4 and multiplied by 4 is what it was: names, not proofs.

// A name or a sum in brackets, divided or multiplied by a number.
const QUOTIENT = /^(\w+|\([^()]*\))\/(\d+)$/;
const PRODUCT = /^(\w+|\([^()]*\))\*(\d+)$/;

const isSum = (dim: string) => /[+-]/.test(dim.replace(/\([^()]*\)/g, ''));
/** What stands alone needs no brackets. */
const bare = (dim: string) => (/^\([^()]*\)$/.test(dim) ? dim.slice(1, -1) : dim);
const factor = (dim: string) => (isSum(dim) ? `(${dim})` : dim);

/** `dim + offset`. */
export function plus(dim: Dim, offset: number): Dim {
  if (typeof dim === 'number') return dim + offset;
  const [, base, before] = /^(.*\w\)?)([+-]\d+)$/.exec(dim) ?? [undefined, dim, '0'];
  const total = Number(before) + offset;
  if (total === 0) return base;
  return `${base}${total > 0 ? '+' : ''}${total}`;
}

/** `dim × count`. */
export function times(dim: Dim, count: number): Dim {
  if (typeof dim === 'number') return dim * count;
  if (count === 1) return dim;
  const divided = QUOTIENT.exec(dim);
  if (divided && Number(divided[2]) % count === 0) return over(bare(divided[1]!), Number(divided[2]) / count);
  const multiplied = PRODUCT.exec(dim);
  if (multiplied) return `${multiplied[1]}*${Number(multiplied[2]) * count}`;
  return `${factor(dim)}*${count}`;
}

/** `dim ÷ count`, rounded down. */
export function over(dim: Dim, count: number): Dim {
  if (typeof dim === 'number') return Math.floor(dim / count);
  if (count === 1) return dim;
  const multiplied = PRODUCT.exec(dim);
  if (multiplied && Number(multiplied[2]) % count === 0)
    return times(bare(multiplied[1]!), Number(multiplied[2]) / count);
  const divided = QUOTIENT.exec(dim);
  if (divided) return `${divided[1]}/${Number(divided[2]) * count}`;
  return `${factor(dim)}/${count}`;
}

/** The product of several sizes: a number when all are, else a name for it. */
export function product(dims: readonly Dim[]): Dim {
  let size = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') size *= dim;
    else names.push(factor(dim));
  }
  if (names.length === 0) return size;
  if (size !== 1 && names.length === 1) return times(names[0]!, size);
  return [...names, ...(size === 1 ? [] : [String(size)])].join('*');
}

/**
 * The shape of an elementwise result, after NumPy's broadcasting: axes are matched from the right, and a size of 1
 * stretches. Undefined when two sizes differ; a name beside a size greater than 1 is taken to mean that size.
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

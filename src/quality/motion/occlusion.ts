import type { Flow } from './flow.js';

/**
 * Mask of the pixels of the earlier frame whose motion is reliable, 1 or 0, row by row: those visible in the later
 * frame too and not at a motion boundary, by the rules of Sundaram 2010 that Lai 2018 uses.
 *
 * Occluded: |f + b|² > 0.01 (|f|² + |b|²) + 0.5, with b the backward flow where f leads to. Boundary:
 * |∇u|² + |∇v|² > 0.01 |f|² + 0.002, by differences to the right and down.
 *
 * @param forward from the earlier frame to the later. @param backward from the later to the earlier.
 */
export function visible(forward: Flow, backward: Flow): Uint8Array {
  const { width, height, data: f } = forward;
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const [u, v] = [f[i * 2]!, f[i * 2 + 1]!];
      const [toX, toY] = [x + u, y + v];
      if (!(toX >= 0 && toY >= 0 && toX <= width - 1 && toY <= height - 1)) continue;
      const [bu, bv] = [sample(backward, toX, toY, 0), sample(backward, toX, toY, 1)];
      const length = u * u + v * v;
      if ((u + bu) ** 2 + (v + bv) ** 2 > 0.01 * (length + bu * bu + bv * bv) + 0.5) continue;
      const right = x + 1 < width ? i + 1 : i;
      const below = y + 1 < height ? i + width : i;
      const slope = [0, 1].reduce((sum, axis) => {
        const here = f[i * 2 + axis]!;
        return sum + (f[right * 2 + axis]! - here) ** 2 + (f[below * 2 + axis]! - here) ** 2;
      }, 0);
      if (slope > 0.01 * length + 0.002) continue;
      mask[i] = 1;
    }
  }
  return mask;
}

/** One component of a flow between pixels, linearly. */
function sample({ data, width, height }: Flow, x: number, y: number, axis: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const at = (column: number, row: number) => data[(row * width + column) * 2 + axis]!;
  const upper = at(left, top) + (at(right, top) - at(left, top)) * (x - left);
  const lower = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

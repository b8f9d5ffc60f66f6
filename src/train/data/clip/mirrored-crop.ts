/**
 * How many pixels a crop may reach over the border of a picture, which is mirrored there. Only the middle of a crop is
 * compared, what is painted there having seen all of its surroundings: so the border is learned as well.
 */
export const MARGIN = 32;

/** An RGB24 picture. */
interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Copies a square of a picture, mirrored at its borders, to `into` from `at` on: RGB bytes [size, size, 3]. */
export function mirroredCrop(
  { data, width, height }: Picture,
  { left, top }: { readonly left: number; readonly top: number },
  size: number,
  into: Uint8Array,
  at: number,
): void {
  const columns = Array.from({ length: size }, (_, x) => 3 * mirrored(left + x, width));
  let to = at;
  for (let y = 0; y < size; y++) {
    const row = mirrored(top + y, height) * width * 3;
    for (const column of columns) {
      const from = row + column;
      into[to] = data[from]!;
      into[to + 1] = data[from + 1]!;
      into[to + 2] = data[from + 2]!;
      to += 3;
    }
  }
}

/** A place on an axis of `length` pixels that is mirrored at both ends, without repeating the outermost pixel. */
function mirrored(at: number, length: number): number {
  const period = Math.max(1, 2 * (length - 1));
  const place = ((at % period) + period) % period;
  return place < length ? place : period - place;
}

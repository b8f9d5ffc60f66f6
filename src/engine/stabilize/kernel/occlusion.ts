// AssemblyScript, compiled to WebAssembly: which blocks were hidden in the previous picture.

/** A block must fit worse by this sum of differences of 64 pixels, and move otherwise by so many sixteenths of a pixel. */
const WORSE: i32 = 32;
const OTHERWISE: i32 = 32;
/** Stands in place of the sum of differences of a block that was hidden. */
export const HIDDEN: i32 = -1;

/** Where a block of 8×8 pixels comes from: the block of the previous picture that it covers most of. */
function origin(field: usize, owners: usize, columns: i32, rows: i32, column: i32, row: i32): usize {
  const at = field + (row * columns + column) * 4;
  const x = column + ((<i32>load<i16>(at) + 64) >> 7);
  const y = row + ((<i32>load<i16>(at, 2) + 64) >> 7);
  return owners + (min(max(y, 0), rows - 1) * columns + min(max(x, 0), columns - 1)) * 4;
}

/**
 * Marks blocks of a field as hidden before: where two with different motions come from the same place, only one that
 * fits it can have been there. What has come into view behind a moving thing has no place of its own in the previous
 * picture, and takes another's. It says what a second search, from the previous picture to this, would say.
 *
 * @param costs sum of differences of each block, int32; becomes {@link HIDDEN}
 * @param owners buffer, one int32 a block
 */
export function markOccluded(field: usize, costs: usize, owners: usize, columns: i32, rows: i32): void {
  const count = columns * rows;
  memory.fill(owners, 0, count * 4);
  for (let i: i32 = 0; i < count; i++) {
    const place = origin(field, owners, columns, rows, i % columns, i / columns);
    const other = load<i32>(place) - 1;
    if (other < 0 || load<i32>(costs + i * 4) < load<i32>(costs + other * 4)) store<i32>(place, i + 1);
  }
  for (let i: i32 = 0; i < count; i++) {
    const other = load<i32>(origin(field, owners, columns, rows, i % columns, i / columns)) - 1;
    const a = field + i * 4;
    const b = field + other * 4;
    const apart = abs(<i32>load<i16>(a) - <i32>load<i16>(b)) + abs(<i32>load<i16>(a, 2) - <i32>load<i16>(b, 2));
    if (apart < OTHERWISE || load<i32>(costs + i * 4) < load<i32>(costs + other * 4) + WORSE) continue;
    store<i32>(costs + i * 4, HIDDEN);
  }
}

// AssemblyScript, compiled to WebAssembly: arithmetic of motion fields, in sixteenths of a pixel.

/** Motions that differ by less along both axes belong together. */
const ALIKE: i32 = 24;

function alike(a: i32, b: i32): bool {
  return abs(a - b) <= ALIKE;
}

/** Averages each block with those of the eight around it that move alike. */
export function averageAlike(from: usize, columns: i32, rows: i32, to: usize): void {
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      const own = (row * columns + column) * 4;
      const x = <i32>load<i16>(from + own);
      const y = <i32>load<i16>(from + own, 2);
      let sumX = 0;
      let sumY = 0;
      let count = 0;
      for (let j = max(0, row - 1); j <= min(rows - 1, row + 1); j++) {
        for (let i = max(0, column - 1); i <= min(columns - 1, column + 1); i++) {
          const at = from + (j * columns + i) * 4;
          const u = <i32>load<i16>(at);
          const v = <i32>load<i16>(at, 2);
          if (!alike(u, x) || !alike(v, y)) continue;
          sumX += u;
          sumY += v;
          count++;
        }
      }
      store<i16>(to + own, i16(nearest(f64(sumX) / f64(count))));
      store<i16>(to + own, i16(nearest(f64(sumY) / f64(count))), 2);
    }
  }
}

/**
 * Doubles a field: a quarter of a block moves as the block and the three others nearest to it, those that move alike,
 * linearly between their middles.
 *
 * @param times pixels of the picture to a pixel of the field's level
 */
export function upsample(field: usize, columns: i32, rows: i32, fine: usize, times: i32): void {
  for (let row: i32 = 0; row < 2 * rows; row++) {
    const y = row >> 1;
    const nearest = min(max(row & 1 ? y + 1 : y - 1, 0), rows - 1);
    for (let column: i32 = 0; column < 2 * columns; column++) {
      const x = column >> 1;
      const beside = min(max(column & 1 ? x + 1 : x - 1, 0), columns - 1);
      const own = field + (y * columns + x) * 4;
      const u = <i32>load<i16>(own);
      const v = <i32>load<i16>(own, 2);
      let sumX = 9 * u;
      let sumY = 9 * v;
      for (let n: i32 = 1; n < 4; n++) {
        const at = field + ((n & 2 ? nearest : y) * columns + (n & 1 ? beside : x)) * 4;
        const a = <i32>load<i16>(at);
        const b = <i32>load<i16>(at, 2);
        const weight = n === 3 ? 1 : 3;
        const together = alike(a, u) && alike(b, v);
        sumX += weight * (together ? a : u);
        sumY += weight * (together ? b : v);
      }
      const to = fine + (row * 2 * columns + column) * 4;
      store<i16>(to, i16((sumX * times + 8) >> 4));
      store<i16>(to, i16((sumY * times + 8) >> 4), 2);
    }
  }
}

import type { Size } from '../../frame.js';

/** Number of bands across each axis. */
const BANDS = { columns: 3, rows: 4 } as const;
/** Pictures are sampled at about this size: larger ones by every n-th pixel. */
const ABOUT = { width: 640, height: 360 } as const;

/**
 * Integral projections: the gradient of the mean green level, in levels per bin, over the columns of three horizontal
 * bands and the rows of four vertical ones.
 */
export interface Projections {
  readonly columns: readonly Float32Array[];
  readonly rows: readonly Float32Array[];
  /** Pixels from bin to bin. */
  readonly bin: number;
}

/** Computes the projections of a picture, RGB24. Green is most of the luminance and has the least noise. */
export function projectionsOf(data: Uint8Array, size: Size): Projections {
  const bin = Math.max(1, Math.round(Math.max(size.width / ABOUT.width, size.height / ABOUT.height)));
  const [width, height] = [Math.floor(size.width / bin), Math.floor(size.height / bin)];
  const high = Math.floor(height / BANDS.columns);
  const wide = Math.floor(width / BANDS.rows);
  const columns = Array.from({ length: BANDS.columns }, () => new Uint32Array(width));
  const rows = Array.from({ length: BANDS.rows }, () => new Uint32Array(height));
  for (let y = 0; y < height; y++) {
    const sums = columns[Math.min(BANDS.columns - 1, Math.floor(y / high))]!;
    let at = y * bin * size.width * 3 + 1;
    for (let band = 0, x = 0; band < BANDS.rows; band++) {
      const end = band === BANDS.rows - 1 ? width : x + wide;
      let sum = 0;
      for (; x < end; x++, at += 3 * bin) {
        const level = data[at]!;
        sums[x]! += level;
        sum += level;
      }
      rows[band]![y] = sum;
    }
  }
  return {
    columns: columns.map((sums) => slopes(sums, high)),
    rows: rows.map((sums) => slopes(sums, wide)),
    bin,
  };
}

/** Central differences, which remove absolute brightness and its slow changes. */
function slopes(sums: Uint32Array, count: number): Float32Array {
  const result = new Float32Array(sums.length);
  for (let i = 1; i < sums.length - 1; i++) result[i] = (sums[i + 1]! - sums[i - 1]!) / count;
  return result;
}

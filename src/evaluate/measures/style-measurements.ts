import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { ClipFigures, ReportPicture } from '../results.js';
import type { PictureMeasurement } from './comparison.js';

/** Measurements of a style so far. */
export interface StyleMeasurements {
  readonly style: Style;
  readonly measured: PictureMeasurement[];
  readonly similarities: number[];
  /** Mean squared errors. */
  readonly errors: number[];
  readonly clips: ClipFigures[];
  readonly flickers: number[];
  readonly pictures: ReportPicture[];
  /** Milliseconds of each picture, by size. */
  readonly times: Map<string, { readonly size: Size; readonly ms: number[] }>;
  device: string;
  flickerMap: Uint8Array | undefined;
}

/** Empty measurements of a style. */
export function emptyMeasurements(style: Style): StyleMeasurements {
  const lists = { measured: [], similarities: [], errors: [], clips: [], flickers: [], pictures: [] };
  return { style, ...lists, times: new Map(), device: '', flickerMap: undefined };
}

/** The mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The mean of each column. */
export function meanColumns(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).map((_, column) => mean(rows.map((row) => row[column]!)));
}

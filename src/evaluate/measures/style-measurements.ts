import type { Size } from '../../frame.js';
import type { Style } from '../../model/style.js';
import type { ClipFigures, ReportPicture } from '../results.js';
import type { PaintingFolder } from '../sources/painting-folder.js';
import type { PictureMeasurement } from './comparison.js';

/** Measurements so far of a style, or of a folder of paintings. */
export interface Measurements<Painter extends Style | PaintingFolder> {
  readonly name: string;
  readonly painter: Painter;
  readonly measured: PictureMeasurement[];
  readonly clips: ClipFigures[];
  readonly flickers: number[];
  readonly pictures: ReportPicture[];
  /** Milliseconds of each picture, by size. */
  readonly times: Map<string, { readonly size: Size; readonly ms: number[] }>;
  device: string;
  flickerMap: Uint8Array | undefined;
}

/** Measurements of a style, which can paint any picture. */
export type StyleMeasurements = Measurements<Style>;

/** Measurements of a style, or of paintings made elsewhere. */
export type PainterMeasurements = StyleMeasurements | Measurements<PaintingFolder>;

/** Empty measurements of a style, or of a folder of paintings, under a name. */
export function emptyMeasurements<Painter extends Style | PaintingFolder>(
  painter: Painter,
  name: string,
): Measurements<Painter> {
  const lists = { measured: [], clips: [], flickers: [], pictures: [] };
  return { name, painter, ...lists, times: new Map(), device: '', flickerMap: undefined };
}

/** Names with a number behind those that came before: "wave" and "wave" are "wave" and "wave (2)". */
export function distinctNames(names: readonly string[]): string[] {
  const distinct: string[] = [];
  for (const name of names) {
    let candidate = name;
    for (let number = 2; distinct.includes(candidate); number++) candidate = `${name} (${number})`;
    distinct.push(candidate);
  }
  return distinct;
}

/** Whether measurements are those of a style. */
export function areOfStyle(each: PainterMeasurements): each is StyleMeasurements {
  return 'manifest' in each.painter;
}

/** The mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The mean of the known values; undefined for none. */
export function meanOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : mean(known);
}

/** The mean of each column. */
export function meanColumns(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).map((_, column) => mean(rows.map((row) => row[column]!)));
}

import type { EvaluatedStyle, Evaluation, PaintingFigures } from '../results.js';

/** One figure of a style, formatted; undefined where there is none. */
export interface Column {
  readonly head: string;
  readonly value: string | undefined;
}

const fixed = (digits: number) => (value: number | undefined) => value?.toFixed(digits);
const [share, distance, error] = [fixed(2), fixed(3), fixed(5)];

/** The formatted figures of paintings, in table order. */
function paintingColumns(style: EvaluatedStyle): Column[] {
  return [
    { head: 'distance', value: distance(style.style) },
    { head: '(source)', value: distance(style.sourceStyle) },
    { head: 'domain', value: distance(style.domain) },
    { head: '(source)', value: distance(style.sourceDomain) },
    ...measurementColumns(style),
  ];
}

/** The formatted figures of paintings against their sources and their style picture, in table order. */
export function measurementColumns({ faces, ...figures }: PaintingFigures): Column[] {
  return [
    { head: 'strokes', value: distance(figures.strokes) },
    { head: 'structure', value: distance(figures.structure) },
    { head: 'crispness', value: share(figures.crispness) },
    { head: 'light', value: share(figures.light) },
    { head: 'colour', value: share(figures.colour) },
    { head: 'faces', value: faces && `${faces.found}/${faces.source}` },
    { head: 'person', value: share(figures.person) },
    { head: 'content', value: distance(figures.content) },
    { head: 'SSIM', value: distance(figures.ssim) },
    { head: 'MSE', value: fixed(4)(figures.mse) },
  ];
}

/** The formatted figures of motion and cost, in table order. */
function movingColumns({ cost, speed, ...style }: EvaluatedStyle): Column[] {
  return [
    { head: 'warping', value: error(style.warping) },
    { head: '(source)', value: error(style.sourceWarping) },
    { head: 'flicker', value: share(style.flicker) },
    { head: 'GMAC', value: share(cost?.gmac) },
    { head: 'weights', value: cost?.parameters.toLocaleString('en') },
    { head: 'KiB', value: cost && (cost.bytes / 1024).toFixed(0) },
    { head: 'ms', value: fixed(1)(speed?.ms) },
    { head: 'fps', value: fixed(1)(speed?.fps) },
  ];
}

/** The formatted figures of a style that are known, in table order. */
export function styleColumns(style: EvaluatedStyle): Column[] {
  return [...paintingColumns(style), ...movingColumns(style)].filter(({ value }) => value !== undefined);
}

/** The conditions of an evaluation in words. */
export function conditions({ judged, lossNetwork, steady, denoise }: Evaluation): string {
  const switches = Object.entries({ steady, denoise }).map(([name, on]) => `${name} ${on ? 'on' : 'off'}`);
  return [`on ${judged} pictures`, `with ${lossNetwork}`, ...switches].join(', ');
}

/**
 * An evaluation as tables of text, each with a header row: figures of the paintings and, for styles, of motion and
 * cost. Figures that none of them has are left out.
 */
export function figureTables({ styles }: Evaluation): string[][][] {
  const rows = (columns: (style: EvaluatedStyle) => Column[], of: readonly EvaluatedStyle[]) =>
    withoutEmpty(
      'style',
      of.map((style) => ({ name: style.name, columns: columns(style) })),
    );
  const painters = styles.filter(({ cost }) => cost);
  return [rows(paintingColumns, styles), ...(painters.length > 0 ? [rows(movingColumns, painters)] : [])];
}

/** Rows of text with a header row, without empty columns. */
export function withoutEmpty(
  corner: string,
  rows: readonly { readonly name: string; readonly columns: readonly Column[] }[],
): string[][] {
  const kept = rows[0]!.columns.flatMap((_, at) => (rows.some(({ columns }) => columns[at]!.value) ? [at] : []));
  return [
    [corner, ...kept.map((at) => rows[0]!.columns[at]!.head)],
    ...rows.map(({ name, columns }) => [name, ...kept.map((at) => columns[at]!.value ?? '-')]),
  ];
}

/** The style distance of each result, and of the sources, to each style picture, as rows of text. */
export function matrixRows({ styles, stylePictures, sourceStyles }: Evaluation): string[][] {
  const row = (name: string, values: readonly number[]) => [name, ...values.map((value) => value.toFixed(3))];
  return [
    ['result', ...stylePictures.map(({ name }) => name)],
    ...styles.map((style) => row(style.name, style.styles)),
    row('(source)', sourceStyles),
  ];
}

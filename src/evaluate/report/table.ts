import type { EvaluatedStyle, Evaluation } from '../results.js';

/** One figure of a style, formatted. */
export interface Column {
  readonly head: string;
  readonly value: string;
}

const distance = (value: number | undefined) => value?.toFixed(3) ?? '-';
const error = (value: number | undefined) => value?.toFixed(5) ?? '-';

/** The formatted figures of a style, in table order. */
export function styleColumns(style: EvaluatedStyle): Column[] {
  const { cost, speed } = style;
  return [
    { head: 'style', value: style.style === undefined ? '-' : distance(style.style) },
    { head: '(source)', value: distance(style.sourceStyle) },
    ...(style.domain === undefined
      ? []
      : [
          { head: 'domain', value: distance(style.domain) },
          { head: '(source)', value: distance(style.sourceDomain) },
        ]),
    { head: 'content', value: distance(style.content) },
    { head: 'SSIM', value: style.ssim.toFixed(3) },
    { head: 'MSE', value: style.mse.toFixed(4) },
    { head: 'warping', value: error(style.warping) },
    { head: '(source)', value: error(style.sourceWarping) },
    { head: 'flicker', value: style.flicker.toFixed(2) },
    { head: 'GMAC', value: cost.gmac.toFixed(2) },
    { head: 'weights', value: cost.parameters.toLocaleString('en') },
    { head: 'KiB', value: (cost.bytes / 1024).toFixed(0) },
    { head: 'ms', value: speed.ms.toFixed(1) },
    { head: 'fps', value: speed.fps.toFixed(1) },
  ];
}

/** The conditions of an evaluation in words. */
export function conditions({ judged, lossNetwork, steady, denoise }: Evaluation): string {
  const switches = Object.entries({ steady, denoise }).map(([name, on]) => `${name} ${on ? 'on' : 'off'}`);
  return [`on ${judged} pictures`, `with ${lossNetwork}`, ...switches].join(', ');
}

/** An evaluation as rows of text, with a header row. */
export function figureRows({ styles }: Evaluation): string[][] {
  const columns = styles.map(styleColumns);
  return [
    ['style', ...columns[0]!.map(({ head }) => (head === 'style' ? 'distance' : head))],
    ...styles.map(({ name }, at) => [name, ...columns[at]!.map(({ value }) => value)]),
  ];
}

/** The style distance of each result, and of the sources, to each style picture, as rows of text. */
export function matrixRows({ styles, stylePictures, sourceStyles }: Evaluation): string[][] {
  const row = (name: string, values: readonly number[]) => [name, ...values.map(distance)];
  return [
    ['result', ...stylePictures.map(({ name }) => name)],
    ...styles.map((style) => row(style.name, style.styles)),
    row('(source)', sourceStyles),
  ];
}

import type { PictureMeasurement } from '../measures/comparison.js';
import {
  areOfStyle,
  mean,
  meanColumns,
  meanOfKnown,
  type PainterMeasurements,
} from '../measures/style-measurements.js';
import type { EvaluatedStyle, Speed } from '../results.js';
import { costOf } from './cost.js';

/**
 * The figures of a style, from its measurements.
 *
 * @param own index of the style's own picture.
 * @param sourceStyles style distances of the sources.
 */
export async function summary(
  each: PainterMeasurements,
  own: number | undefined,
  sourceStyles: readonly number[],
): Promise<Omit<EvaluatedStyle, 'domain' | 'sourceDomain'>> {
  const { measured, flickers, pictures, flickerMap } = each;
  const style = areOfStyle(each) ? each.painter : undefined;
  // A clip with cuts between all frames has no warping error.
  const clips = each.clips.filter(({ warping }) => !Number.isNaN(warping));
  const styles = meanColumns(measured.map((measurement) => measurement.styles));
  return {
    name: each.name,
    title: style?.manifest.title ?? each.name,
    tier: style?.manifest.tier,
    cost: style && (await costOf(style)),
    speed: style && speedOf(each),
    judged: measured.length,
    own,
    style: own === undefined ? undefined : styles[own],
    sourceStyle: own === undefined ? undefined : sourceStyles[own],
    styles,
    strokes: own === undefined ? undefined : meanOfKnown(measured.map(({ strokes }) => strokes[own])),
    crispness: own === undefined ? undefined : mean(measured.map(({ crispness }) => crispness[own]!)),
    structure: meanOfKnown(measured.map(({ structure }) => structure)),
    light: mean(measured.map(({ light }) => light)),
    colour: meanOfKnown(measured.map(({ colour }) => colour)),
    faces: facesOf(measured),
    person: meanOfKnown(measured.map(({ person }) => person)),
    content: mean(measured.map(({ content }) => content)),
    ssim: mean(measured.map(({ ssim }) => ssim)),
    mse: mean(measured.map(({ mse }) => mse)),
    warping: clips.length === 0 ? undefined : mean(clips.map(({ warping }) => warping)),
    sourceWarping: clips.length === 0 ? undefined : mean(clips.map(({ sourceWarping }) => sourceWarping)),
    flicker: flickers.length === 0 ? undefined : mean(flickers),
    clips,
    ...(pictures.length > 0 ? { pictures } : {}),
    ...(flickerMap ? { flickerMap } : {}),
  };
}

/** Faces in all sources and those found again; undefined where they were not looked for. */
function facesOf(measured: readonly PictureMeasurement[]): EvaluatedStyle['faces'] {
  const faces = measured.flatMap((measurement) => measurement.faces ?? []);
  if (faces.length === 0) return undefined;
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return { source: sum(faces.map(({ source }) => source)), found: sum(faces.map(({ found }) => found)) };
}

/** The median time at the most frequent size. */
function speedOf({ times, device }: PainterMeasurements): Speed {
  const [most] = [...times.values()].sort((a, b) => b.ms.length - a.ms.length);
  const { size, ms } = most!;
  const middle = [...ms].sort((a, b) => a - b)[ms.length >> 1] ?? Number.NaN;
  return { ms: middle, fps: 1000 / middle, width: size.width, height: size.height, device };
}

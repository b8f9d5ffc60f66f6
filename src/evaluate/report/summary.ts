import { costOf } from '../cost.js';
import { mean, meanColumns, type StyleMeasurements } from '../measures/style-measurements.js';
import type { EvaluatedStyle, Speed } from '../results.js';

/**
 * The figures of a style, from its measurements.
 *
 * @param own index of the style's own picture.
 * @param sourceStyles style distances of the sources.
 */
export async function summary(
  each: StyleMeasurements,
  own: number | undefined,
  sourceStyles: readonly number[],
): Promise<Omit<EvaluatedStyle, 'domain' | 'sourceDomain'>> {
  const { style, measured, similarities, errors, flickers, pictures, flickerMap } = each;
  // A clip with cuts between all frames has no warping error.
  const clips = each.clips.filter(({ warping }) => !Number.isNaN(warping));
  const styles = meanColumns(measured.map((measurement) => measurement.styles));
  return {
    name: style.name,
    title: style.manifest.title,
    tier: style.manifest.tier,
    cost: await costOf(style),
    speed: speedOf(each),
    own,
    style: own === undefined ? undefined : styles[own],
    sourceStyle: own === undefined ? undefined : sourceStyles[own],
    styles,
    content: mean(measured.map(({ content }) => content)),
    ssim: mean(similarities),
    mse: mean(errors),
    warping: clips.length === 0 ? undefined : mean(clips.map(({ warping }) => warping)),
    sourceWarping: clips.length === 0 ? undefined : mean(clips.map(({ sourceWarping }) => sourceWarping)),
    flicker: mean(flickers),
    clips,
    ...(pictures.length > 0 ? { pictures } : {}),
    ...(flickerMap ? { flickerMap } : {}),
  };
}

/** The median time at the most frequent size. */
function speedOf({ times, device }: StyleMeasurements): Speed {
  const [most] = [...times.values()].sort((a, b) => b.ms.length - a.ms.length);
  const { size, ms } = most!;
  const middle = [...ms].sort((a, b) => a - b)[ms.length >> 1] ?? Number.NaN;
  return { ms: middle, fps: 1000 / middle, width: size.width, height: size.height, device };
}

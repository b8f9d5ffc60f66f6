import { costOf } from '../cost.js';
import { mean, meanColumns, type Tally } from '../measures/tally.js';
import type { EvaluatedStyle, Speed } from '../results.js';

/**
 * The figures of a style, from what was tallied.
 *
 * @param own index of the style's own picture.
 * @param sourceStyles style distances of the sources.
 */
export async function summary(
  each: Tally,
  own: number | undefined,
  sourceStyles: readonly number[],
): Promise<Omit<EvaluatedStyle, 'domain' | 'sourceDomain'>> {
  const { style, verdicts, similarities, errors, flickers, pictures, flickerMap } = each;
  // A clip that is nothing but cuts has no warping error.
  const clips = each.clips.filter(({ warping }) => !Number.isNaN(warping));
  const styles = meanColumns(verdicts.map((verdict) => verdict.styles));
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
    content: mean(verdicts.map(({ content }) => content)),
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

/** The median time at the size that most pictures had. */
function speedOf({ times, device }: Tally): Speed {
  const [most] = [...times.values()].sort((a, b) => b.ms.length - a.ms.length);
  const { size, ms } = most!;
  const middle = [...ms].sort((a, b) => a - b)[ms.length >> 1] ?? Number.NaN;
  return { ms: middle, fps: 1000 / middle, width: size.width, height: size.height, device };
}

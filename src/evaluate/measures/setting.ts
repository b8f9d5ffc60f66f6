import type { Size } from '../../frame.js';
import type { Picture } from '../../quality/motion/warping.js';
import { meanSquaredError } from '../../quality/mse.js';
import { ssim } from '../../quality/ssim.js';
import type { EvaluateOptions } from '../options.js';
import type { Counter } from '../progress.js';
import { jpeg } from '../sources/pictures.js';
import { Brush } from './brush.js';
import type { DomainJudge } from './domain.js';
import type { Judge, Verdict } from './judge.js';
import type { Tally } from './tally.js';

/** What the parts of an evaluation share. */
export interface Setting {
  readonly options: EvaluateOptions;
  readonly frames: number;
  readonly judge: Judge;
  readonly counter: Counter;
  readonly tallies: readonly Tally[];
  /** A body of work to compare with. */
  readonly domain?: DomainJudge;
  /** Verdicts on the sources. */
  readonly sources: Verdict[];
}

/** Judges a source by itself. */
export async function lookAtSource(setting: Setting, name: string, frame: Picture): Promise<void> {
  const { judge, counter, sources, domain } = setting;
  sources.push(await judge.judge(frame, frame));
  await domain?.see(sources, frame);
  counter.count('judge', name);
}

/** Judges a result beside its source. */
export async function lookAtResult(
  { judge, counter, options, domain }: Setting,
  each: Tally,
  { name, source, result, show }: { name: string; source: Picture; result: Picture; show: boolean },
): Promise<void> {
  const { verdicts, similarities, errors, pictures, style } = each;
  verdicts.push(await judge.judge(result, source));
  await domain?.see(each, result);
  similarities.push(ssim(result, source));
  errors.push(meanSquaredError(result, source));
  if (options.pictures && show) pictures.push({ name, source: await jpeg(source), result: await jpeg(result) });
  counter.count('judge', `${style.name}: ${name}`);
}

/** Lets a style paint pictures of one size, and notes how long it took. */
export async function withBrush(
  { options }: Setting,
  each: Tally,
  size: Size,
  work: (brush: Brush) => Promise<void>,
): Promise<void> {
  const brush = await Brush.open(each.style, size, options);
  try {
    for (const note of brush.notes) options.onNote?.(`${each.style.name}: ${note}`);
    await work(brush);
  } finally {
    await brush.close();
  }
  each.device = brush.device;
  const key = `${size.width}×${size.height}`;
  const times = each.times.get(key) ?? { size, ms: [] };
  times.ms.push(...brush.times);
  each.times.set(key, times);
}

import type { Size } from '../../frame.js';
import type { Picture } from '../../quality/motion/warping.js';
import type { EvaluateOptions } from '../options.js';
import type { ProgressCounter } from '../progress.js';
import { jpeg } from '../sources/pictures.js';
import type { PictureComparison } from './comparison.js';
import type { DomainComparison } from './domain.js';
import type { PainterMeasurements, StyleMeasurements } from './style-measurements.js';
import { TimedPainter } from './timed-painter.js';

/** Everything that the parts of an evaluation share. */
export interface EvaluationContext {
  readonly options: EvaluateOptions;
  readonly frames: number;
  readonly comparison: PictureComparison;
  readonly counter: ProgressCounter;
  readonly measurements: readonly PainterMeasurements[];
  /** A body of work to compare with. */
  readonly domain?: DomainComparison;
  /** Style distances of the sources to every style picture. */
  readonly sources: (readonly number[])[];
}

/** Measures a source by itself. */
export async function evaluateSource(context: EvaluationContext, name: string, frame: Picture): Promise<void> {
  const { comparison, counter, sources, domain } = context;
  sources.push(await comparison.styleDistances(frame));
  await domain?.add(sources, frame);
  counter.count('compare', name);
}

/** Measures a result against its source. */
export async function evaluateResult(
  { comparison, counter, options, domain }: EvaluationContext,
  each: PainterMeasurements,
  { name, source, result, show }: { name: string; source: Picture; result: Picture; show: boolean },
): Promise<void> {
  const { measured, pictures } = each;
  measured.push(await comparison.compare(result, source));
  await domain?.add(each, result);
  if (options.pictures && show) pictures.push({ name, source: await jpeg(source), result: await jpeg(result) });
  counter.count('compare', `${each.name}: ${name}`);
}

/** Runs work with a timed painter of a style for pictures of one size. */
export async function withTimedPainter(
  { options }: EvaluationContext,
  each: StyleMeasurements,
  size: Size,
  work: (painter: TimedPainter) => Promise<void>,
): Promise<void> {
  const painter = await TimedPainter.open(each.painter, size, options);
  try {
    for (const note of painter.notes) options.onNote?.(`${each.name}: ${note}`);
    await work(painter);
  } finally {
    await painter.close();
  }
  each.device = painter.device;
  const key = `${size.width}×${size.height}`;
  const times = each.times.get(key) ?? { size, ms: [] };
  times.ms.push(...painter.times);
  each.times.set(key, times);
}

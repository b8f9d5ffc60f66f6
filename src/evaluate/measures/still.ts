import { MediaError } from '../../errors.js';
import { denoiseFrames } from '../../media/files/denoise.js';
import { meanChange, noisy } from '../../quality/flicker.js';
import type { Picture } from '../../quality/motion/warping.js';
import { changeMap } from '../sources/pictures.js';
import type { EvaluationPhotograph } from '../sources/scenes.js';
import { type EvaluationContext, evaluateResult, evaluateSource, withTimedPainter } from './context.js';
import { areOfStyle, mean, type PainterMeasurements } from './style-measurements.js';

/** Photographs that become noisy still scenes. */
export const SCENES = 3;
/** Frames of each such scene. */
export const SCENE_FRAMES = 6;

/** Measures what all styles make of photographs, and the paintings made elsewhere. */
export async function measurePhotographs(
  context: EvaluationContext,
  photographs: readonly EvaluationPhotograph[],
): Promise<void> {
  for (const { name, frame: source } of photographs) {
    await evaluateSource(context, name, source);
    for (const each of context.measurements) {
      const result = await paintingOf(context, each, name, source);
      context.counter.count('paint', `${each.name}: ${name}`);
      if (result) await evaluateResult(context, each, { name, source, result, show: true });
    }
  }
}

/** The painting of a photograph by a style or in a folder; undefined where it is missing or cannot be read. */
async function paintingOf(
  context: EvaluationContext,
  each: PainterMeasurements,
  name: string,
  source: Picture,
): Promise<Picture | undefined> {
  if (areOfStyle(each)) {
    let result: Picture | undefined;
    await withTimedPainter(context, each, source, async (painter) => {
      result = await painter.paint(source);
    });
    return result;
  }
  if (!each.painter.has(name)) return undefined;
  try {
    return await each.painter.read(name, source);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    context.options.onNote?.(`left out: ${error.message}`);
    return undefined;
  }
}

/** Flicker on photographs with camera noise, for all styles, relative to that of the original noise. */
export async function measureFlicker(
  context: EvaluationContext,
  scenes: readonly EvaluationPhotograph[],
): Promise<void> {
  for (const { name, frame } of scenes) {
    const frames = Array.from({ length: SCENE_FRAMES }, (_, at) => noisy(frame, 1, at));
    const own = changes(frames);
    const seen = context.options.denoise ? await denoiseFrames(frames) : frames;
    for (const each of context.measurements.filter(areOfStyle)) {
      const results: Picture[] = [];
      await withTimedPainter(context, each, frame, async (painter) => {
        for (const noise of seen) {
          results.push(await painter.paint(noise));
          context.counter.count('paint', `${each.name}: ${name} with noise`);
        }
      });
      each.flickers.push(changes(results) / own);
      if (context.options.pictures) each.flickerMap ??= await changeMap(results);
    }
  }
}

/** The mean change from frame to frame. */
function changes(frames: readonly Picture[]): number {
  return mean(frames.slice(1).map((later, i) => meanChange(frames[i]!, later)));
}

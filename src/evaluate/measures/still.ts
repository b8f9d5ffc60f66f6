import { denoiseFrames } from '../../media/files/denoise.js';
import { meanChange, noisy } from '../../quality/flicker.js';
import type { Picture } from '../../quality/motion/warping.js';
import { changeMap } from '../sources/pictures.js';
import type { EvaluationPhotograph } from '../sources/scenes.js';
import { type EvaluationContext, evaluateResult, evaluateSource, withTimedPainter } from './context.js';
import { mean } from './style-measurements.js';

/** Photographs that become noisy still scenes. */
export const SCENES = 3;
/** Frames of each such scene. */
export const SCENE_FRAMES = 6;

/** Distances and similarity on photographs, for all styles. */
export async function measurePhotographs(
  context: EvaluationContext,
  photographs: readonly EvaluationPhotograph[],
): Promise<void> {
  for (const { name, frame: source } of photographs) {
    await evaluateSource(context, name, source);
    for (const each of context.measurements) {
      await withTimedPainter(context, each, source, async (painter) => {
        const result = await painter.paint(source);
        context.counter.count('paint', `${each.style.name}: ${name}`);
        await evaluateResult(context, each, { name, source, result, show: true });
      });
    }
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
    for (const each of context.measurements) {
      const results: Picture[] = [];
      await withTimedPainter(context, each, frame, async (painter) => {
        for (const noise of seen) {
          results.push(await painter.paint(noise));
          context.counter.count('paint', `${each.style.name}: ${name} with noise`);
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

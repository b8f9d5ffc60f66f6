import { denoiseFrames } from '../../media/files/denoise.js';
import { meanChange, noisy } from '../../quality/flicker.js';
import type { Picture } from '../../quality/motion/warping.js';
import { changeMap } from '../sources/pictures.js';
import type { Photograph } from '../sources/scenes.js';
import { lookAtResult, lookAtSource, type Setting, withBrush } from './setting.js';
import { mean } from './tally.js';

/** Photographs that become noisy still scenes. */
export const SCENES = 3;
/** Frames of each such scene. */
export const SCENE_FRAMES = 6;

/** Distances and similarity on photographs, for all styles. */
export async function measurePhotographs(setting: Setting, photographs: readonly Photograph[]): Promise<void> {
  for (const { name, frame: source } of photographs) {
    await lookAtSource(setting, name, source);
    for (const each of setting.tallies) {
      await withBrush(setting, each, source, async (brush) => {
        const result = await brush.paint(source);
        setting.counter.count('paint', `${each.style.name}: ${name}`);
        await lookAtResult(setting, each, { name, source, result, show: true });
      });
    }
  }
}

/** Flicker on photographs with the noise of a camera, for all styles; always over that of the noise as it came. */
export async function measureFlicker(setting: Setting, scenes: readonly Photograph[]): Promise<void> {
  for (const { name, frame } of scenes) {
    const frames = Array.from({ length: SCENE_FRAMES }, (_, at) => noisy(frame, 1, at));
    const own = changes(frames);
    const seen = setting.options.denoise ? await denoiseFrames(frames) : frames;
    for (const each of setting.tallies) {
      const results: Picture[] = [];
      await withBrush(setting, each, frame, async (brush) => {
        for (const noise of seen) {
          results.push(await brush.paint(noise));
          setting.counter.count('paint', `${each.style.name}: ${name} with noise`);
        }
      });
      each.flickers.push(changes(results) / own);
      if (setting.options.pictures) each.flickerMap ??= await changeMap(results);
    }
  }
}

/** The mean change from frame to frame. */
function changes(frames: readonly Picture[]): number {
  return mean(frames.slice(1).map((later, i) => meanChange(frames[i]!, later)));
}

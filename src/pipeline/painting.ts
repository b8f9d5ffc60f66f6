import { availableParallelism } from 'node:os';
import type { Frame, Size } from '../frame.js';
import { choosesStyle } from './auto/candidates.js';
import { chooseStyles } from './auto/choose.js';
import type { Painting } from './auto/scene-painter.js';
import { ScenePainter } from './auto/scene-painter.js';
import type { Scene } from './auto/scenes.js';
import { RegionPainter } from './region-painter.js';
import { preparePainter, type StyleOptions } from './style.js';

/** What is known about the origin of the frames. */
export interface FrameOrigin {
  /** Size of the source in pixels, before it was scaled. */
  readonly shape: Size;
  /** Time stamp of its beginning in seconds, if known. */
  readonly startTime?: number | undefined;
  /** Reads the frames once more at `APPEARANCE_SIZE`; undefined where they can be read only once. */
  readonly readSmallFrames?: (() => AsyncIterable<Frame>) | undefined;
  /** The scenes and their styles, where they are chosen already. */
  readonly scenes?: readonly [Scene, ...Scene[]] | undefined;
}

/**
 * Prepares the painter of frames of one size: a style, or two and a mask, or one for each scene.
 *
 * @param onNote called with later notes, such as the beginning of a scene
 * @throws as `openPainter`, `chooseStyles` and `RegionPainter.open` do
 */
export async function openPainting(
  options: StyleOptions,
  size: Size,
  origin: FrameOrigin,
  onNote: (note: string) => void = () => undefined,
): Promise<Painting> {
  const { mask, styleOutside, compare = false } = options;
  if (mask === undefined) return openStyled(options, size, origin, onNote);
  // Both networks share the memory.
  const memory = styleOutside !== undefined && options.memory !== undefined ? { memory: options.memory / 2 } : {};
  const each = { ...options, ...memory, compare: false };
  const painted = await openStyled(each, size, origin, onNote);
  // Blend options apply to the first network.
  const { blend: _, fineBlend: _fine, truncation: _truncation, vary: _vary, varySeed: _seed, ...plain } = each;
  let elsewhere: Painting | undefined;
  try {
    elsewhere =
      styleOutside === undefined
        ? undefined
        : await openStyled({ ...plain, style: styleOutside }, size, origin, onNote);
    const painter = await RegionPainter.open(painted.painter, elsewhere?.painter, {
      options: { ...options, mask, compare },
      size,
      ...origin,
      threads: Math.max(1, options.threads ?? availableParallelism()),
    });
    return { ...painted, painter, notes: [...painted.notes, ...(elsewhere?.notes ?? [])] };
  } catch (error) {
    await painted.painter.close();
    await elsewhere?.painter.close();
    throw error;
  }
}

/** Opens one style, or one for each scene. */
async function openStyled(
  options: StyleOptions,
  size: Size,
  origin: FrameOrigin,
  onNote: (note: string) => void,
): Promise<Painting> {
  if (!choosesStyle(options.style)) return preparePainter(options, size);
  const { scenes, notes: chosen } = origin.scenes
    ? { scenes: origin.scenes, notes: [] }
    : await chooseStyles(options.style, options, origin.readSmallFrames);
  const begins = (scene: Scene) => `Scene from ${clock(scene.start)}: ${scene.style}.`;
  const opened = await ScenePainter.open(
    scenes,
    (name) => preparePainter({ ...options, style: name }, size),
    (scene, notes) => {
      for (const note of [begins(scene), ...notes]) onNote(note);
    },
  );
  const { device, notes } = opened.first;
  const begin = scenes.length > 1 || origin.scenes ? [begins(scenes[0])] : [];
  return { painter: opened.painter, device, notes: [...chosen, ...begin, ...notes], scenes };
}

/** Seconds as m:ss.s. */
function clock(time: number): string {
  const tenths = Math.round(time * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

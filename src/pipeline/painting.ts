import { availableParallelism } from 'node:os';
import { OptionError } from '../errors.js';
import type { Frame, Size } from '../frame.js';
import { candidatesOf, choosesStyle } from './auto/candidates.js';
import type { Painting } from './auto/scene-painter.js';
import { ScenePainter } from './auto/scene-painter.js';
import { chooseScenes, type Scene } from './auto/scenes.js';
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
}

/**
 * Prepares the painter of frames of one size: a style, or two and a mask, or one for each scene.
 *
 * @param onNote called with later notes, such as the beginning of a scene
 * @throws as `openPainter`, `candidatesOf` and `RegionPainter.open` do; OptionError `AUTO_ONCE`
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
  { readSmallFrames: glance }: FrameOrigin,
  onNote: (note: string) => void,
): Promise<Painting> {
  const { style } = options;
  if (!choosesStyle(style)) return preparePainter(options, size);
  if (!glance) {
    throw new OptionError('AUTO_ONCE', `--style ${style} reads the frames twice; expected a file.`, {
      hint: 'For frames that come only once, name a style.',
    });
  }
  if (options.blend ?? options.fineBlend) {
    throw new OptionError('BLEND', `A blend and --style ${style} are given; expected one of them.`, {
      hint: 'Name the preset whose styles are to be blended, such as --style painters.',
    });
  }
  const candidates = await candidatesOf(style);
  const scenes = await chooseScenes(glance(), candidates);
  const [first] = scenes;
  if (!first) return preparePainter({ ...options, style: candidates[0]!.name }, size);
  const begins = (scene: Scene) => `Scene from ${clock(scene.start)}: ${scene.style}.`;
  const opened = await ScenePainter.open(
    [first, ...scenes.slice(1)],
    (name) => preparePainter({ ...options, style: name }, size),
    (scene, notes) => {
      for (const note of [begins(scene), ...notes]) onNote(note);
    },
  );
  const among = candidates.map(({ name }) => name).join(', ');
  const chosen =
    scenes.length === 1
      ? [`The style is ${first.style}, chosen among ${among}.`]
      : [`The styles of ${scenes.length} scenes are chosen among ${among}.`, begins(first)];
  const { device, notes } = opened.first;
  return { painter: opened.painter, device, notes: [...chosen, ...notes], scenes };
}

/** Seconds as m:ss.s. */
function clock(time: number): string {
  const tenths = Math.round(time * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

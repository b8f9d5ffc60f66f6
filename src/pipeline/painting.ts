import { availableParallelism } from 'node:os';
import type { RealDevice } from '../engine/open.js';
import type { Size } from '../frame.js';
import type { Style } from '../model/style.js';
import { RegionPainter } from './region-painter.js';
import { type FramePainter, preparePainter, type StyleOptions } from './style.js';

/** What is known of where the frames come from. */
export interface Origin {
  /** Size of the source in pixels, before it was scaled. */
  readonly shape: Size;
  /** Time stamp of its beginning in seconds, if known. */
  readonly startTime?: number | undefined;
}

/** What paints, and what the user may want to know of it. */
export interface Painting {
  readonly painter: FramePainter;
  /** Where the network runs. */
  readonly device: RealDevice;
  readonly notes: readonly string[];
}

/**
 * Prepares everything that turns frames of one size into painted ones: a style, or two and a mask.
 *
 * @throws as `openPainter` and `RegionPainter.open` do
 */
export async function openPainting(options: StyleOptions, size: Size, origin: Origin): Promise<Painting> {
  const { mask, styleOutside, compare = false } = options;
  if (mask === undefined) return preparePainter(options, size);
  // Both networks share what memory there is.
  const memory = styleOutside !== undefined && options.memory !== undefined ? { memory: options.memory / 2 } : {};
  const each = { ...options, ...memory, compare: false };
  const open = (style: string | Style) => preparePainter({ ...each, style }, size);
  const painted = await open(options.style);
  let elsewhere: Painting | undefined;
  try {
    elsewhere = styleOutside === undefined ? undefined : await open(styleOutside);
    const painter = await RegionPainter.open(painted.painter, elsewhere?.painter, {
      options: { ...options, mask, compare },
      size,
      ...origin,
      threads: Math.max(1, options.threads ?? availableParallelism()),
    });
    return { painter, device: painted.device, notes: [...new Set([...painted.notes, ...(elsewhere?.notes ?? [])])] };
  } catch (error) {
    await painted.painter.close();
    await elsewhere?.painter.close();
    throw error;
  }
}

import { type Frame, seconds } from '../../frame.js';
import { APPEARANCE_SIZE, type Appearance, appearanceOf, meanAppearance } from './appearance.js';
import { bestOf, type Candidate } from './candidates.js';
import { CutDetector } from './cut-detector.js';

/** Every n-th frame of a scene is measured. */
const EVERY = 8;
/** A scene of fewer seconds keeps the style of the one before. */
const SHORTEST = 1;

/** A scene of a clip, up to the next one, and its chosen style. */
export interface Scene {
  /** Time stamp of its first frame, in seconds. */
  readonly start: number;
  readonly style: string;
}

/**
 * Splits a clip into scenes and chooses the style of each by the mean appearance of its frames.
 *
 * @param frames of size `APPEARANCE_SIZE`
 * @returns scenes in order; the first begins with the first frame
 */
export async function chooseScenes(frames: AsyncIterable<Frame>, candidates: readonly Candidate[]): Promise<Scene[]> {
  const finder = new CutDetector();
  const times: number[] = [];
  const seen: { readonly frame: number; readonly appearance: Appearance }[] = [];
  const starts = [0];
  let since = 0;
  for await (const { data, pts } of frames) {
    const frame = times.push(seconds(pts)) - 1;
    const cut = finder.next(data, APPEARANCE_SIZE);
    if (cut !== undefined) {
      starts.push(cut);
      since = cut;
    }
    if (cut !== undefined || (frame - since) % EVERY === 0) seen.push({ frame, appearance: appearanceOf(data) });
  }
  const last = finder.end();
  if (last !== undefined) starts.push(last);
  const scenes: Scene[] = [];
  for (const [n, first] of starts.entries()) {
    const next = starts[n + 1] ?? times.length;
    const end = times[next] ?? times.at(-1) ?? 0;
    const start = times[first] ?? 0;
    const own = seen.filter(({ frame }) => frame >= first && frame < next).map(({ appearance }) => appearance);
    if (own.length === 0 || (n > 0 && end - start < SHORTEST)) continue;
    scenes.push({ start, style: bestOf(candidates, meanAppearance(own)).name });
  }
  return scenes;
}

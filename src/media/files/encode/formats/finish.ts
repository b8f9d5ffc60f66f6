import { MediaError } from '../../../../errors.js';
import { endsEditListEarly, type Ffmpeg } from '../../../ffmpeg/binaries.js';
import type { LastShown } from '../companions.js';
import { showLastFrame } from './edit-list.js';
import type { GifFrames } from './gif.js';
import { setLength } from './webp.js';

/** Seconds that the last frame is shown, and all of them. */
export interface ShownTime {
  readonly last: number;
  readonly all: number;
}

/** What is done to a file when all frames are in it; undefined: nothing. */
export function finishing(
  ffmpeg: Ffmpeg,
  path: string,
  muxer: string,
  gif: GifFrames | undefined,
): ((shown: ShownTime) => Promise<void>) | undefined {
  if (gif) return ({ last }) => gif.finish(last);
  if (muxer === 'webp') return ({ all }) => setLength(path, all);
  if (endsEditListEarly(ffmpeg) && /^(mp4|mov)$/.test(muxer)) return ({ last }) => showLastFrame(path, last);
  return undefined;
}

/**
 * How long the last frame and all of them are shown, in seconds: the last as long as the one before where nothing is
 * known.
 */
export function shownTime(
  told: LastShown | undefined,
  { first, last, interval }: { readonly first: number; readonly last: number; readonly interval: number },
): ShownTime {
  const known = told && ('until' in told ? told.until - last : told.seconds);
  const seconds = known || interval || 0.04;
  return { last: seconds, all: last - first + seconds };
}

/** How many frames ffmpeg says are in its file, in a line such as `frame=   25 fps=…`; undefined for other lines. */
export function countedFrames(line: string): number | undefined {
  const found = /^frame=\s*(\d+)/.exec(line);
  return found ? Number(found[1]) : undefined;
}

/** The error for a file that has not all of its frames. */
export function lost(path: string, encoded: number, frames: number): MediaError {
  return new MediaError('MEDIA_FRAMES_LOST', `ffmpeg took ${encoded} of ${frames} frames into ${path}.`, {
    hint: 'Try another --codec or output format, and report this with the output of "ffmpeg -version".',
  });
}

import { endsEditListEarly, type Ffmpeg } from '../../ffmpeg/binaries.js';
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

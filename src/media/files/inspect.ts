import { localPath } from '../ffmpeg/path.js';
import type { MediaInfo } from '../probe/info.js';
import { probe } from '../probe/probe.js';
import { readClock } from '../probe/read-clock.js';
import { copyAnimation, isAnimatedWebp } from './pictures/animated-webp.js';
import { findTransparency } from './transparency.js';

/**
 * All that is known of a video file before its frames are decoded: what ffprobe says, how its clock runs, and whether
 * something in it is transparent. An animated WebP is copied for that, into a file that `removeCopy` removes.
 *
 * @throws MediaError as `probe`
 */
export async function inspectVideo(input: string): Promise<MediaInfo> {
  const path = localPath(input);
  if (!(await isAnimatedWebp(path))) return findTransparency(await readClock(await probe(path)));
  const copy = await copyAnimation(path);
  const info = await findTransparency(await readClock(await probe(copy.path)));
  return { ...info, path, copy: copy.path, clock: { ...info.clock!, lastFrame: copy.lastFrame } };
}

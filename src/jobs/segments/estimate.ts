import { availableParallelism } from 'node:os';
import { localPath } from '../../media/ffmpeg/path.js';
import { probe } from '../../media/probe/probe.js';
import { findStyle } from '../../model/library/find.js';
import type { Tier } from '../../model/manifest/types.js';
import { choosesStyle } from '../../pipeline/auto/candidates.js';
import { workingSize } from '../../pipeline/style.js';
import type { LongVideoOptions } from '../options.js';

/** 10⁹ multiply-accumulate operations of a picture of 640×360, by size of the network; of others little is known. */
const GMAC: Readonly<Record<Tier, number>> = { tiny: 0.6, lite: 1.3, standard: 10, fine: 35, foreign: 10 };
const PIXELS = 640 * 360;
/** What a core does of these in a second, and what else a picture of that size takes of one. */
const CORE = { gmac: 40, seconds: 0.03 } as const;

/**
 * About how many seconds a video will take on the CPU of this machine, by the size of network and picture; undefined
 * where nothing is known of them.
 */
export async function expectedSeconds(options: LongVideoOptions): Promise<number | undefined> {
  const { style, start = 0, duration = Number.POSITIVE_INFINITY, strokeScale = 1 } = options;
  try {
    const info = await probe(localPath(options.input));
    const { frames } = info.video;
    if (frames === undefined) return undefined;
    const share = info.duration ? Math.min(Math.max(0, info.duration - start), duration) / info.duration : 1;
    const { width, height } = workingSize(info.video, options);
    const tier = typeof style !== 'string' ? style.manifest.tier : await tierOf(style);
    const threads = options.threads ?? availableParallelism();
    const each = (GMAC[tier] / strokeScale ** 2 / CORE.gmac + CORE.seconds) / threads;
    return frames * share * ((width * height) / PIXELS) * each;
  } catch {
    // What is wrong is said when it is opened.
    return undefined;
  }
}

async function tierOf(name: string): Promise<Tier> {
  if (choosesStyle(name)) return 'lite';
  return (await findStyle(name)).manifest.tier;
}

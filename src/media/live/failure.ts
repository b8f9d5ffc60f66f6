import { type Explanation, knownFailure } from '../ffmpeg/known-failures.js';
import type { FfmpegExit } from '../ffmpeg/process.js';
import { maskSecrets } from '../ffmpeg/secret.js';

const ADDRESS = 'Check the address, and that the other side runs.';

/** Why a live source or output failed, from the end of its ffmpeg. */
export function liveFailureOf(exit: FfmpegExit): Explanation {
  const known = knownFailure(exit.tail, 'live');
  if (known) return known.explanation;
  if (exit.signal) return { code: 'MEDIA_FFMPEG_KILLED', reason: `ffmpeg was killed (${exit.signal})`, hint: ADDRESS };
  if (!exit.failure) return { code: 'LIVE_OVER', reason: 'it ended', hint: ADDRESS };
  const said = exit.tail.at(-1)?.replace(/^\[[^\]]*\] /, '') ?? exit.failure.message;
  return { code: 'MEDIA_FFMPEG_FAILED', reason: maskSecrets(said), hint: ADDRESS };
}

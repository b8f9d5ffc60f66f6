import { MediaError } from '../../errors.js';
import { knownFailure } from './known-failures.js';
import type { FfmpegExit } from './process.js';

/** Turns a failed ffmpeg run into one clear error. `doing` is a phrase such as `encoding out.mp4`. */
export function ffmpegError(exit: FfmpegExit, doing: string): MediaError {
  const cause = exit.failure;
  if (exit.signal) {
    return new MediaError('MEDIA_FFMPEG_KILLED', `ffmpeg was killed (${exit.signal}) while ${doing}.`, {
      hint: 'If nobody did that, the system may have run out of memory: try a smaller --height.',
      cause,
    });
  }
  const known = knownFailure(exit.tail, 'file');
  if (known) {
    const { code, reason, hint } = known.explanation;
    const why = code === 'MEDIA_ENCODER' ? firstWords(exit.tail, known.line) : '';
    return new MediaError(code, `ffmpeg failed while ${doing}: ${reason}${why && ` (${why})`}.`, { hint, cause });
  }
  const said = lastWords(exit.tail) || cause?.message || 'it gave no reason';
  return new MediaError('MEDIA_FFMPEG_FAILED', `ffmpeg failed while ${doing}: ${said}`, {
    hint: 'Its last words are above; check the input and the output options.',
    cause,
  });
}

/** What was said of the reason before the general line: ffmpeg tells first why, and then what came of it. */
function firstWords(tail: readonly string[], general: string): string {
  const before = tail.slice(0, tail.indexOf(general)).filter((line) => !STATISTICS.test(line) || /^\[lib/.test(line));
  const line = before.findLast((text) => NAMES_ERROR.test(text) && !/\[(info|warning)\]/.test(text)) ?? '';
  return line.replace(/^\[[^\]]*\] /, '').replace(/\.$/, '');
}

/** What an encoder counts at its end, and what ffmpeg says of streams. */
const STATISTICS =
  /^\[lib|^frame=|^\s|kb\/s|^(video|audio):\d|^(In|Out)put #|^Stream mapping|^Press \[q\]|^Conversion failed/;
const NAMES_ERROR = /error|invalid|fail|cannot|could not|can't|unable|not (found|supported|allowed)|unknown|no such/i;

/** The line that names the error, without statistics; else the last three. */
function lastWords(tail: readonly string[]): string {
  const lines = tail.filter((line) => !STATISTICS.test(line));
  return lines.filter((line) => NAMES_ERROR.test(line)).at(-1) ?? lines.slice(-3).join(' | ');
}

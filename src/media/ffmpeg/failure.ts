import { MediaError } from '../../errors.js';
import type { FfmpegExit } from './process.js';

/** Known reasons in ffmpeg's stderr: pattern, code, what happened, what to do. */
const REASONS: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /No space left on device|Disk quota exceeded|File too large/i,
    'MEDIA_DISK_FULL',
    'the disk is full',
    'Free some space, or write to another disk with -o.',
  ],
  [
    /Permission denied|Operation not permitted|Read-only file system/i,
    'MEDIA_NOT_WRITABLE',
    'permission denied',
    'Choose a folder that you may write to with -o.',
  ],
  [/File name too long/i, 'MEDIA_NAME_TOO_LONG', 'the file name is too long', 'Choose a shorter name with -o.'],
  [
    /Could not find tag for codec|codec not currently supported in container|incorrect codec parameters/i,
    'MEDIA_CONTAINER',
    'this format cannot hold one of the streams',
    'Choose an .mkv file with -o, which holds nearly everything.',
  ],
  [
    /fps \d+ is too large|Valid timecode frame rate/i,
    'MEDIA_TIMECODE',
    'so few frames cannot have a timecode',
    'Choose an .mkv file with -o, or a longer --duration.',
  ],
  [
    /Cannot allocate memory|Out of memory/i,
    'MEDIA_MEMORY',
    'there is not enough memory',
    'Try a smaller --height, or close other programs.',
  ],
  [
    /Protocol not found|Unknown input format/i,
    'MEDIA_UNSUPPORTED',
    'this ffmpeg cannot open such addresses',
    'Install a full ffmpeg, or name one in FFMPEG_PATH.',
  ],
  [
    /Unknown encoder|Encoder .* not found|Error initializing output stream|Could not open encoder|Error while opening encoder/i,
    'MEDIA_ENCODER',
    'the encoder does not work',
    'Choose another --codec, or install an ffmpeg with that encoder.',
  ],
];

/** Turns a failed ffmpeg run into one clear error. `doing` is a phrase such as `encoding out.mp4`. */
export function ffmpegError(exit: FfmpegExit, doing: string): MediaError {
  const cause = exit.failure;
  if (exit.signal) {
    return new MediaError('MEDIA_FFMPEG_KILLED', `ffmpeg was killed (${exit.signal}) while ${doing}.`, {
      hint: 'If nobody did that, the system may have run out of memory: try a smaller --height.',
      cause,
    });
  }
  for (const [pattern, code, reason, hint] of REASONS) {
    const general = exit.tail.find((line) => pattern.test(line));
    if (general === undefined) continue;
    const why = code === 'MEDIA_ENCODER' ? firstWords(exit.tail, general) : '';
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

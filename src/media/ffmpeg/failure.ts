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
    if (exit.tail.some((line) => pattern.test(line))) {
      return new MediaError(code, `ffmpeg failed while ${doing}: ${reason}.`, { hint, cause });
    }
  }
  const said = exit.tail.slice(-3).join(' | ') || cause?.message || 'it gave no reason';
  return new MediaError('MEDIA_FFMPEG_FAILED', `ffmpeg failed while ${doing}: ${said}`, {
    hint: 'Its last words are above; check the input and the output options.',
    cause,
  });
}

import { extname } from 'node:path';
import { OptionError } from '../errors.js';
import { isUrl } from '../media/ffmpeg/path.js';
import { jumps } from '../media/probe/cut.js';
import type { MediaInfo } from '../media/probe/info.js';
import type { LongVideoOptions } from './options.js';

/** Why a result can only be made in one piece; undefined where it can be made of segments. */
export function inOnePiece({ input, output }: LongVideoOptions): string | undefined {
  if (isUrl(input)) return 'an address is read once';
  if (/^\.(gif|webp)$/i.test(extname(output))) return `${extname(output)} is encoded as a whole`;
  return undefined;
}

/** Why a file cannot be read from any place on. */
export function unseekable({ timed, clock, copy }: MediaInfo): string | undefined {
  if (!timed) return 'its frames have no time stamps';
  if (jumps(clock)) return 'its clock is set anew on the way';
  return copy === undefined ? undefined : 'it is an animated WebP';
}

/** Why it ends, where segments were asked for. */
export function onePiece({ input }: LongVideoOptions, why: string): OptionError {
  return new OptionError('JOB_ONE_PIECE', `${input} cannot be painted in segments: ${why}.`, {
    hint: 'Leave --resume out.',
  });
}

import type { Command } from 'commander';
import type { FileKind } from '../../batch.js';
import { DENOISE_HELP, number, onOff, STEADY_HELP, shared, time } from '../../options.js';

/** Help of `--output`. */
export const OUTPUT_HELP = 'where to write: .mp4, .mov, .mkv, .webm, .ts, .gif or .webp, or a folder for several';

/** Videos, and what their results are called: what cannot be written as it was becomes Matroska. */
export const VIDEOS: FileKind = {
  what: 'videos',
  names: /\.(mp4|m4v|mov|mkv|webm|ts|m2ts|mts|avi|flv|wmv|mpe?g|vob|3gp|ogv|mxf|gif|apng)$/i,
  kept: /.\.(mp4|m4v|mov|mkv|webm|ts|gif|webp)$/i,
  otherwise: '.mkv',
};

/** Adds the options of every command that stylizes videos. */
export function videoOptions(command: Command): Command {
  return shared(command)
    .option('--start <time>', 'begin here: seconds or [h:]m:s', time)
    .option('--duration <time>', 'stylize only this much', time)
    .option('--codec <codec>', 'h264, hevc, vp9, av1, prores or qtrle (default: h264, for .webm vp9)')
    .option('--pixel-format <format>', "in ffmpeg's words, such as yuv420p10le for 10 bits (default: 8 bits, 4:2:0)")
    .option('--crf <N>', 'quality: lower is better and larger (default: h264 20, hevc 24, vp9 31, av1 32)', number)
    .option('--encoder-preset <preset>', 'ultrafast to veryslow: speed against size (default: veryfast)')
    .option('--denoise [on|off]', `${DENOISE_HELP} (default: off)`, onOff)
    .option('--steady <on|off>', STEADY_HELP, onOff)
    .option('--resume', 'keep what is done, and go on with it, whatever the length (default: from a minute of work on)')
    .option('--no-resume', 'paint in one piece; Ctrl-C then leaves what was done as a file');
}

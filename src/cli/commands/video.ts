import { Command } from 'commander';
import type { VideoOptions } from '../../index.js';
import { DENOISE_HELP, number, onOff, type SharedOptions, STEADY_HELP, shared, time } from '../options.js';
import { type PageOptions, pageOptions, refusePageOptions, serverOf } from '../page-options.js';
import { clock, interruptible, ProgressReport } from '../report.js';

type VideoCommandOptions = SharedOptions &
  PageOptions & { readonly broadcast?: boolean } & Pick<
    VideoOptions,
    'start' | 'duration' | 'codec' | 'pixelFormat' | 'crf' | 'encoderPreset' | 'denoise' | 'steady'
  >;

/** `stylecast video`: a file in, a stylized file out. */
export function videoCommand(): Command {
  const command = new Command('video')
    .description('stylize a video file; sound, timing, size and subtitles stay as they are')
    .argument('<input>', 'a video file, or a URL that ffmpeg opens')
    .requiredOption('-o, --output <file>', 'where to write: .mp4, .mov, .mkv, .webm, .ts, .gif or .webp');
  shared(command)
    .option('--start <time>', 'begin here: seconds or [h:]m:s', time)
    .option('--duration <time>', 'stylize only this much', time)
    .option('--codec <codec>', 'h264, hevc, vp9, av1, prores or qtrle (default: h264, for .webm vp9)')
    .option('--pixel-format <format>', "in ffmpeg's words, such as yuv420p10le for 10 bits (default: 8 bits, 4:2:0)")
    .option('--crf <N>', 'quality: lower is better and larger (default: h264 20, hevc 24, vp9 31, av1 32)', number)
    .option('--encoder-preset <preset>', 'ultrafast to veryslow: speed against size (default: veryfast)')
    .option('--denoise [on|off]', `${DENOISE_HELP} (default: off)`, onOff)
    .option('--steady <on|off>', STEADY_HELP, onOff)
    .optionsGroup('Watching:')
    .option('--broadcast', 'show the frames in a browser while they are made');
  return pageOptions(command)
    .addHelpText('after', '\nExample:\n  stylecast video clip.mp4 --style great-wave --compare -o stylized.mp4')
    .action(run);
}

async function run(input: string, options: VideoCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report);
  if (!options.broadcast) refusePageOptions(options);
  const [{ stylizeVideo }, { startBroadcast }] = await Promise.all([import('../../index.js'), import('../../live.js')]);
  const broadcast = options.broadcast
    ? await startBroadcast(options.style, { ...serverOf(options), log: report.note })
    : undefined;
  if (broadcast) {
    const { urls, qr } = broadcast;
    report.event('ready', { urls });
    report.tell(`watch it at ${urls.overlay}${qr === undefined ? '' : `\n${qr}`}`);
  }
  const hooks = { signal, onProgress: report.progress, onNote: report.note };
  const result = await stylizeVideo({
    ...options,
    ...hooks,
    input,
    ...(broadcast ? { onFrame: broadcast.push } : {}),
  }).finally(() => broadcast?.close());
  const { output, frames, width, height, fps, device, interrupted } = result;
  if (interrupted) process.exitCode = 130;
  const what = `${frames} frames, ${width}x${height}, ${clock(result.seconds)} (${fps.toFixed(1)} fps on ${device})`;
  const text = !interrupted
    ? `${output}: ${what}`
    : output
      ? `stopped; what was done is in ${output}: ${what}`
      : 'stopped before the first frame; nothing was written';
  report.result(result, text);
}

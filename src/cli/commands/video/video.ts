import { Command } from 'commander';
import { OptionError } from '../../../errors.js';
import type { LongVideoOptions } from '../../../index.js';
import { planJobs, runJobs } from '../../batch.js';
import { RECURSIVE_HELP, type SharedOptions } from '../../options.js';
import { type PageOptions, pageOptions, refusePageOptions, serverOf } from '../../page-options.js';
import { clock, interruptible, ProgressReport } from '../../report.js';
import { type MachineOptions, machineOptions, machinesOf } from './machine-options.js';
import { OUTPUT_HELP, VIDEOS, videoOptions } from './options.js';

type VideoCommandOptions = SharedOptions &
  MachineOptions &
  PageOptions & { readonly broadcast?: boolean; readonly recursive?: boolean } & Pick<
    LongVideoOptions,
    'start' | 'duration' | 'resume' | 'codec' | 'pixelFormat' | 'crf' | 'encoderPreset' | 'denoise' | 'steady'
  >;

/** `stylecast video`: a file in, a stylized file out. */
export function videoCommand(): Command {
  const command = new Command('video')
    .description('stylize video files; sound, timing, size and subtitles stay as they are')
    .argument('<inputs...>', 'video files, URLs that ffmpeg opens, folders, or patterns such as "clips/*.mp4"')
    .requiredOption('-o, --output <file|folder>', OUTPUT_HELP)
    .option('--recursive', RECURSIVE_HELP);
  machineOptions(videoOptions(command))
    .optionsGroup('Watching:')
    .option('--broadcast', 'show the frames in a browser while they are made');
  return pageOptions(command)
    .addHelpText('after', '\nExample:\n  stylecast video clip.mp4 --style great-wave --compare -o stylized.mp4')
    .action(run);
}

async function run(inputs: string[], options: VideoCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report);
  if (!options.broadcast) refusePageOptions(options);
  const machines = machinesOf(options);
  const jobs = await planJobs(inputs, options, VIDEOS);
  const several = jobs.length > 1;
  if (several && options.broadcast) {
    throw new OptionError('BROADCAST_ONE', `--broadcast shows one video; ${jobs.length} were named.`, {
      hint: 'Leave --broadcast out, or name one video.',
    });
  }
  const { choosesStyle, openStyle, stylizeLongVideo } = await import('../../../index.js');
  const once = several && !choosesStyle(options.style);
  const style = once ? await openStyle(options.style, report.note) : options.style;
  const broadcast = options.broadcast
    ? await (await import('../../../live.js')).startBroadcast(options.style, { ...serverOf(options), log: report.note })
    : undefined;
  if (broadcast) {
    const { urls, qr } = broadcast;
    report.event('ready', { urls });
    report.tell(`watch it at ${urls.overlay}${qr === undefined ? '' : `\n${qr}`}`);
  }
  const hooks = { signal, onProgress: report.progress, onNote: report.note };
  const shown = broadcast ? { onFrame: broadcast.push } : {};
  await runJobs(jobs, report, options.json ?? false, async ({ input, output }, left) => {
    if (several) report.tell(`[${jobs.length - left + 1}/${jobs.length}] ${input}`);
    const result = await stylizeLongVideo({ ...options, ...hooks, ...shown, machines, style, input, output });
    const { frames, width, height, fps, device, interrupted, kept } = result;
    const what = `${frames} frames, ${width}x${height}, ${clock(result.seconds)} (${fps.toFixed(1)} fps on ${device})`;
    const others = several && interrupted ? `; ${left} of ${jobs.length} videos are left` : '';
    const text = !interrupted
      ? `${result.output}: ${what}`
      : kept
        ? `stopped: ${kept.done} of ${kept.of} segments are done; the same command goes on (or remove ${kept.folder})${others}`
        : result.output
          ? `stopped; what was done is in ${result.output}: ${what}${others}`
          : `stopped before the first frame; nothing was written${others}`;
    report.result(result, text);
    return result;
  }).finally(() => broadcast?.close());
}

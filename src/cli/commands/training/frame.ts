import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { FrameOptions } from '../../../index.js';
import { time } from '../../options.js';
import { interruptible, ProgressReport } from '../../report.js';

interface FrameCommandOptions extends Pick<FrameOptions, 'output' | 'overwrite'> {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast frame`: one frame of a video, to paint over. */
export function frameCommand(): Command {
  return new Command('frame')
    .description('write one frame of a video as a picture, to paint over it and train on that')
    .argument('<video>', 'a video file')
    .argument('<which>', 'number of the frame, counted from 0, or a time such as 0:04.5', which)
    .option('-o, --output <file>', 'a .png, .jpg or .webp file (default: frame_ and its number, .png)')
    .option('--overwrite', 'replace the file if it exists')
    .option('--json', 'the result as a JSON line on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText('after', '\nExample:\n  stylecast frame clip.mp4 120 -o frame_0120.png')
    .action(run);
}

async function run(input: string, at: Pick<FrameOptions, 'frame' | 'time'>, options: FrameCommandOptions) {
  const report = new ProgressReport(options);
  const signal = interruptible(report);
  const { frameNumber, saveFrame } = await import('../../../index.js');
  const saved = await saveFrame({ ...options, ...at, input, signal }).catch((error) => {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  });
  if (!saved) {
    process.exitCode = 130;
    report.note('stopped; nothing was written');
    return;
  }
  const { output, frame, time: begin, width, height } = saved;
  report.result(saved, `${output}: frame ${frame} of ${basename(input)}, at ${begin.toFixed(2)} s, ${width}x${height}`);
  const named = frameNumber(output) === frame ? output : `${frame}=${output}`;
  report.tell(`paint over it at this size, then: stylecast train --frames ${input} --painted ${named} -o presets/mine`);
}

/** `120`, the number of a frame; or `0:04.5` or `4.5`, a time. */
function which(text: string): Pick<FrameOptions, 'frame' | 'time'> {
  if (/^\d+$/.test(text)) return { frame: Number(text) };
  if (!/^[\d:.]+s?$/.test(text))
    throw new InvalidArgumentError('Expected the number of a frame, such as 120, or a time, such as 0:04.5.');
  return { time: time(text.replace(/s$/, '')) };
}

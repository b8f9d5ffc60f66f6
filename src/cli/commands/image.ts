import { Command } from 'commander';
import { type FileKind, planJobs, runJobs } from '../batch.js';
import { RECURSIVE_HELP, type SharedOptions, shared } from '../options.js';
import { interruptible, ProgressReport } from '../report.js';

/** `stylecast image`: still pictures. */
export function imageCommand(): Command {
  const command = new Command('image')
    .description('stylize JPEG, PNG or WebP pictures')
    .argument('<inputs...>', 'pictures, folders of them, or patterns such as "holiday/*.jpg"')
    .requiredOption('-o, --output <file|folder>', 'a .jpg, .png or .webp file, or a folder for several')
    .option('--recursive', RECURSIVE_HELP);
  return shared(command)
    .addHelpText('after', '\nExample:\n  stylecast image photo.jpg --style great-wave -o painting.jpg')
    .action(run);
}

/** Pictures, and what their results are called. */
const PICTURES: FileKind = {
  what: 'pictures',
  names: /\.(jpe?g|png|webp)$/i,
  kept: /.\.(jpe?g|png|webp)$/i,
  otherwise: '.png',
};

async function run(inputs: string[], options: SharedOptions & { readonly recursive?: boolean }): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report, 'stopping before the next picture is written. Ctrl-C again stops at once.');
  const { choosesStyle, openStyle, stylizeImage } = await import('../../index.js');
  const jobs = await planJobs(inputs, options, PICTURES);
  const style = choosesStyle(options.style) ? options.style : await openStyle(options.style, report.note);
  await runJobs(jobs, report, options.json ?? false, async ({ input, output }, left) => {
    const result = await stylizeImage({ ...options, style, input, output, signal });
    const { width, height, seconds, device, interrupted } = result;
    if (interrupted) {
      const others = jobs.length > 1 ? `; ${left} of ${jobs.length} pictures are left` : '';
      report.result({ output: undefined, interrupted }, `stopped: ${output} was not written${others}`);
    } else {
      for (const note of result.notes) report.note(note);
      report.result(result, `${result.output}: ${width}x${height}, ${seconds.toFixed(1)} s on ${device}`);
    }
    return result;
  });
}

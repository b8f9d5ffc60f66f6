import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Command } from 'commander';
import { OptionError } from '../../errors.js';
import { type SharedOptions, shared } from '../options.js';
import { fail, interruptible, ProgressReport } from '../report.js';

/** `stylecast image`: still pictures. */
export function imageCommand(): Command {
  const command = new Command('image')
    .description('stylize JPEG, PNG or WebP pictures')
    .argument('<inputs...>', 'pictures')
    .requiredOption('-o, --output <file|folder>', 'a .jpg, .png or .webp file, or a folder for several');
  return shared(command)
    .addHelpText('after', '\nExample:\n  stylecast image photo.jpg --style great-wave -o painting.jpg')
    .action(run);
}

async function run(inputs: string[], options: SharedOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report, 'stopping before the next picture is written. Ctrl-C again stops at once.');
  const { choosesStyle, openStyle, stylizeImage } = await import('../../index.js');
  const style = choosesStyle(options.style) ? options.style : await openStyle(options.style, report.note);
  const folder = await stat(options.output).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (inputs.length > 1 && !folder) {
    throw new OptionError(
      'OUTPUT_NO_FOLDER',
      `${inputs.length} pictures cannot go into ${options.output}; expected a folder that exists.`,
      {
        hint: 'Create the folder first.',
      },
    );
  }
  const outputs = inputs.map((input) => (folder ? join(options.output, nameOf(input)) : options.output));
  const twice = outputs.findIndex((output, i) => outputs.indexOf(output) !== i);
  if (twice >= 0) {
    const [first, second] = [inputs[outputs.indexOf(outputs[twice]!)], inputs[twice]];
    throw new OptionError('OUTPUT_TWICE', `${first} and ${second} would both become ${outputs[twice]}.`, {
      hint: 'Rename one of them, or paint them into folders of their own.',
    });
  }
  for (const [i, input] of inputs.entries()) {
    const output = outputs[i]!;
    try {
      const result = await stylizeImage({ ...options, style, input, output, signal });
      if (result.interrupted) {
        process.exitCode = 130;
        const left = inputs.length > 1 ? `; ${inputs.length - i} of ${inputs.length} pictures are left` : '';
        return report.result({ output: undefined, interrupted: true }, `stopped: ${output} was not written${left}`);
      }
      for (const note of result.notes) report.note(note);
      report.result(
        result,
        `${result.output}: ${result.width}x${result.height}, ${result.seconds.toFixed(1)} s on ${result.device}`,
      );
    } catch (error) {
      // The other pictures are still processed.
      if (inputs.length === 1) throw error;
      fail(error, options.json ?? false);
    }
  }
}

/** File name of a picture in a folder of results. */
function nameOf(input: string): string {
  const extension = extname(input);
  return basename(input, extension) + (/^\.(jpe?g|png|webp)$/i.test(extension) ? extension : '.png');
}

import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { PaintOptions, WeightedStyle } from '../../index.js';
import { bytes, number } from '../options.js';
import { clock, interruptible, ProgressReport } from '../report.js';

interface PaintCommandOptions extends Omit<PaintOptions, 'content' | 'styles' | 'signal' | 'onProgress' | 'onNote'> {
  readonly style: readonly WeightedStyle[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast paint`: a picture by optimisation. */
export function paintCommand(): Command {
  return new Command('paint')
    .description('paint one picture slowly, as well as a style can be: no network is trained')
    .argument('<picture>', 'the photograph')
    .requiredOption(
      '-s, --style <picture[:weight]>',
      'a picture of the style; several are blended by their weights',
      collected,
    )
    .requiredOption('-o, --output <file>', 'a .jpg, .png or .webp file')
    .option('--size <N>', 'longer side of the painting in pixels, up to 1024 (default: 512)', number)
    .option('--steps <N>', 'steps over all sizes, coarse to fine (default: 300)', number)
    .option('--content-weight <w>', 'how much the photograph counts (default: 1)', number)
    .option('--style-weight <w>', 'how much the style counts (default: 1)', number)
    .option('--style-scale <s>', 'size of the strokes; 2 is twice as large (default: 1)', number)
    .option('--keep-colors <how>', 'luminance (the colours as they are) or match (the style in their palette)')
    .option('--init <start>', 'content, noise, or a picture to start from (default: content)')
    .option('--optimizer <name>', 'lbfgs or adam (default: lbfgs)')
    .option('--seed <N>', 'the same seed gives the same painting (default: 1)', number)
    .option('--seeds <N>', 'paint so many, from different seeds, and tell how different they are', number)
    .option(
      '--loss-network <file>',
      'VGG-19 weights, a .safetensors file (default: what "loss-network fetch" brought, else random filters)',
    )
    .option('--memory <size>', 'memory it may take, such as 800M or 4G (default: half)', bytes)
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option('--preview-every <N>', 'steps between previews (default: 25)', number)
    .option('--resume', 'go on with a painting that was stopped')
    .option('--overwrite', 'replace the output, and a painting that was stopped there, if they exist')
    .option('--json', 'progress and result as JSON lines on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText(
      'after',
      '\nExample:\n  stylecast paint photo.jpg --style wave.jpg --style night.jpg:0.4 --loss-network vgg19.safetensors -o painting.png',
    )
    .action(run);
}

async function run(content: string, { style, ...options }: PaintCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report);
  const { paintPicture } = await import('../../index.js');
  const result = await paintPicture({
    ...options,
    content,
    styles: style,
    signal,
    onNote: report.note,
    onProgress: ({ preview, ...progress }) => {
      const { run, runs, step, steps, width, height, losses, secondsLeft } = progress;
      report.status(progress, (run - 1 + step / steps) / runs, [
        ...(runs > 1 ? [`picture ${run} of ${runs}`] : []),
        `${step}/${steps} at ${width}x${height}`,
        `${clock(secondsLeft)} left`,
        `loss ${losses.loss?.toPrecision(4)}`,
      ]);
      if (preview) report.note(`step ${step}: ${preview}`);
    },
  });
  if (result.interrupted) process.exitCode = 130;
  const { outputs, width, height, steps, seconds, diversity, interrupted } = result;
  const many = outputs.length > 1;
  // When it was stopped between two paintings, the last one is finished as well.
  const [finished, begun] = steps === 0 ? [outputs, []] : [outputs.slice(0, -1), outputs.slice(-1)];
  const before = finished.length > 0 ? ` of painting ${finished.length + 1}` : '';
  const lines = interrupted
    ? [`stopped after ${steps} steps${before}; go on with --resume`, ...begun.map((file) => `so far: ${file}`)]
    : outputs.map((file) => `${file}: ${width}x${height}, ${steps} steps${many ? '' : `, ${clock(seconds)}`}`);
  if (many && !interrupted) lines.push(`${outputs.length} paintings in ${clock(seconds)}`);
  if (diversity) {
    const [pixels, features] = [diversity.pixels, diversity.features].map((value) => value.toPrecision(3));
    lines.push(`mean distance of two pictures: ${features} in features, ${pixels} in pixels (mean square)`);
  }
  report.result(result, lines.join('\n'));
}

/** `picture.jpg`, or `picture.jpg:0.4` with its weight. */
function collected(text: string, before: readonly WeightedStyle[] = []): WeightedStyle[] {
  const [, picture, weight] = /^(.*?)(?::([^:\\/]*))?$/s.exec(text)!;
  if (weight === undefined || existsSync(text) || /^[a-z]$/i.test(picture!)) return [...before, { picture: text }];
  const value = Number(weight);
  if (weight.trim() === '' || !Number.isFinite(value) || picture === '')
    throw new InvalidArgumentError('Expected a picture, or picture:weight such as wave.jpg:0.4.');
  return [...before, { picture: picture!, weight: value }];
}

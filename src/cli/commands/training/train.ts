import { Command } from 'commander';
import type { TrainOptions } from '../../../train.js';
import { number } from '../../options.js';
import { clock, interruptible, ProgressReport } from '../../report.js';

interface TrainCommandOptions extends Omit<TrainOptions, 'pictures' | 'signal' | 'onProgress'> {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast train`: a preset from one picture. */
export function trainCommand(): Command {
  return new Command('train')
    .description('make a preset of your own from a picture, several of one style, or a body of work')
    .argument('[pictures...]', 'the style; none where --domain or --painted gives it')
    .requiredOption('-o, --output <folder>', 'the preset to make, for example presets/mine')
    .option(
      '--method <method>',
      'single, one network for one style; modulated, one for many, a picture each; adversarial, for a body of work; gan, the same without keeping the content (default: single)',
    )
    .option('--any <folder>', 'with modulated: learn these pictures besides, so as to paint like any picture')
    .option(
      '--into <preset>',
      'make the pictures further styles of a preset of many, such as painters: under a minute each, less like than a preset of their own',
    )
    .option('--domain <folder>', 'the pictures that make the style, for the methods adversarial and gan')
    .option('--frames <clip>', 'paint the rest of this clip as some frames of it were painted over: with --painted')
    .option(
      '--painted <files>',
      'what was painted over frames, such as frame_0120.png,frame_0200.png or 120=mine.png; see "stylecast frame"',
      listed,
    )
    .option(
      '--photos <folder>',
      'photographs to learn on, a few hundred (default: made-up pictures; real ones are better)',
    )
    .option(
      '--loss-network <file>',
      'VGG-19 weights, a .safetensors file (default: what "loss-network fetch" brought, else random filters)',
    )
    .option('--device <device>', 'cpu, cuda, directml, coreml or webgpu (default: cpu)')
    .option('--tier <tier>', 'lite, standard, fine or tiny (default: lite, real time on a CPU)')
    .option('--minutes <N>', 'train for so long (default: 25; with --frames 10)', number)
    .option('--steps <N>', 'train for so many steps', number)
    .option('--size <N>', 'side of the training pictures in pixels (default: 256; with --frames 192)', number)
    .option('--temporal <w>', 'how much flicker counts; 0 trains without (default: 1)', number)
    .option('--style-scale <s>', 'size of the strokes; 2 is twice as large (default: 1)', number)
    .option(
      '--style-strength <s>',
      'style against content; 2 lets the style count twice, and things be twice as far from the photograph (default: 1)',
      number,
    )
    .option(
      '--content-strength <s>',
      'how much keeping the content counts; 2 keeps things twice as near to the photograph (default: 1)',
      number,
    )
    .option(
      '--adversarial <w>',
      'how much a discriminator counts that learns beside; 1 is much (default: 0, none; with --frames 0.5)',
      number,
    )
    .option(
      '--from <folder>',
      'begin with the network of an earlier training (its .training folder), or "scratch" (default: one that comes with stylecast)',
    )
    .option('--freeze', 'fix the statistics of the norms: a seventh faster and exact in tiles, but a poorer likeness')
    .option('--seed <N>', 'the same seed gives the same preset (default: 1)', number)
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option('--resume', 'go on from the last checkpoint')
    .option('--overwrite', 'replace a preset or a training that is there already')
    .option('--json', 'progress and result as JSON lines on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText(
      'after',
      '\nExample:\n  stylecast train wave.jpg --photos ~/Pictures --loss-network vgg19.safetensors -o presets/wave',
    )
    .action(run);
}

/** Files as typed: one or more, between commas; the option may be given more than once. */
function listed(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').filter((file) => file.trim() !== '')];
}

async function run(pictures: string[], options: TrainCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report);
  const { trainStyle } = await import('../../../train.js');
  const result = await trainStyle({
    ...options,
    pictures,
    signal,
    onNote: report.note,
    onLook: (share) => report.status({ looked: share }, share, ['looking at the pictures']),
    onProgress: ({ step, steps, losses, stepsPerSecond, secondsLeft, stage, preview, note }) => {
      const loss = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
      report.status({ stage, step, steps, losses, stepsPerSecond, secondsLeft }, step / steps, [
        `${step}/${steps}`,
        `${stepsPerSecond.toFixed(2)} steps/s`,
        `${clock(secondsLeft)} left`,
        ...loss,
      ]);
      if (note) report.note(`step ${step}: ${note}`);
      if (preview) report.note(`step ${step}: ${preview}`);
    },
  });
  if (result.interrupted) process.exitCode = 130;
  if (result.interrupted && result.steps === 0) {
    report.note('stopped before the first step');
    return;
  }
  const broken = [...result.brokenPhotos.keys()];
  if (broken.length > 0) {
    const more = broken.length > 3 ? ` and ${broken.length - 3} more` : '';
    report.note(`skipped, since they cannot be read: ${broken.slice(0, 3).join(', ')}${more}`);
  }
  const { preset, training, steps, losses, measured } = result;
  const text = preset
    ? `${preset}: ${steps} steps; report in ${training}/${options.into ? 'into' : 'report'}.html`
    : `stopped after ${steps} steps; ${options.into ? 'nothing was made' : 'go on with --resume'}`;
  report.result({ preset, training, steps, losses, measured }, text);
}

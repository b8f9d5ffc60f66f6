import { Command } from 'commander';
import { DEVICE_HELP, number } from '../options.js';
import { interruptible, ProgressReport } from '../report.js';
import { table } from '../table.js';

interface PreviewCommandOptions {
  readonly output: string;
  readonly styles?: string;
  readonly height?: number;
  readonly strength?: number;
  readonly detail?: number;
  readonly keepColors?: boolean;
  readonly device?: string;
  readonly threads?: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast preview`: a contact sheet of a clip in every style. */
export function previewCommand(): Command {
  return new Command('preview')
    .description('paint three frames of a clip in every style on one sheet, with how long the clip will take in each')
    .argument('<input>', 'a video file, or a URL that ffmpeg opens')
    .requiredOption('-o, --output <file>', 'the sheet: a .jpg, .png or .webp file')
    .option('--styles <styles>', 'which, such as ink,painters:the-kiss (default: every preset)')
    .option('--height <N>', 'lines to paint the frames at (default: those of the clip, at most 360)', number)
    .option('--strength <0-1>', '0 gives the original picture, 1 the full style (default: 1)', number)
    .option('--detail <0-1>', "how much of the source's fine detail stays (default: what each style says)", number)
    .option('--keep-colors', 'style in luminance only, colours of the original')
    .option('--device <device>', DEVICE_HELP)
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option('--overwrite', 'replace the sheet if it exists')
    .option('--json', 'progress and result as JSON lines on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText('after', '\nExample:\n  stylecast preview clip.mp4 -o sheet.jpg')
    .action(run);
}

async function run(input: string, { styles, ...options }: PreviewCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report, 'stopping: no sheet is written. Ctrl-C again stops at once.');
  const { previewStyles } = await import('../../index.js');
  const named = styles === undefined ? {} : { styles: styles.split(',').map((name) => name.trim()) };
  const preview = await previewStyles({
    ...(options as object),
    ...named,
    ...{ input, output: options.output, signal },
    onStyle: (style, done, of) => report.status({ style, done: done - 1, of }, (done - 1) / of, [style]),
  });
  for (const { name, message } of preview.failed) report.note(`${name} was left out: ${message}`);
  if (preview.output === undefined) {
    process.exitCode = 130;
    return report.result(preview, 'stopped; nothing was written');
  }
  const rows = preview.styles.map(({ name, time, device }) => [name, time ? `about ${time}` : '-', device]);
  const { width, height } = preview.painted;
  report.tell(table([['STYLE', 'WHOLE CLIP', 'ON'], ...rows]));
  report.result(preview, `${preview.output}: ${styled(preview.styles.length)}, painted at ${width}x${height}`);
}

function styled(count: number): string {
  return count === 1 ? '1 style' : `${count} styles`;
}

import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, OptionError } from '../../errors.js';
import type { EvaluateOptions, Evaluation, GivenPaintings } from '../../eval.js';
import { DENOISE_HELP, number, onOff, STEADY_HELP } from '../options.js';
import { clock, interruptible, ProgressReport } from '../report.js';
import { table } from '../table.js';

interface EvalCommandOptions
  extends Omit<EvaluateOptions, 'styles' | 'stylePictures' | 'paintings' | 'signal' | 'pictures'> {
  readonly stylePicture?: string[];
  readonly paintings?: string[];
  readonly sources?: string[];
  readonly report?: string;
  readonly votes?: string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast eval`: how good a style is, in figures. */
export function evalCommand(): Command {
  return new Command('eval')
    .description('measure styles: nearness to their pictures, flicker, cost; see docs/quality.md')
    .argument('[styles...]', 'presets, their folders, or .onnx files')
    .option(
      '--paintings <paintings...>',
      'compare with paintings made elsewhere: [name=]folder[,style picture], named as the --photos; or single pictures, with --sources',
    )
    .option('--sources <files...>', 'judge single --paintings: one photograph for all, or one each')
    .option('--clips <files...>', 'videos to measure on (default: the samples, if there are no photographs)')
    .option('--photos <folder>', 'photographs to measure on')
    .option('--most <N>', 'photographs at most, evenly by name (default: 12)', number)
    .option('--style-picture <files...>', 'pictures of the styles, or folders of such; matched by checksum or order')
    .option('--domain <folder>', 'pictures of a body of work: how far the results are from it as a whole')
    .option('--faces', 'how many of the faces are still found; needs the package @vladmandic/face-api')
    .option(
      '--loss-network <file>',
      'VGG-19 weights, a .safetensors file (default: what "loss-network fetch" brought, else random filters)',
    )
    .option('--flow <folder>', 'known motion: <clip>.flo for all pairs of frames, or <clip>/*.flo (default: estimated)')
    .option('--frames <N>', 'frames of each clip (default: 24)', number)
    .option('--height <N>', 'scale larger clips and photographs down to this height (default: 360)', number)
    .option('--steady <on|off>', STEADY_HELP, onOff)
    .option('--denoise [on|off]', `${DENOISE_HELP} (default: off)`, onOff)
    .option('--device <device>', 'where the styles run (default: auto)')
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option(
      '--report <file>',
      'write a page with the figures and pictures, for example report.html, and beside it report.blind.html, on which paintings are compared blind',
    )
    .option('--votes <files...>', 'rank what was compared blind, by the votes that were saved there')
    .option('--json', 'progress and result as JSON lines on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText('after', '\nExample:\n  stylecast eval great-wave --style-picture great-wave.jpg --report report.html')
    .action(run);
}

async function run(styles: string[], options: EvalCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const signal = interruptible(report, 'stopping after this frame. Ctrl-C again stops at once.');
  const job = options.votes ? rankSaved : options.sources ? judge : judgeStyles;
  await job(styles, options, report, signal).catch((error) => {
    if (!signal.aborted) throw error;
    process.exitCode = 130;
  });
}

/** `[name=]folder[,style picture]`. */
function givenPaintings(text: string): GivenPaintings {
  const [, name, folder, stylePicture] = /^(?:([^=,/\\]+)=)?([^,]+)(?:,(.+))?$/.exec(text) ?? [];
  if (folder !== undefined) return { folder, ...(name ? { name } : {}), ...(stylePicture ? { stylePicture } : {}) };
  throw new OptionError('OPTION_VALUE', `--paintings: expected [name=]folder[,style picture], got "${text}"`, {
    hint: 'For example --paintings other=results,great-wave.jpg',
  });
}

async function judgeStyles(
  styles: readonly string[],
  options: EvalCommandOptions,
  report: ProgressReport,
  signal: AbortSignal,
): Promise<void> {
  const { conditions, evaluateStyles, figureTables, matrixRows } = await import('../../eval.js');
  const { stylePicture, paintings, report: page, json, quiet, ...rest } = options;
  // Checked before minutes of work.
  if (page !== undefined) await checkPage(page);
  const evaluation = await evaluateStyles({
    ...rest,
    styles,
    ...(stylePicture ? { stylePictures: stylePicture } : {}),
    ...(paintings ? { paintings: paintings.map(givenPaintings) } : {}),
    pictures: page !== undefined,
    signal,
    onNote: report.note,
    onProgress: ({ doing, share, secondsLeft }) => {
      report.status({ doing, share, secondsLeft }, share, [`${clock(secondsLeft)} left`, doing]);
    },
  });
  if (json) report.result(withoutPictures(evaluation), '');
  else {
    report.result({}, conditions(evaluation));
    process.stdout.write(`${figureTables(evaluation).map(table).join('\n\n')}\n`);
    if (evaluation.stylePictures.length > 1) {
      process.stdout.write(`\nstyle distance to each picture\n${table(matrixRows(evaluation))}\n`);
    }
  }
  // After the figures, so that they are printed even if writing fails.
  if (page !== undefined) await writePages(page, evaluation, report);
}

/** Writes the report and, where there is something to compare, the blind page beside it. */
async function writePages(page: string, evaluation: Evaluation, report: ProgressReport): Promise<void> {
  const { blindPage, evaluationPage } = await import('../../eval.js');
  const blind = await blindPage(evaluation);
  const place = page.replace(/(\.html?)?$/i, '.blind.html');
  const write = (file: string, text: string) =>
    writeFile(file, text).catch((cause) => {
      throw unwritable(file, cause);
    });
  await write(page, await evaluationPage(evaluation, blind === undefined ? undefined : basename(place)));
  if (blind === undefined) return;
  await write(place, blind);
  report.note(`Compare the paintings blind, in pairs, in ${place}.`);
}

/** Votes of the blind page. */
async function rankSaved(
  styles: readonly string[],
  { votes = [], json, quiet, ...rest }: EvalCommandOptions,
  report: ProgressReport,
) {
  const [useless] = [...styles, ...Object.keys(rest).map(flag)];
  if (useless !== undefined) {
    throw new OptionError('EVAL_VOTES', `${useless} and --votes are given; expected one of them.`, {
      hint: `Leave ${useless} out: votes are ranked by themselves.`,
    });
  }
  const { rankVotes, readVotes } = await import('../../eval.js');
  const { rankings, tables } = rankVotes(await readVotes(votes));
  if (json) return report.result({ rankings }, '');
  process.stdout.write(`${tables.map(table).join('\n\n')}\n`);
}

/** An option as it is typed. */
function flag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Checks that a page can be written. @throws OptionError OUTPUT_NOT_WRITABLE. */
async function checkPage(page: string): Promise<void> {
  const isFolder = await stat(page).then(
    (facts) => facts.isDirectory(),
    () => /[\\/]$/.test(page),
  );
  if (isFolder) throw unwritable(page, new Error('it is a folder'));
  await access(dirname(resolve(page)), constants.W_OK).catch((cause) => {
    throw unwritable(page, cause);
  });
}

/** Evaluates finished pictures. */
async function judge(
  styles: readonly string[],
  {
    paintings = [],
    sources = [],
    stylePicture,
    json,
    quiet,
    lossNetwork,
    height,
    threads,
    faces,
    ...rest
  }: EvalCommandOptions,
  report: ProgressReport,
  signal: AbortSignal,
): Promise<void> {
  if (styles.length > 0) {
    throw new OptionError('EVAL_PAIRS', `${styles.join(', ')} and --sources are given; expected one of them.`, {
      hint: 'Compare styles with paintings on a folder of photographs, --photos, instead.',
    });
  }
  if (paintings.length === 0) {
    throw new OptionError('EVAL_PAIRS', '--sources is given without --paintings; expected both.', {
      hint: 'Add --paintings with what was painted from them.',
    });
  }
  const [useless] = Object.keys(rest);
  if (useless !== undefined) {
    const option = flag(useless);
    throw new OptionError('EVAL_PAIRS', `${option} and --sources are given; expected one of them.`, {
      hint: `Leave ${option} out: it is not about single pictures.`,
    });
  }
  const { judgePaintings, paintingRows } = await import('../../eval.js');
  const judged = await judgePaintings({
    ...{ paintings, sources, stylePictures: stylePicture ?? [], signal },
    ...(lossNetwork === undefined ? {} : { lossNetwork }),
    ...(height === undefined ? {} : { height }),
    ...(threads === undefined ? {} : { threads }),
    ...(faces === undefined ? {} : { faces }),
    onNote: report.note,
  });
  if (json) return report.result(judged, '');
  report.result({}, `with ${judged.lossNetwork}`);
  process.stdout.write(`${table(paintingRows(judged))}\n`);
  const { diversity } = judged;
  if (diversity) {
    const [pixels, features] = [diversity.pixels, diversity.features].map((value) => value.toPrecision(3));
    process.stdout.write(`\ndiversity: ${pixels} in pixels, ${features} in features\n`);
  }
}

function withoutPictures(evaluation: Evaluation): object {
  return {
    ...evaluation,
    styles: evaluation.styles.map(({ pictures, flickerMap, ...figures }) => figures),
  };
}

function unwritable(page: string, cause: unknown): OptionError {
  return new OptionError('OUTPUT_NOT_WRITABLE', `${page} cannot be written: ${messageOf(cause)}`, {
    hint: 'Name a file in a folder that you may write to with --report.',
    cause,
  });
}

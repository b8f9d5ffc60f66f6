import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import { OptionError } from '../../../errors.js';
import type { Machines, Queue, QueueEntry, QueueRunOptions } from '../../../index.js';
import { makeFolder, resultName } from '../../batch.js';
import { interruptible, ProgressReport } from '../../report.js';
import { type MachineOptions, machineOptions, machinesOf } from './machine-options.js';
import { VIDEOS, videoOptions } from './options.js';
import { count, type Given, howFar, open, queued } from './queue-options.js';

/** Options that are for the run itself, not for the videos of a folder. */
const OWN = new Set(['queue', 'json', 'quiet', 'parallel', 'wait', 'watch', 'threads', 'redis', 'shared']);

type RunOptions = Partial<Given> &
  MachineOptions & {
    readonly parallel?: number;
    readonly wait?: boolean;
    readonly watch?: string;
    readonly threads?: number;
  };

/** `stylecast queue run`: paints what waits. */
export function queueRunCommand(): Command {
  const command = new Command('run')
    .description('paint what waits; Ctrl-C stops, and the next run goes on where it was')
    .option('--parallel <N>', 'videos at the same time, which share the threads (default: 1)', count)
    .option('--wait', 'wait for more when nothing is left')
    .option('--watch <folder>', 'also add what appears there, once it is complete; until Ctrl-C')
    .option('-o, --output <folder>', 'where results go');
  machineOptions(videoOptions(command));
  for (const option of command.options) {
    const own = OWN.has(option.attributeName());
    if (!own) option.makeOptionMandatory(false).helpGroup('For the videos of --watch:');
  }
  return command.action(run);
}

async function run(options: RunOptions): Promise<void> {
  const report = new ProgressReport(options);
  const { watch, parallel, threads } = options;
  const signal = interruptible(report, 'stopping: what is done is kept. Ctrl-C again stops at once.');
  const given = watch === undefined ? refuseVideoOptions(options) : forVideos(options, watch);
  const queue = await open(options);
  const { watchFolder } = await import('../../../index.js');
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const machines = machinesOf(options);
  const limits = { parallel, threads, machines, wait: options.wait || given !== undefined };
  const painting = paint(queue, limits, report, ended);
  if (!given || watch === undefined) return painting;
  await makeFolder(given.output);
  report.tell(`watching ${watch}`);
  const make = (path: string) => queued(given, path, join(given.output, resultName(basename(path), VIDEOS)));
  const onAdded = ({ id, input }: QueueEntry) => report.note(`number ${id}: ${input} is added.`);
  const watching = watchFolder(queue, watch, {
    names: VIDEOS.names,
    make,
    signal: ended,
    onAdded,
    onNote: report.note,
  });
  await watching.finally(() => stop.abort()).finally(() => painting);
}

/** @throws OptionError `QUEUE_OPTION` where something is given that only videos of a folder have */
function refuseVideoOptions(options: RunOptions): undefined {
  const name = Object.keys(options).find((key) => !OWN.has(key));
  if (name === undefined) return undefined;
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new OptionError('QUEUE_OPTION', `${flag} is given without --watch; what waits has its options already.`, {
    hint: `Leave ${flag} out, or give it to "stylecast queue add".`,
  });
}

/** @throws OptionError `QUEUE_OPTION` where style or output are missing, or that is the folder itself */
function forVideos(options: RunOptions, folder: string): Given {
  const { parallel: _, wait: __, watch: ___, threads: ____, redis: _____, shared: ______, ...videos } = options;
  const { style, output, ...others } = videos;
  if (output !== undefined && resolve(output) === resolve(folder)) {
    throw new OptionError('QUEUE_OPTION', `--watch and --output are both ${folder}.`, {
      hint: 'Choose another folder for the results.',
    });
  }
  if (style !== undefined && output !== undefined) return { ...others, style, output };
  const flag = style === undefined ? '--style' : '--output';
  throw new OptionError('QUEUE_OPTION', `--watch ${folder} is given without ${flag}.`, {
    hint: `Add ${flag}: what appears in that folder is painted so.`,
  });
}

interface Limits {
  readonly parallel: number | undefined;
  readonly threads: number | undefined;
  readonly machines: Machines | undefined;
  readonly wait: boolean;
}

async function paint(queue: Queue, limits: Limits, report: ProgressReport, signal: AbortSignal): Promise<void> {
  const { runQueue } = await import('../../../index.js');
  const running = new Map<number, QueueEntry>();
  const onEntry: QueueRunOptions['onEntry'] = (entry) => {
    const { id, state, input, output, error } = entry;
    if (!running.has(id)) report.tell(`number ${id}: ${input}`);
    if (state === 'running') running.set(id, entry);
    else running.delete(id);
    const parts = [...running.values()].map((each) => `number ${each.id}: ${howFar(each)}`);
    report.event('entry', entry, parts);
    if (state === 'done') report.tell(`number ${id}: ${output}`);
    else if (state === 'failed') {
      report.tell(`number ${id} failed: ${error?.message}${error?.hint ? `\n  ${error.hint}` : ''}`);
    } else if (state !== 'running') report.tell(`number ${id}: ${state}`);
  };
  const { parallel, threads, machines, wait } = limits;
  const counts = await runQueue(queue, {
    ...(parallel !== undefined && { parallel }),
    ...(threads !== undefined && { threads }),
    ...(machines && { machines }),
    wait,
    signal,
    onNote: (note, { id }) => report.note(`number ${id}: ${note}`),
    onEntry,
  });
  report.result(counts, `${counts.done} done, ${counts.failed} failed`);
  if (signal.aborted) process.exitCode = 130;
  else if (counts.failed > 0) process.exitCode = 1;
}

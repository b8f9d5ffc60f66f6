import { Command } from 'commander';
import type { SegmentEvent, WorkerOptions } from '../../../index.js';
import { number } from '../../options.js';
import { interruptible, ProgressReport } from '../../report.js';
import { REDIS_HELP, SHARED_HELP, whereFrom } from './machine-options.js';
import { count } from './queue-options.js';

interface WorkerCommandOptions extends Pick<WorkerOptions, 'device' | 'threads' | 'silence'> {
  readonly redis?: string;
  readonly shared?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `stylecast worker`: paints segments for other machines. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('paint parts of videos that other machines hand out, until Ctrl-C')
    .option('--redis <url|@file>', `${REDIS_HELP} (default: as STYLECAST_REDIS says)`)
    .option('--shared <folder>', `${SHARED_HELP}, as it is called here`)
    .option('--device <device>', 'whose videos to take: those of the same --device (default: cpu)')
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option('--silence <seconds>', 'without a sign of life, after which others take its part (default: 30)', count)
    .option('--json', 'events as JSON lines on standard output')
    .option('--quiet', 'print errors only')
    .addHelpText('after', '\nExample:\n  stylecast worker --redis redis://render-1 --shared /mnt/films')
    .action(run);
}

async function run({ redis, shared, json, quiet, ...options }: WorkerCommandOptions): Promise<void> {
  const report = new ProgressReport({ ...(json && { json }), ...(quiet && { quiet }) });
  const signal = interruptible(report, 'stopping: what is being painted is given back. Ctrl-C again stops at once.');
  const where = whereFrom(redis, shared);
  const { startWorker } = await import('../../../index.js');
  const onSegment = (event: SegmentEvent) => {
    report.event('segment', event);
    const { input, number, of, state, reason } = event;
    report.tell(`${input}: segment ${number} of ${of} ${state}${reason === undefined ? '' : `: ${reason}`}`);
  };
  const worker = await startWorker({ ...options, ...where, signal, onSegment, onNote: report.note });
  report.event('ready', { shared: where.shared });
  report.tell(`waiting for work in ${where.shared}`);
  const result = await worker.finished;
  report.result(result, `${result.segments} segments painted`);
  if (signal.aborted) process.exitCode = 130;
}

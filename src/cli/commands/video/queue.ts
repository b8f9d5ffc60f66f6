import { Command } from 'commander';
import type { QueueChange, QueueEntry } from '../../../index.js';
import { makeFolder, planJobs } from '../../batch.js';
import { RECURSIVE_HELP } from '../../options.js';
import { table } from '../../table.js';
import { OUTPUT_HELP, VIDEOS, videoOptions } from './options.js';
import { count, type Given, howFar, open, type QueueOptions, queued } from './queue-options.js';
import { queueRunCommand } from './queue-run.js';

/** `stylecast queue`: videos that are painted one after another. */
export function queueCommand(): Command {
  const queue = new Command('queue')
    .description('videos to paint one after another, also after a restart')
    .helpCommand(false);
  for (const sub of [addCommand(), listCommand(), queueRunCommand(), ...changeCommands(), clearCommand()]) {
    queue.addCommand(sub.option('--queue <folder>', "where the queue is kept (default: in stylecast's own folder)"));
  }
  const example = 'stylecast queue add clips/*.mp4 --style ink -o painted/ && stylecast queue run';
  return queue.addHelpText('after', `\nExample:\n  ${example}`);
}

function addCommand(): Command {
  const command = new Command('add')
    .description('add videos at the end; options as for "stylecast video"')
    .argument('<inputs...>', 'video files, URLs that ffmpeg opens, folders, or patterns such as "clips/*.mp4"')
    .requiredOption('-o, --output <file|folder>', OUTPUT_HELP)
    .option('--recursive', RECURSIVE_HELP);
  return videoOptions(command).action(add);
}

function listCommand(): Command {
  return quiet(new Command('list').description('what is in the queue, and what has become of it')).action(list);
}

const CHANGES: readonly (readonly [QueueChange, string])[] = [
  ['pause', 'stop the numbers given, or all: what is done of them is kept'],
  ['resume', 'let the numbers given, or all that are paused, go on'],
  ['cancel', 'give the numbers given, or all, up, and remove what is done of them'],
  ['retry', 'try the numbers given, or all that failed or were cancelled, again'],
];

function changeCommands(): Command[] {
  return CHANGES.map(([change, description]) =>
    quiet(new Command(change).description(description).argument('[numbers...]', 'as "list" shows them')).action(
      async (numbers: string[], options: QueueOptions) => {
        const ids = numbers.length > 0 ? numbers.map(count) : undefined;
        tell(options, await (await open(options)).apply(change, ids));
      },
    ),
  );
}

function clearCommand(): Command {
  const description = 'forget what is done, failed or cancelled; files stay';
  return quiet(new Command('clear').description(description)).action(async (options: QueueOptions) => {
    tell(options, await (await open(options)).clear());
  });
}

async function add(inputs: string[], given: Given): Promise<void> {
  const jobs = await planJobs(inputs, given, VIDEOS);
  const queue = await open(given);
  const added: QueueEntry[] = [];
  for (const { input, output, folder } of jobs) {
    if (folder !== undefined) await makeFolder(folder);
    added.push(await queue.add(queued(given, input, output)));
  }
  tell(given, added);
}

async function list(options: QueueOptions): Promise<void> {
  tell(options, await (await open(options)).entries());
}

/** Prints entries: a line each for programs, a table for people. */
function tell(options: QueueOptions, entries: readonly QueueEntry[]): void {
  const say = (text: string) => {
    if (!options.quiet) process.stdout.write(`${text}\n`);
  };
  if (options.json) {
    for (const entry of entries) say(JSON.stringify({ type: 'entry', ...entry }));
    return;
  }
  if (entries.length === 0) {
    say('The queue is empty.');
    return;
  }
  const rows = entries.map((entry) => [`${entry.id}`, entry.state, howFar(entry), entry.output]);
  say(table([['number', 'state', 'frames', 'output'], ...rows]));
  for (const { id, state, error, by } of entries) {
    if (state === 'failed' && error) say(`\nnumber ${id}: ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`);
    if (state === 'running' && by) say(`\nnumber ${id} is painted by process ${by.pid} of ${by.host}.`);
  }
}

function quiet(command: Command): Command {
  return command.option('--json', 'JSON lines on standard output').option('--quiet', 'print errors only');
}

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { doctorCommand } from './commands/doctor.js';
import { evalCommand } from './commands/eval.js';
import { imageCommand } from './commands/image.js';
import { importCommand } from './commands/import.js';
import { paintCommand } from './commands/paint.js';
import { previewCommand } from './commands/preview.js';
import { stylesCommand } from './commands/styles.js';
import { frameCommand } from './commands/training/frame.js';
import { lossNetworkCommand } from './commands/training/loss-network.js';
import { trainCommand } from './commands/training/train.js';
import { queueCommand } from './commands/video/queue.js';
import { videoCommand } from './commands/video/video.js';
import { workerCommand } from './commands/video/worker.js';
import { camerasCommand } from './live/cameras.js';
import { liveCommand } from './live/live.js';
import { snapCommand } from './live/snap.js';
import { fail } from './report.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const json = process.argv.includes('--json');

const program = new Command('stylecast')
  .description('Turns videos and pictures into moving paintings with fast neural networks.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .showSuggestionAfterError()
  .showHelpAfterError('  Add --help to see all options.')
  .configureHelp({ showGlobalOptions: false })
  .configureOutput({
    outputError: (text, write) => {
      const message = text.replace(/^error: /, '').trim();
      if (json) process.stdout.write(`${JSON.stringify({ type: 'error', code: 'USAGE', message })}\n`);
      else write(`stylecast: ${message}\n`);
    },
  })
  .addHelpText('after', '\nExample:\n  stylecast video clip.mp4 --style great-wave -o stylized.mp4');

for (const command of [
  videoCommand(),
  queueCommand(),
  workerCommand(),
  imageCommand(),
  liveCommand(),
  camerasCommand(),
  snapCommand(),
  previewCommand(),
  stylesCommand(),
  importCommand(),
  frameCommand(),
  trainCommand(),
  evalCommand(),
  paintCommand(),
  lossNetworkCommand(),
  doctorCommand(),
]) {
  for (const each of [command, ...command.commands])
    each.copyInheritedSettings(program).helpOption('-h, --help', 'print this help');
  program.addCommand(command);
}

// A reader that closes the pipe early (| head) must not end the work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  fail(error, json);
}

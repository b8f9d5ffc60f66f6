import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { imageCommand } from './image.js';
import { fail } from './report.js';
import { stylesCommand } from './styles.js';
import { videoCommand } from './video.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const program = new Command('stylecast')
  .description('Turns videos and pictures into moving paintings with fast neural networks.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: false })
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'stylecast: ')),
  })
  .addHelpText('after', '\nExample:\n  stylecast video clip.mp4 --style starter -o stylized.mp4');

for (const command of [videoCommand(), imageCommand(), stylesCommand()]) {
  command.copyInheritedSettings(program).helpOption('-h, --help', 'print this help');
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  fail(error, process.argv.includes('--json'));
}

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { OptionError } from '../../errors.js';
import type { ImportedStyle } from '../../index.js';

interface ImportOptions {
  readonly name: string;
  readonly title?: string;
  readonly licence?: string;
  readonly range?: '0-1' | '0-255' | '-1-1' | 'imagenet';
  readonly channels?: 'rgb' | 'bgr';
  readonly try?: string;
  readonly folder?: string;
  readonly yes?: boolean;
  readonly overwrite?: boolean;
}

/** `stylecast import`: a network made elsewhere becomes a preset. */
export function importCommand(): Command {
  return new Command('import')
    .description('make a preset of a style network made elsewhere')
    .argument('<file>', 'an .onnx file')
    .requiredOption('--name <name>', 'what to call it: letters, digits, ".", "_", "-"')
    .option('--title <text>', 'a longer name')
    .option('--licence <text>', "licence of the network's weights")
    .option('--range <range>', 'what it takes for black and white: 0-1, 0-255, -1-1 or imagenet (default: tried out)')
    .option('--channels <order>', 'rgb or bgr (default: tried out)')
    .option('--try <picture>', 'a picture to try it on')
    .option('--folder <folder>', 'where presets are kept (default: your own folder)')
    .option('--yes', 'take the best guess without asking')
    .option('--overwrite', 'replace a preset of that name')
    .addHelpText('after', '\nExample:\n  stylecast import candy.onnx --name candy')
    .action(run);
}

async function run(file: string, options: ImportOptions): Promise<void> {
  const { importNetwork, findStyle, isPresetName, NAME_RULE, NETWORK_RANGES, saveStyle, userFolder, withConventions } =
    await import('../../index.js');
  choice('--range', options.range, Object.keys(NETWORK_RANGES));
  choice('--channels', options.channels, ['rgb', 'bgr']);
  if (!/\.onnx$/i.test(file)) {
    throw new OptionError('IMPORT_FILE', `${file} is no .onnx file.`, { hint: 'Export the network to ONNX first.' });
  }
  if (!isPresetName(options.name)) {
    throw new OptionError('CHOICE', `--name is ${options.name}; expected ${NAME_RULE}.`, {
      hint: 'Choose another name.',
    });
  }
  const imported = await importNetwork(await findStyle(file), options, options.try);
  for (const reason of imported.reasons) process.stderr.write(`${reason}\n`);
  const ask = !imported.sure && !options.yes && process.stdin.isTTY;
  const chosen = ask ? await askUser(imported) : imported.ranked[0]!;
  if (!chosen) {
    process.exitCode = 130;
    return;
  }
  const style = withConventions(imported.style, chosen);
  const { model, ...manifest } = style.manifest;
  const folder = join(options.folder ?? join(userFolder(), 'presets'), options.name);
  const named = {
    ...manifest,
    name: options.name,
    title: options.title ?? options.name,
    licence: options.licence ?? manifest.licence,
  };
  await saveStyle(folder, named, style.model, { overwrite: options.overwrite ?? false });
  await preview(chosen.picture, join(folder, 'preview.jpg'));
  const { range, channels } = chosen.input;
  process.stderr.write(`${folder}: ${range.join(' to ')}, ${channels.toUpperCase()}; see preview.jpg there.\n`);
  if (!imported.sure && !ask) {
    process.stderr.write(
      'note: this is a guess. If the preview looks wrong, try --channels bgr or another --range, with --overwrite.\n',
    );
  }
}

/** Shows the plausible conventions as pictures and lets the user choose; undefined on Ctrl-C or Ctrl-D. */
async function askUser({ ranked }: ImportedStyle) {
  const folder = await mkdtemp(join(tmpdir(), 'stylecast-import-'));
  const shown = ranked.slice(0, 6);
  for (const [n, { reasons, picture }] of shown.entries()) {
    const file = join(folder, `${n + 1}.jpg`);
    await preview(picture, file);
    process.stderr.write(`  ${n + 1}  ${file}\n     ${reasons.join(' ')}\n`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = await terminal.question(`Which picture looks right? 1-${shown.length} [1] `);
      const chosen = shown[Number(answer.trim() || '1') - 1];
      if (chosen) return chosen;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ABORT_ERR') throw error;
    return undefined;
  } finally {
    terminal.close();
  }
}

async function preview(picture: { data: Uint8Array; width: number; height: number }, file: string): Promise<void> {
  const { writeImage } = await import('../../index.js');
  const frame = { ...picture, data: new Uint8Array(picture.data), pts: { value: 0, timeBase: { num: 1, den: 1 } } };
  await writeImage(frame, file);
}

function choice(option: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new OptionError('CHOICE', `${option} is ${value}; expected ${allowed.join(', ')}.`, {
    hint: `Correct ${option} or leave it out.`,
  });
}

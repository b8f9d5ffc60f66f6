import { Command } from 'commander';
import type { Diagnosis } from '../../index.js';
import { number } from '../options.js';
import { ProgressReport } from '../report.js';

/** `stylecast doctor`: what works on this machine, and what to do where something does not. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('try everything that stylecast needs here, and say what to do where it fails')
    .option('--device-limit <seconds>', 'how long a device may take to prove itself (default: 20)', number)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExits with 1 when videos cannot be made.\n\nExample:\n  stylecast doctor')
    .action(run);
}

async function run({ json, deviceLimit }: { json?: boolean; deviceLimit?: number }): Promise<void> {
  const { diagnose } = await import('../../index.js');
  const report = new ProgressReport({ json: false, quiet: json ?? false });
  report.status({}, undefined, ['trying everything, which takes a few seconds…']);
  const diagnosis = await diagnose(deviceLimit === undefined ? {} : { deviceLimit });
  report.result({}, '');
  if (!diagnosis.mainJob.usable) process.exitCode = 1;
  process.stdout.write(`${json ? JSON.stringify(diagnosis, null, 2) : page(diagnosis)}\n`);
}

/** One line of the page: what it is about, how it is, and what to do. */
interface Line {
  readonly name: string;
  readonly usable?: boolean;
  readonly found?: string | undefined;
  readonly reason?: string | undefined;
  readonly advice?: string | undefined;
}

const NAME = 15;

/** The diagnosis for people. */
export function page(diagnosis: Diagnosis): string {
  const { mainJob, system, ffmpeg, gpus, devices, cameras, presets, lossNetwork } = diagnosis;
  const memory = `${(system.memory / 2 ** 30).toFixed(0)} GiB`;
  const works = ffmpeg.encoders.filter(({ usable }) => usable).map(({ name }) => name);
  const not = ffmpeg.encoders.filter(({ usable }) => !usable).map(({ name }) => name);
  const sections: readonly (readonly [title: string, lines: readonly Line[]])[] = [
    ['', [{ name: 'videos', ...mainJob }]],
    [
      'System',
      [
        { name: 'machine', found: `${system.cpu}, ${system.cores} cores, ${memory}` },
        { name: 'system', found: `${system.platform} ${system.release} ${system.arch}, Node ${system.node}` },
        { name: 'ffmpeg', ...ffmpeg, found: ffmpeg.path ? `${ffmpeg.version}, ${ffmpeg.path}` : undefined },
        ...(works.length > 0 ? [{ name: 'encoders', usable: true, found: works.join(', ') }] : []),
        ...(not.length > 0 ? [{ name: '', found: `listed, but they encode nothing here: ${not.join(', ')}` }] : []),
        { name: 'cameras', ...cameras },
      ],
    ],
    [
      'Devices (--device)',
      [
        ...(gpus.length > 0
          ? gpus.map(({ name, driver }) => ({ name: 'GPU', found: driver ? `${name}, driver ${driver}` : name }))
          : [{ name: 'GPU', found: 'the system shows none' }]),
        ...devices.map(({ device, title, mixed, startSeconds, ...rest }) => ({
          name: device,
          ...rest,
          found: `${title}: first picture after ${startSeconds?.toFixed(1)} s${mixed ? ', partly on the CPU' : ''}`,
        })),
      ],
    ],
    ['Styles', presets],
    ['Training', [{ name: 'loss network', ...lossNetwork }]],
  ];
  return sections.map(([title, lines]) => [...(title ? [title] : []), ...drawn(lines)].join('\n')).join('\n\n');
}

function drawn(lines: readonly Line[]): string[] {
  const width = Math.max(NAME, ...lines.map(({ name }) => name.length + 2));
  return lines.flatMap(({ name, usable, found, reason, advice }) => {
    // Without advice it is not shown as a failure.
    const mark = usable === undefined ? ' ' : usable ? '✓' : advice ? '✗' : '–';
    const indent = ' '.repeat(width + 4);
    const text = usable === false ? (reason ?? 'it does not work') : (found ?? '');
    return [`  ${mark} ${name.padEnd(width)}${text}`, ...(usable === false && advice ? [`${indent}→ ${advice}`] : [])];
  });
}

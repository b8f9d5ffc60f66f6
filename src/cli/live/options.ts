import { type Command, Option } from 'commander';
import { OptionError } from '../../errors.js';
import { SETTING_NAMES, SETTINGS } from '../../live/settings/table.js';
import type { LiveOptions, LiveSettings, OutputSpec, ServerOptions, SourceSpec } from '../../live.js';
import { DENOISE_HELP, DEVICE_HELP, number, onOff, renamedOption, STEADY_HELP } from '../options.js';
import { given, type PageOptions, pageOptions, serverOf } from '../page-options.js';
import { fileText, secret } from '../secret.js';

/** Options of `stylecast live`, as commander gives them. */
export interface LiveCommandOptions extends PageOptions {
  readonly vary?: number;
  readonly varySeed?: number;
  readonly camera?: string;
  readonly url?: string;
  readonly file?: string;
  readonly loop?: boolean;
  readonly screen?: string | true;
  readonly pattern?: boolean;
  readonly browser?: boolean;
  readonly fps?: number;
  readonly height?: number;
  readonly workingHeight?: number;
  readonly audio: boolean;
  readonly microphone?: string;
  readonly style?: string;
  readonly second?: string;
  readonly mask?: string;
  readonly maskFeather?: number;
  readonly styleOutside?: string;
  readonly fresh?: boolean;
  readonly publish?: readonly string[];
  readonly kilobits?: number;
  readonly hls?: readonly string[];
  readonly record?: readonly string[];
  readonly overwrite?: boolean;
  readonly virtualCamera?: string;
  readonly osc?: NonNullable<ServerOptions['osc']>;
  readonly device?: NonNullable<LiveOptions['device']>;
  readonly threads?: number;
  readonly steady?: boolean;
  readonly denoise?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds the options of `stylecast live`. */
export function liveOptions(command: Command): Command {
  command
    .optionsGroup('Source (default: the first camera):')
    .option('--camera <which>', 'number, name or device; see "stylecast cameras"')
    .option('--url <url>', 'rtsp, rtmp, srt, http: whatever ffmpeg opens')
    .option('--file <file>', 'a video file, at its own pace')
    .option('--loop', 'begin the file again when it ends')
    .option('--screen [which]', 'the screen, or one of several')
    .option('--pattern', 'a moving test pattern')
    .option('--browser', 'a camera in a browser, through the page /camera')
    .option('--fps <N>', 'frames a second, at most, and what is kept up (default: 30)', number)
    .option('--height <N>', 'height of the picture (default: that of the source, at most 720)', number)
    .option('--microphone <name>', 'sound for a camera, in the words of the system')
    .option('--no-audio', 'leave the sound out')
    .optionsGroup('Picture (remembered, and changed on the control page or by keys):')
    .addOption(settingOption('style'))
    .addOption(settingOption('second'))
    .addOption(settingOption('blend'))
    .addOption(settingOption('fine'))
    .addOption(settingOption('truncation'))
    .option('--vary <0-1>', 'noise that varies the strokes of styles of many; 0 none (default: 0)', number)
    .option('--vary-seed <N>', 'which noise (default: 1)', number)
    .addOption(settingOption('drift'))
    .addOption(settingOption('strength'))
    .addOption(settingOption('keepColors'))
    .addOption(settingOption('mask'))
    .option('--mask-feather <px>', 'width of its soft edge in pixels (default: the greys of the mask)', number)
    .addOption(settingOption('outside'))
    .addOption(settingOption('mirror'))
    .addOption(settingOption('height'))
    .addOption(settingOption('prefer'))
    .option('--fresh', 'forget what was set the last time')
    .optionsGroup('Pages:');
  for (const [old, now] of RENAMED) command.addOption(renamedOption(old, now));
  return pageOptions(command)
    .optionsGroup('Outputs:')
    .option('--publish <url|@file>', 'send to rtmp, srt, rtsp or whip; may be given again', collect)
    .option('--kilobits <N>', 'video a second for --publish, at most (default: by the size)', number)
    .option('--hls <folder>', 'write an HLS playlist and its segments; may be given again', collect)
    .option('--record <file>', 'record with sound: .mp4, .mov or .mkv; may be given again', collect)
    .option('--overwrite', 'replace recordings and playlists that exist')
    .option('--virtual-camera <device>', 'a v4l2loopback device, such as /dev/video10 (Linux)')
    .optionsGroup('Other:')
    .option('--osc <[address:]port>', 'take settings and looks by OSC, over UDP (default: no)', oscAt)
    .option('--device <device>', DEVICE_HELP)
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option('--steady <on|off>', STEADY_HELP, onOff)
    .option('--denoise [on|off]', `${DENOISE_HELP} (default: on for cameras, else off)`, onOff)
    .option('--json', 'addresses, figures and notes as JSON lines on standard output')
    .option('--quiet', 'print errors only');
}

/** Where OSC is listened for: a port, or an address and a port. */
function oscAt(text: string): NonNullable<ServerOptions['osc']> {
  const [, host, port] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (port !== undefined) return { port: Number(port), ...given({ host: host?.replace(/^\[(.*)\]$/, '$1') }) };
  throw new OptionError('LIVE_OPTION', `osc is ${text.slice(0, 60)}; expected a port, or an address and a port.`, {
    hint: 'For example --osc 9000, or --osc 0.0.0.0:9000 for the whole network.',
  });
}

/** Options of earlier versions that mean something else elsewhere, and what they are called now. */
const RENAMED = [
  ['--blend <0-1>', '--second-share'],
  ['--fine <0-1>', '--fine-share'],
  ['--output-height <N>', '--height'],
] as const;

/** What to say of `--height` alone, which was the network's before 0.2.0, where no error can tell. */
export function heightNote({ height, workingHeight }: LiveCommandOptions): string | undefined {
  if (height === undefined || workingHeight !== undefined) return undefined;
  return `--height ${height} is the height of the picture. That of the network, which it was before 0.2.0, is --working-height.`;
}

/** The option of a setting. */
function settingOption(name: keyof LiveSettings): Option {
  const { usage, help, number: numeric, choices } = SETTINGS[name].flag!;
  const option = new Option(usage, help);
  if (numeric) option.argParser(number);
  return choices ? option.choices(choices) : option;
}

/** The settings among options, under their own names. */
function settingsOf(options: LiveCommandOptions): Partial<LiveSettings> {
  const values = options as unknown as Record<string, unknown>;
  const given = SETTING_NAMES.flatMap((name) => {
    const { flag } = SETTINGS[name];
    const value = flag && !NAMED.has(name) ? values[settingOption(name).attributeName()] : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(given);
}

/** Settings whose options name files too: they are opened first. */
const NAMED: ReadonlySet<keyof LiveSettings> = new Set(['style', 'second', 'outside', 'mask']);

function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** Where to publish: as given, from files that hold one a line, or from the environment where none is given. */
function targets(given: readonly string[] | undefined): string[] {
  const asked = given ?? [secret('--publish', undefined, 'STYLECAST_PUBLISH') ?? ''];
  const lines = asked.flatMap((one) => (one.startsWith('@') ? fileText('--publish', one.slice(1)) : one).split(/\s+/));
  return lines.filter((line) => line !== '');
}

/** The options of a show from command-line options. */
export function liveOptionsOf(options: LiveCommandOptions): LiveOptions {
  const source = sourceOf(options);
  const { style, second, styleOutside, mask, maskFeather, vary, varySeed, fresh } = options;
  const { fps, height, audio, device, threads, steady, denoise } = options;
  return {
    ...given({ source, style, second, styleOutside, mask, maskFeather, vary, varySeed, fresh }),
    ...given({ fps, height, audio, device, threads, steady, denoise }),
    outputs: outputsOf(options),
    settings: settingsOf(options),
    server: { ...serverOf(options), ...given({ osc: options.osc }) },
  };
}

/** Source options, of which one can be given. */
const SOURCES: Record<string, (options: LiveCommandOptions) => SourceSpec> = {
  camera: ({ camera, microphone }) => ({ kind: 'camera', camera: camera!, ...given({ microphone }) }),
  url: ({ url }) => ({ kind: 'url', url: url! }),
  file: ({ file, loop }) => ({ kind: 'file', path: file!, loop: loop ?? false }),
  screen: ({ screen }) => ({ kind: 'screen', ...(typeof screen === 'string' ? { screen } : {}) }),
  pattern: () => ({ kind: 'pattern' }),
  browser: () => ({ kind: 'browser' }),
};

function sourceOf(options: LiveCommandOptions): SourceSpec | undefined {
  const asked = Object.keys(SOURCES).filter((name) => options[name as keyof LiveCommandOptions] !== undefined);
  if (asked.length > 1) {
    const names = asked.map((name) => `--${name}`).join(' and ');
    throw new OptionError('LIVE_SOURCES', `${names} are given; expected one source.`, {
      hint: 'Leave the others out.',
    });
  }
  if (options.loop && options.file === undefined) {
    throw new OptionError('LIVE_LOOP', '--loop is given without --file.', { hint: 'Add --file, or leave --loop out.' });
  }
  if (options.microphone !== undefined && options.camera === undefined) {
    throw new OptionError('LIVE_MICROPHONE', '--microphone is given without --camera.', {
      hint: 'Add --camera, or leave --microphone out.',
    });
  }
  return asked[0] === undefined ? undefined : SOURCES[asked[0]]!(options);
}

function outputsOf({
  publish,
  kilobits,
  hls = [],
  record = [],
  overwrite = false,
  file,
  mask,
  style,
  virtualCamera,
}: LiveCommandOptions): OutputSpec[] {
  const inputs = [file, mask, style].filter((path) => path !== undefined);
  return [
    ...targets(publish).map((url): OutputSpec => ({ kind: 'publish', url, ...given({ kilobits }) })),
    ...hls.map((folder): OutputSpec => ({ kind: 'hls', folder, overwrite })),
    ...record.map((path): OutputSpec => ({ kind: 'record', path, overwrite, inputs })),
    ...(virtualCamera === undefined ? [] : [{ kind: 'virtual-camera' as const, device: virtualCamera }]),
  ];
}

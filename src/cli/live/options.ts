import { type Command, Option } from 'commander';
import { OptionError } from '../../errors.js';
import type { LiveOptions, LiveSettings, OutputSpec, SourceSpec } from '../../live.js';
import { DENOISE_HELP, DEVICE_HELP, number, onOff, STEADY_HELP } from '../options.js';
import { given, type PageOptions, pageOptions, serverOf } from '../page-options.js';
import { fileText, secret } from '../secret.js';

/** Options of `stylecast live`, as commander gives them. */
export interface LiveCommandOptions
  extends PageOptions,
    Partial<Omit<LiveSettings, 'style' | 'second' | 'outside' | 'mask' | 'paused'>> {
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
  readonly outputHeight?: number;
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
    .option('--output-height <N>', 'height of the picture (default: that of the source, at most 720)', number)
    .option('--microphone <name>', 'sound for a camera, in the words of the system')
    .option('--no-audio', 'leave the sound out')
    .optionsGroup('Picture (remembered, and changed on the control page or by keys):')
    .option(
      '-s, --style <style>',
      'a preset (preset:style of one with many), its folder, an .onnx file, or "auto[:a,b]"; see "stylecast styles"',
    )
    .option('--second <style>', 'a second style to blend with')
    .option('--blend <0-1>', '0 is the first style alone, 1 the second', number)
    .option('--fine <0-1>', 'the same for edges and colours alone, of two styles of one preset', number)
    .option('--truncation <0-1>', 'of a style of many: 0 is the mean of its preset, 1 the style', number)
    .option('--vary <0-1>', 'noise that varies the strokes of styles of many; 0 none (default: 0)', number)
    .option('--vary-seed <N>', 'which noise (default: 1)', number)
    .option('--drift <seconds>', 'on to the next style of the preset, and the next, each within so long', number)
    .option('--strength <0-1>', '0 gives the original picture, 1 the full style', number)
    .option('--keep-colors', 'style in luminance only, colours of the original')
    .option('--mask <mask>', 'none, person or background (what is painted), cutout, or a picture or clip, white there')
    .option('--mask-feather <px>', 'width of its soft edge in pixels (default: the greys of the mask)', number)
    .option('--style-outside <style>', 'style for the rest (default: the source stays)')
    .option('--mirror', 'like a mirror')
    .option('--height <N>', 'height that the network works at, at most', number)
    .addOption(
      new Option('--prefer <what>', 'what is kept where painting takes too long (default: pace)').choices([
        'pace',
        'detail',
      ]),
    )
    .option('--fresh', 'forget what was set the last time')
    .optionsGroup('Pages:');
  return pageOptions(command)
    .optionsGroup('Outputs:')
    .option('--publish <url|@file>', 'send to rtmp, srt or rtsp; may be given again', collect)
    .option('--kilobits <N>', 'video a second for --publish, at most (default: by the size)', number)
    .option('--hls <folder>', 'write an HLS playlist and its segments; may be given again', collect)
    .option('--record <file>', 'record with sound: .mp4, .mov or .mkv; may be given again', collect)
    .option('--overwrite', 'replace recordings and playlists that exist')
    .option('--virtual-camera <device>', 'a v4l2loopback device, such as /dev/video10 (Linux)')
    .optionsGroup('Other:')
    .option('--device <device>', DEVICE_HELP)
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option('--steady <on|off>', STEADY_HELP, onOff)
    .option('--denoise [on|off]', `${DENOISE_HELP} (default: on for cameras, else off)`, onOff)
    .option('--json', 'addresses, figures and notes as JSON lines on standard output')
    .option('--quiet', 'print errors only');
}

function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** Where to publish: as given, from files that hold one a line, or from the environment where none is given. */
function targets(given: readonly string[] | undefined): string[] {
  const asked = given ?? [secret('--publish', undefined, 'STYLECAST_PUBLISH') ?? ''];
  const lines = asked.flatMap((one) => (one.startsWith('@') ? fileText('--publish', one.slice(1)) : one).split(/\s+/));
  return lines.filter((line) => line !== '');
}

/** Modes of `--mask`, besides files. */
const MODES = ['none', 'person', 'background', 'cutout'] as const;

/** The options of a show from command-line options. */
export function liveOptionsOf(options: LiveCommandOptions): LiveOptions {
  const source = sourceOf(options);
  const { style, second, styleOutside, fresh, fps, outputHeight, audio, device, threads, steady, denoise } = options;
  const { vary, varySeed, blend, fine, truncation, drift, strength, keepColors, mirror, height, prefer, maskFeather } =
    options;
  const mask = MODES.find((mode) => mode === options.mask);
  const file = mask === undefined ? options.mask : undefined;
  return {
    ...given({
      source,
      style,
      second,
      styleOutside,
      vary,
      varySeed,
      mask: file,
      maskFeather,
      fresh,
      fps,
      outputHeight,
      audio,
      device,
      threads,
      steady,
      denoise,
    }),
    outputs: outputsOf(options),
    settings: given({ blend, fine, truncation, drift, strength, keepColors, mask, mirror, height, prefer }),
    server: serverOf(options),
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

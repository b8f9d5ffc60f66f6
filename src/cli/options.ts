import { type Command, InvalidArgumentError, Option } from 'commander';
import { OptionError } from '../errors.js';
import type { StyleOptions } from '../index.js';

/** Options of every command that stylizes, as commander gives them. */
export interface SharedOptions extends Omit<StyleOptions, 'style' | 'styleOutside' | 'mode' | 'steady'> {
  readonly style: string;
  readonly styleOutside?: string;
  readonly output: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Help of `--device`. */
export const DEVICE_HELP =
  'cpu, gpu, cuda, directml, coreml, webgpu or tfjs[:backend] (default: auto, the fastest; see "stylecast doctor")';

/** Adds the options of every command that stylizes. */
export function shared(command: Command): Command {
  return command
    .requiredOption(
      '-s, --style <style>',
      'a preset (preset:style of one with many), its folder, an .onnx file, or "auto[:a,b]"; see "stylecast styles"',
    )
    .option('--blend <styles>', 'of a preset with many styles: which and how much, such as wave=0.6,scream=0.4', blend)
    .option('--fine-blend <styles>', 'other styles for edges and colours than for strokes', blend)
    .option('--truncation <0-1>', 'towards the mean of its styles: 0 is the mean, 1 the style (default: 1)', number)
    .option('--vary <0-1>', 'noise that varies its strokes, the same on every frame; 0 none (default: 0)', number)
    .option('--vary-seed <N>', 'which noise (default: 1)', number)
    .option('--strength <0-1>', '0 gives the original picture, 1 the full style (default: 1)', number)
    .option(
      '--detail <0-1>',
      "how much of the source's fine detail stays, such as eyes and letters (default: the style's)",
      number,
    )
    .option(
      '--stroke-scale <0.5-4>',
      'size of the strokes: 2 paints them twice as large, and faster (default: 1)',
      number,
    )
    .option('--keep-colors', 'style in luminance only, colours of the original')
    .option('--mask <mask>', 'paint where this picture or clip is white; or "person", or "background"')
    .option('--mask-feather <px>', 'width of the soft edge in pixels (default: the greys of the mask)', number)
    .option('--style-outside <style>', 'style for the rest (default: the source stays)')
    .option('--size <WxH>', 'working and output size, for example 1280x720 (default: that of the source)', size)
    .option('--height <N>', 'working and output height; the width follows', number)
    .option('--compare', 'the original beside the result')
    .option('--device <device>', DEVICE_HELP)
    .option('--device-limit <seconds>', 'how long a device may take to prove itself (default: 20)', number)
    .option('--threads <N>', 'CPU threads (default: all)', number)
    .option(
      '--memory <size>',
      'memory for the network, such as 800M or 4G: larger pictures are tiled (default: a quarter, at most 2G)',
      bytes,
    )
    .option('--overwrite', 'replace the output if it exists')
    .option('--json', 'progress and result as JSON lines on standard output')
    .option('--quiet', 'print errors only');
}

/** An option of earlier versions, which gives an error that names the new one. */
export function renamedOption(usage: string, now: string): Option {
  const [old] = usage.split(' ');
  return new Option(usage).hideHelp().argParser((value) => {
    throw new OptionError('OPTION_RENAMED', `${old} is called ${now} in "stylecast live".`, {
      hint: `Give ${now} ${value}.`,
    });
  });
}

/** A number as typed. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** Styles and their weights as typed: `wave=0.6,scream=0.4`; a name alone has the weight 1. */
export function blend(text: string): Record<string, number> {
  const parts = text.split(',').map((part) => part.split('='));
  const expected = 'Expected styles with weights, such as wave=0.6,scream=0.4.';
  return Object.fromEntries(
    parts.map(([name = '', weight = '1', ...more]) => {
      if (name.trim() === '' || weight.trim() === '' || more.length > 0 || !Number.isFinite(Number(weight))) {
        throw new InvalidArgumentError(expected);
      }
      return [name.trim(), Number(weight)];
    }),
  );
}

/** Help of `--recursive`. */
export const RECURSIVE_HELP = 'take the folders in folders too';

/** Help of `--steady`. */
export const STEADY_HELP =
  'let the brush follow the camera and the painting what moves, so that less flickers (default: on)';

/** Help of `--denoise`. */
export const DENOISE_HELP = 'take the noise of what stands still off first, over time, so that less flickers';

/** A switch as typed: `on` or `off`. */
export function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('Expected on or off.');
  return text === 'on';
}

/** A time as typed: seconds, or [hours:]minutes:seconds. */
export function time(text: string): number {
  if (!/^((\d+:){0,2}\d+(\.\d*)?|\.\d+)$/.test(text))
    throw new InvalidArgumentError('Expected seconds or [h:]m:s, such as 90 or 1:30.');
  return text.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

/** A size as typed. */
export function size(text: string): { width: number; height: number } {
  const match = /^(\d+)x(\d+)$/i.exec(text);
  if (!match) throw new InvalidArgumentError('Expected a size such as 1280x720.');
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** A size of memory as typed: bytes, or with K, M, G, T. */
export function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text);
  if (!match) throw new InvalidArgumentError('Expected a size such as 800M or 4G.');
  return Number(match[1]) * 1024 ** ' kmgt'.indexOf(match[2]!.toLowerCase() || ' ');
}

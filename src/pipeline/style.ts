import { basename } from 'node:path';
import type { EngineOptions, OpenedPainter } from '../engine/open.js';
import { openPainter } from '../engine/open.js';
import { MOST_THREADS } from '../engine/threads/most-threads.js';
import { OptionError } from '../errors.js';
import type { Frame, Size } from '../frame.js';
import { importNetwork } from '../import-network/import-network.js';
import { chosenStyle, type StyleChoice, splitName } from '../model/blend.js';
import { findStyle } from '../model/library/find.js';
import type { Style } from '../model/style.js';
import type { FramePainter } from './frame-painter.js';
import { mapOrdered, type PipelineStage } from './ordered.js';
import { pictureNamed, predictedStyle } from './predict.js';

/** Options that restrict a style to a region. */
export interface RegionOptions {
  /** Region of the style: where a picture or clip is white, or `person` or `background`, which are detected. */
  readonly mask?: string;
  /** Width of the mask's soft edge in pixels; default: the mask is used as it is. */
  readonly maskFeather?: number;
  /** Style outside the mask; default: the source. */
  readonly styleOutside?: string | Style;
}

/** Options of stylizing files and pictures. */
export interface StyleOptions extends EngineOptions, RegionOptions, StyleChoice {
  /**
   * A preset's name (`preset:style` for one of many), a preset's folder, an `.onnx` file, or the result of `openStyle`.
   */
  readonly style: string | Style;
  /** Size in pixels to work at and to write; default: the source's. */
  readonly size?: Size;
  /** Height in pixels to work at and to write; the width follows. */
  readonly height?: number;
  /** Replace an output that exists. */
  readonly overwrite?: boolean;
}

/**
 * Finds a style and checks it. For a picture its style is predicted, see `predictedStyle`. For a bare `.onnx` file the
 * conventions are detected by running it.
 *
 * @param onNote called when that was a guess
 * @param signal gives the trial up
 * @throws PresetError when there is none of that name or it is broken; EngineError when an `.onnx` file does not run
 */
export async function openStyle(
  nameOrPath: string,
  onNote?: (note: string) => void,
  signal?: AbortSignal,
): Promise<Style> {
  const wanted = pictureNamed(nameOrPath);
  if (wanted) {
    const style = await predictedStyle(wanted.picture, wanted.preset);
    onNote?.(`${basename(wanted.picture)} is painted as ${style.name}.`);
    return style;
  }
  const found = await findStyle(nameOrPath);
  if (found.folder !== undefined) return found;
  const { style, sure } = await importNetwork(found, undefined, undefined, { signal });
  const { range, channels } = style.manifest.input;
  const said = `${range.join(' to ')}, ${channels.toUpperCase()}`;
  if (!sure) onNote?.(`${nameOrPath} is read as ${said}, which is a guess; "stylecast import" lets you choose.`);
  return style;
}

/**
 * Stylizes a stream of frames of one size, in order.
 *
 * @param source RGB24 frames of `size` pixels; their buffers are taken over
 * @param painter from `openPainter`; closed by the caller
 */
export function stylizeFrames(
  source: AsyncIterable<Frame>,
  { painter }: { readonly painter: FramePainter },
  hooks: {
    readonly signal?: AbortSignal | undefined;
    readonly onWait?: (stage: PipelineStage, ms: number) => void;
  } = {},
): AsyncGenerator<Frame, void, undefined> {
  const { sessions } = painter;
  // Per session one frame being painted and one waiting, and one being written.
  return mapOrdered(source, (frame) => painter.paint(frame), {
    concurrency: 2 * sessions,
    inFlight: 2 * sessions + 1,
    ...hooks,
  });
}

/** Paths that are read besides the input and must not be the output. */
export function filesRead({ style, styleOutside, mask }: StyleOptions): string[] {
  const paths = [style, styleOutside].flatMap((each) =>
    typeof each === 'string' ? (pictureNamed(each)?.picture ?? each) : [],
  );
  return mask === undefined ? paths : [...paths, mask];
}

/** Prepares a style for pictures of one size; `steady` for successive frames. See `openPainter`. */
export async function preparePainter(options: StyleOptions, picture: Size): Promise<OpenedPainter> {
  const notes: string[] = [];
  const { style: asked } = options;
  const style = typeof asked === 'string' ? await openStyle(asked, (note) => notes.push(note)) : asked;
  const [, named] = splitName(style.name) ?? [];
  if (named !== undefined && options.blend && !(named in options.blend))
    notes.push(`${named} is not painted: it is none of the blend.`);
  const opened = await openPainter(chosenStyle(style, options), picture, options);
  return { ...opened, notes: [...notes, ...opened.notes] };
}

const SMALLEST = 2;
const LARGEST = 16_384;

/** The requested size. */
type SizeOptions = { readonly size?: Size | undefined; readonly height?: number | undefined };

/** @throws OptionError `SIZE` when both a size and a height are given */
export function checkOneSize({ size, height }: SizeOptions): void {
  if (!size || height === undefined) return;
  throw new OptionError('SIZE', 'Both a size and a height are given; expected one of them.', {
    hint: 'Leave one out.',
  });
}

/**
 * The size to work at.
 *
 * @throws OptionError `SIZE` outside 2–16384 pixels, or when both `size` and `height` are given
 */
export function workingSize(source: Size, { size, height }: SizeOptions): Size {
  checkOneSize({ size, height });
  const even = (value: number) => Math.max(2, Math.round(value / 2) * 2);
  const wanted =
    height === undefined ? (size ?? source) : { width: even((source.width * height) / source.height), height };
  for (const side of [wanted.width, wanted.height]) {
    if (!Number.isInteger(side) || side < SMALLEST || side > LARGEST) {
      throw new OptionError(
        'SIZE',
        `A size of ${wanted.width}x${wanted.height} is not possible; expected whole numbers from ${SMALLEST} to ${LARGEST}.`,
        {
          hint: 'For example 1280x720.',
        },
      );
    }
  }
  return wanted;
}

/**
 * Checks numeric options.
 *
 * @throws OptionError `STRENGTH`, `DETAIL`, `STROKE_SCALE`, `HEIGHT`, `THREADS`, `DEVICE_LIMIT`, `MEMORY`, `START`, `DURATION`
 */
export function checkNumbers(options: {
  readonly strength?: number;
  readonly detail?: number;
  readonly strokeScale?: number;
  readonly height?: number;
  readonly threads?: number;
  readonly deviceLimit?: number;
  readonly memory?: number;
  readonly start?: number;
  readonly duration?: number;
}): void {
  for (const [name, { code }, least, most, whole, expected] of RANGES) {
    const value = options[name];
    if (value === undefined || (value >= least && value <= most && (!whole || Number.isInteger(value)))) continue;
    const option = name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
    throw new OptionError(code, `${option} is ${value}; expected ${expected}.`, {
      hint: `Correct --${option} or leave it out.`,
    });
  }
}

const RANGES = [
  ['strength', { code: 'STRENGTH' }, 0, 1, false, 'a number from 0 (original) to 1 (full style)'],
  ['detail', { code: 'DETAIL' }, 0, 1, false, 'a number from 0 (strokes alone) to 1 (all of it)'],
  ['strokeScale', { code: 'STROKE_SCALE' }, 0.5, 4, false, 'a number from 0.5 (finer strokes) to 4 (larger ones)'],
  ['height', { code: 'HEIGHT' }, SMALLEST, LARGEST, true, `a whole number from ${SMALLEST} to ${LARGEST}`],
  ['threads', { code: 'THREADS' }, 1, MOST_THREADS, true, `a whole number from 1 to ${MOST_THREADS}, twice the cores`],
  ['deviceLimit', { code: 'DEVICE_LIMIT' }, 1, 3600, false, 'seconds from 1 to 3600'],
  ['memory', { code: 'MEMORY' }, 2 ** 24, 2 ** 50, false, 'at least 16 MiB'],
  ['start', { code: 'START' }, 0, 1e9, false, 'seconds, 0 or more'],
  ['duration', { code: 'DURATION' }, 1e-3, 1e9, false, 'seconds, more than 0'],
] as const;

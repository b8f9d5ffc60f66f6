import { totalmem } from 'node:os';
import { MOST_THREADS } from '../engine/threads/most-threads.js';
import { optionError } from '../options.js';
import type { PaintWeights } from './optimize/objective.js';
import type { PaintProgress } from './progress.js';

/** Optimizers. */
export const OPTIMIZERS = ['lbfgs', 'adam'] as const;
/** Ways to keep the photograph's colours. */
export const COLOR_KEEPING = ['luminance', 'match'] as const;

/** A style picture and its weight. */
export interface WeightedStyle {
  readonly picture: string;
  /** Default 1; only ratios matter. */
  readonly weight?: number;
}

/** Options of `paintPicture`. */
export interface PaintOptions {
  /** The photograph: a JPEG, PNG or WebP file. */
  readonly content: string;
  readonly styles: readonly WeightedStyle[];
  /** A .jpg, .png or .webp file; with several seeds, one for each, with a number before the extension. */
  readonly output: string;
  /** Replace an existing output and a stopped painting. */
  readonly overwrite?: boolean;
  /** Weight of the photograph: default 1, 2 counts twice. */
  readonly contentWeight?: number;
  /** Weight of the style; default 1. */
  readonly styleWeight?: number;
  /** Evaluations of the objective over all sizes, coarse to fine; default 300. */
  readonly steps?: number;
  /** Longer side of the painting in pixels, 64 to 1024; default 512. */
  readonly size?: number;
  /** Memory limit in bytes; default: half of the machine's memory. */
  readonly memory?: number;
  readonly optimizer?: (typeof OPTIMIZERS)[number];
  /** `luminance`: the photograph's colours as they are; `match`: the style in the photograph's palette. */
  readonly keepColors?: (typeof COLOR_KEEPING)[number];
  /** Initial picture: `content`, `noise`, or a picture's path. */
  readonly init?: string;
  readonly seed?: number;
  /** Number of pictures to paint, from different seeds; reports their diversity. */
  readonly seeds?: number;
  /** Size of the strokes: 2 paints them twice as large. 1 is the style picture as large as the painting. */
  readonly styleScale?: number;
  /** Steps between previews and saved states; default 25. */
  readonly previewEvery?: number;
  /** Resume a stopped painting with its settings; given options must be the same. */
  readonly resume?: boolean;
  /** VGG-19 weights, a `.safetensors` file; default: as in training. */
  readonly lossNetwork?: string;
  /** CPU threads; default: all. */
  readonly threads?: number;
  /** Aborting stops after the current step; the best picture so far is written. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PaintProgress) => void;
  /** What the user should know. */
  readonly onNote?: (note: string) => void;
}

/** Everything that decides the look of a painting. */
export interface PaintSettings {
  readonly content: string;
  readonly styles: readonly { readonly picture: string; readonly weight: number }[];
  readonly weights: PaintWeights;
  readonly steps: number;
  readonly size: number;
  readonly optimizer: (typeof OPTIMIZERS)[number];
  readonly keepColors: (typeof COLOR_KEEPING)[number] | undefined;
  readonly init: string;
  readonly seed: number;
  readonly seeds: number;
  readonly styleScale: number;
}

/** The terms' weights, for `contentWeight` and `styleWeight` of 1. */
const WEIGHTS: PaintWeights = { content: 1, style: 100, smoothness: 8, chroma: 60, range: 10 };

/**
 * Validates options once, at the entry.
 *
 * @throws OptionError OPTION_VALUE naming the option, what was expected and what it got.
 */
export function paintSettings(options: PaintOptions): PaintSettings {
  const { contentWeight = 1, styleWeight = 1, steps = 300, size = 512, seed = 1, seeds = 1, styleScale = 1 } = options;
  const { optimizer = 'lbfgs', keepColors, init = 'content', previewEvery = 25, memory = 1 } = options;
  oneOf('optimizer', optimizer, OPTIMIZERS);
  if (keepColors !== undefined) oneOf('keepColors', keepColors, COLOR_KEEPING);
  if (options.styles.length === 0) throw optionError('styles', 'at least one picture', 'none');
  for (const { picture, weight = 1 } of options.styles) {
    check(`weight of ${picture}`, weight, 'a number above 0, at most 1000', weight > 0 && weight <= 1000);
  }
  check('contentWeight', contentWeight, 'a number from 0 to 1000', contentWeight >= 0 && contentWeight <= 1000);
  check('styleWeight', styleWeight, 'a number from 0 to 1000', styleWeight >= 0 && styleWeight <= 1000);
  if (contentWeight + styleWeight === 0) throw optionError('styleWeight', 'more than 0 where contentWeight is 0', '0');
  whole('steps', steps, 1, 100_000);
  whole('size', size, 64, 1024);
  whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  whole('seeds', seeds, 1, 100);
  whole('previewEvery', previewEvery, 1, 100_000);
  check('styleScale', styleScale, 'a number from 0.25 to 4', styleScale >= 0.25 && styleScale <= 4);
  check('memory', memory, 'a number of bytes above 0', memory > 0);
  if (options.threads !== undefined) whole('threads', options.threads, 1, MOST_THREADS);
  return {
    content: options.content,
    styles: options.styles.map(({ picture, weight = 1 }) => ({ picture, weight })),
    weights: {
      ...WEIGHTS,
      content: WEIGHTS.content * contentWeight,
      style: WEIGHTS.style * styleWeight,
    },
    steps,
    size,
    optimizer,
    keepColors,
    init,
    seed,
    seeds,
    styleScale,
  };
}

/** Default memory limit in bytes. */
export function defaultMemory(): number {
  return totalmem() / 2;
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw optionError(name, `one of ${known.join(', ')}`, value);
}

function whole(name: string, value: number, low: number, high: number): void {
  check(name, value, `a whole number from ${low} to ${high}`, Number.isInteger(value) && value >= low && value <= high);
}

function check(name: string, value: number, expected: string, holds: boolean): void {
  if (!Number.isFinite(value) || !holds) throw optionError(name, expected, String(value));
}

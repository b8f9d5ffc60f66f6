import type { SentTensor, Tensors } from '../../../engine/threads/graph-session.js';
import { TONES } from '../../../losses/colour/palette.js';
import { Random } from '../../../nets/parameters/random.js';
import { CODE_LENGTH } from '../../../nets/style-code.js';
import { STYLE_INPUTS } from '../../objective/modulated-terms.js';
import type { StyleSupply } from '../../run/context.js';
import type { LearnedStyle } from './learned.js';

/** Mean and standard deviation of codes, with which they are normalised before the mapping. */
export interface CodeStatistics {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Styles of a pool. */
export interface PoolOptions {
  readonly seed: number;
  /** The styles of one epoch, repeated as often as they are to be shown; default: each once. */
  readonly shown?: readonly LearnedStyle[];
  /** Additional unnamed styles, used in every other draw. */
  readonly others?: readonly LearnedStyle[];
}

/** The styles that a network learns, as feeds of training steps. */
export class StylePool implements StyleSupply {
  readonly standard: CodeStatistics;
  readonly #seed: number;
  readonly #shown: readonly LearnedStyle[];
  readonly #others: readonly LearnedStyle[];

  constructor(
    readonly styles: readonly LearnedStyle[],
    { seed, shown = styles, others = [] }: PoolOptions,
  ) {
    this.#seed = seed;
    this.#shown = shown;
    this.#others = others;
    this.standard = codeStatisticsOf([...styles, ...others].map(({ code }) => code));
  }

  /** Draws styles, reshuffled each epoch; every other draw is one of the additional styles, likewise. */
  async feeds(index: number, rows: number): Promise<Tensors> {
    return this.#tensors(Array.from({ length: rows }, (_, row) => this.#draw(index * rows + row)));
  }

  preview(rows: number): Tensors {
    return {
      [STYLE_INPUTS.code]: this.codes(Array.from({ length: rows }, (_, row) => this.styles[row % this.styles.length]!)),
    };
  }

  /** Normalised codes, [n, CODE_LENGTH]. */
  codes(styles: readonly LearnedStyle[]): SentTensor {
    const { mean, deviation } = this.standard;
    const data = styles.flatMap(({ code }) =>
      Array.from(code, (value, i) => clamped((value - mean[i]!) / deviation[i]!)),
    );
    return { type: 'float32', dims: [styles.length, CODE_LENGTH], data: Float32Array.from(data) };
  }

  #draw(index: number): LearnedStyle {
    if (this.#others.length === 0) return shuffled(this.#shown, this.#seed, index);
    const turn = Math.floor(index / 2);
    return index % 2 === 0 ? shuffled(this.#shown, this.#seed, turn) : shuffled(this.#others, this.#seed + 1, turn);
  }

  #tensors(styles: readonly LearnedStyle[]): Tensors {
    const rows = styles.length;
    const together = (parts: readonly Float32Array[], dims: readonly number[]): SentTensor => {
      const data = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        data.set(part, at);
        at += part.length;
      }
      return { type: 'float32', dims: [rows, ...dims], data };
    };
    const grams = styles[0]!.target.flatMap((layers, scale) =>
      [...layers].map(([layer, { dims }]): [string, SentTensor] => {
        const parts = styles.map(({ target }) => target[scale]!.get(layer)!.data as Float32Array);
        return [STYLE_INPUTS.gram(scale, layer), together(parts, dims.slice(1))];
      }),
    );
    const palettes = styles.map(({ palette }) => palette);
    return {
      ...Object.fromEntries(grams),
      [STYLE_INPUTS.mean]: together(
        palettes.map(({ mean }) => mean),
        [3],
      ),
      [STYLE_INPUTS.tones]: together(
        palettes.map(({ tones }) => tones),
        [TONES, 2],
      ),
      [STYLE_INPUTS.code]: this.codes(styles),
    };
  }
}

/** Normalised codes are clamped to this range. */
export const MAX_CODE = 3;

const clamped = (value: number) => Math.min(MAX_CODE, Math.max(-MAX_CODE, value));

function shuffled(styles: readonly LearnedStyle[], seed: number, index: number): LearnedStyle {
  const { length } = styles;
  const order = new Random(seed, Math.floor(index / length), 8).permutation(length);
  return styles[order[index % length]!]!;
}

/** Smallest standard deviation used: components that all pictures share must not be amplified. */
const MIN_DEVIATION = 0.05;

function codeStatisticsOf(codes: readonly Float32Array[]): CodeStatistics {
  const each = (of: (i: number) => number) => Float32Array.from({ length: CODE_LENGTH }, (_, i) => of(i));
  const mean = each((i) => codes.reduce((sum, code) => sum + code[i]!, 0) / codes.length);
  const deviation = each((i) => {
    const variance = codes.reduce((sum, code) => sum + (code[i]! - mean[i]!) ** 2, 0) / codes.length;
    return Math.max(MIN_DEVIATION, Math.sqrt(variance));
  });
  return { mean, deviation };
}

import { Random } from '../../../nets/parameters/random.js';
import { CODE_LENGTH } from '../../../nets/style-code.js';
import { INPUTS } from '../../objective/modulated-terms.js';
import type { StyleSupply } from '../../run/context.js';
import type { SentTensor, Tensors } from '../../session/session.js';
import type { LearnedStyle } from './learned.js';

/** What codes are around, and how far they are spread: a code less its mean, by its deviation, is what is mapped. */
export interface Standard {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** What a pool shows. */
export interface Shown {
  readonly seed: number;
  /** The styles of one time around, each as often as it is to be shown; once where absent. */
  readonly shown?: readonly LearnedStyle[];
  /** Manners that are learned besides, every other time; they get no name. */
  readonly others?: readonly LearnedStyle[];
}

/** The styles that a network learns, and what a training step is fed of them. */
export class StylePool implements StyleSupply {
  readonly standard: Standard;
  readonly #seed: number;
  readonly #shown: readonly LearnedStyle[];
  readonly #others: readonly LearnedStyle[];

  constructor(
    readonly styles: readonly LearnedStyle[],
    { seed, shown = styles, others = [] }: Shown,
  ) {
    this.#seed = seed;
    this.#shown = shown;
    this.#others = others;
    this.standard = standardOf([...styles, ...others].map(({ code }) => code));
  }

  /** What is shown, in an order that is new each time around; every other time one of the others, likewise. */
  async feeds(index: number, rows: number): Promise<Tensors> {
    return this.#tensors(Array.from({ length: rows }, (_, row) => this.#draw(index * rows + row)));
  }

  preview(rows: number): Tensors {
    return {
      [INPUTS.code]: this.codes(Array.from({ length: rows }, (_, row) => this.styles[row % this.styles.length]!)),
    };
  }

  /** Codes as the mapping takes them, [n, CODE_LENGTH]. */
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
        return [INPUTS.gram(scale, layer), together(parts, dims.slice(1))];
      }),
    );
    return {
      ...Object.fromEntries(grams),
      [INPUTS.code]: this.codes(styles),
      [INPUTS.palette]: together(
        styles.map(({ palette }) => palette),
        [4, 4],
      ),
    };
  }
}

/** Numbers of a code are kept within this: what is further out says no more. */
export const FURTHEST = 3;

const clamped = (value: number) => Math.min(FURTHEST, Math.max(-FURTHEST, value));

function shuffled(styles: readonly LearnedStyle[], seed: number, index: number): LearnedStyle {
  const { length } = styles;
  const order = new Random(seed, Math.floor(index / length), 8).permutation(length);
  return styles[order[index % length]!]!;
}

/** Below this, all pictures have a number of the code in common, and its noise must not be blown up. */
const LEAST_DEVIATION = 0.05;

function standardOf(codes: readonly Float32Array[]): Standard {
  const each = (of: (i: number) => number) => Float32Array.from({ length: CODE_LENGTH }, (_, i) => of(i));
  const mean = each((i) => codes.reduce((sum, code) => sum + code[i]!, 0) / codes.length);
  const deviation = each((i) => {
    const variance = codes.reduce((sum, code) => sum + (code[i]! - mean[i]!) ** 2, 0) / codes.length;
    return Math.max(LEAST_DEVIATION, Math.sqrt(variance));
  });
  return { mean, deviation };
}

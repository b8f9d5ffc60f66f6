import { basename, extname } from 'node:path';
import { OptionError } from '../../errors.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { LossNetwork } from '../../losses/network.js';
import { Random } from '../../nets/random.js';
import { CODE_LENGTH, styleCode } from '../../nets/style-code.js';
import { type SentTensor, Session, type Tensors } from '../session.js';
import { pictureOf } from '../step.js';
import {
  measurePalette,
  measureStyle,
  readPicture,
  STYLE_SIDE,
  type StylePicture,
  type StyleTarget,
} from '../style-picture.js';
import type { StyleSupply } from '../work.js';
import { INPUTS } from './terms.js';

/** One of the styles that a network learns. */
export interface LearnedStyle {
  readonly name: string;
  readonly target: StyleTarget;
  /** [4, 4]. */
  readonly palette: Float32Array;
  /** What `styleCode` gives for its picture. */
  readonly code: Float32Array;
}

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

/**
 * Measures styles, one a picture, named by their files.
 *
 * @throws TrainError TRAIN_PICTURE; OptionError OPTION_VALUE when two have the same name.
 */
export async function learnedStyles(
  pictures: readonly string[],
  network: LossNetwork,
  options: { readonly scale: number; readonly scales: number; readonly threads: number },
): Promise<LearnedStyle[]> {
  const names = styleNames(pictures);
  const styles: LearnedStyle[] = [];
  for (const [i, picture] of pictures.entries()) styles.push(await measured(names[i]!, picture, network, options));
  return styles;
}

/** Measures one picture of a style. @throws TrainError TRAIN_PICTURE. */
export async function measured(
  name: string,
  picture: StylePicture,
  network: LossNetwork,
  options: { readonly scale: number; readonly scales: number; readonly threads: number },
): Promise<LearnedStyle> {
  const target = await measureStyle([picture], network, options);
  const { data } = await measurePalette([picture], options.threads);
  return { name, target, palette: data as Float32Array, code: await measureCode(picture, options.threads) };
}

/**
 * What styles are called: by their files, in lower case, with hyphens.
 *
 * @throws OptionError OPTION_VALUE when two have the same name.
 */
export function styleNames(pictures: readonly string[]): string[] {
  const names = pictures.map((picture) =>
    basename(picture, extname(picture))
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, ''),
  );
  const twice = names.find((name, i) => name === '' || names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new OptionError('OPTION_VALUE', `pictures: expected a name of its own for each style, got "${twice}" again`, {
    hint: 'Rename the picture files: each names a style.',
  });
}

async function measureCode(file: StylePicture, threads: number): Promise<Float32Array> {
  const { data, width, height } = await readPicture(file, STYLE_SIDE, 8);
  const b = new GraphBuilder('style code');
  b.output('code', styleCode(b, pictureOf(b, b.input('picture', 'uint8', [1, height, width, 3]))));
  const session = await Session.open(b.build(), { threads });
  try {
    const found = await session.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, ['code']);
    return found.code!.data as Float32Array;
  } finally {
    await session.close();
  }
}

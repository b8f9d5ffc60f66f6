import { createHash } from 'node:crypto';
import { closest } from 'fastest-levenshtein';
import { OptionError } from '../errors.js';
import type { Manifest, Modulation } from './manifest.js';
import type { Style } from './style.js';

/** How much of each style, by name. What the weights lack to 1 is the mean style: one style at 0.5 is a weaker one. */
export type Blend = Readonly<Record<string, number>>;

/** What to paint with a network of many styles. */
export interface StyleChoice {
  /** Which styles, and how much of each; the first of the preset where absent. */
  readonly blend?: Blend;
  /** The same for edges and colours, which may follow other styles than the strokes do; as `blend` where absent. */
  readonly fineBlend?: Blend;
  /** How far styles are from the mean of all: 1 as they were learned, 0 the mean itself. */
  readonly truncation?: number;
  /** How far a random style between those of the network is laid over: 0 not at all, 1 as far as styles are apart. */
  readonly vary?: number;
  /** Which random style: the same number gives the same; 1 where absent. */
  readonly varySeed?: number;
}

/** The greatest weight: above 1 a style is exaggerated. */
const MOST = 2;

/**
 * The style vector of a blend: `Σ wᵢ vᵢ + (1 − Σ wᵢ) · mean`; a weight of 1 alone gives that style exactly.
 *
 * @throws OptionError `BLEND` for a style that the network does not have, or a weight outside 0–2
 */
export function blendedVector({ mean, styles }: Modulation, blend: Blend, truncation = 1): Float32Array {
  const names = styles.map(({ name }) => name);
  let total = 0;
  const sum = mean.map(() => 0);
  for (const [name, weight] of Object.entries(blend)) {
    const found = styles.find((style) => style.name === name);
    if (!found) throw unknown(name, names);
    if (!(weight >= 0 && weight <= MOST)) throw outOfRange(`The weight of ${name}`, weight, MOST);
    found.vector.forEach((value, i) => {
      sum[i]! += weight * truncation * value;
    });
    total += weight * truncation;
  }
  return Float32Array.from(sum, (value, i) => value + (1 - total) * mean[i]!);
}

/**
 * A network of many styles, set to some of them.
 *
 * @throws OptionError `BLEND` for styles that it does not have, weights or a truncation out of range, and for a style
 * that is the only one of its network
 */
export function chosenStyle(style: Style, choice: StyleChoice): Style {
  const { blend, fineBlend, truncation, vary = 0, varySeed = 1 } = choice;
  if (CHOICES.every((name) => choice[name] === undefined)) return style;
  const { manifest } = style;
  if (!manifest.modulation) throw single(style.name);
  if (truncation !== undefined && !(truncation >= 0 && truncation <= 1)) throw outOfRange('truncation', truncation, 1);
  if (!(vary >= 0 && vary <= 1)) throw outOfRange('vary', vary, 1);
  const first = { [manifest.modulation.styles[0]!.name]: 1 };
  const coarse = blendedVector(manifest.modulation, blend ?? first, truncation);
  const fine = blendedVector(manifest.modulation, fineBlend ?? blend ?? first, truncation);
  const vectors = [...coarse, ...fine];
  if (vary > 0) {
    randomStyle(manifest.modulation, varySeed).forEach((value, i) => {
      vectors[i]! += vary * value;
    });
  }
  return { ...style, manifest: withVectors(manifest, manifest.modulation, vectors) };
}

const CHOICES = ['blend', 'fineBlend', 'truncation', 'vary', 'varySeed'] as const;

/**
 * A random style, less the mean one, for both halves [2 · n]: a normally distributed mixture of the network's styles, so
 * that it never leaves what those span.
 */
function randomStyle({ mean, styles }: Modulation, seed: number): number[] {
  return [0, 1].flatMap((half) => {
    const sum = mean.map(() => 0);
    styles.forEach(({ vector }, k) => {
      const share = normal(`${seed} ${half} ${k}`) / Math.sqrt(styles.length);
      vector.forEach((value, i) => {
        sum[i]! += share * (value - mean[i]!);
      });
    });
    return sum;
  });
}

/** A normally distributed number that depends on its words only (Box and Muller 1958). */
function normal(words: string): number {
  const bytes = createHash('sha256').update(words).digest();
  const uniform = (at: number) => (bytes.readUInt32LE(at) + 1) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(uniform(0))) * Math.cos(2 * Math.PI * uniform(4));
}

/** What `preset:style` names: the preset, and one of its styles; undefined for any other name. */
export function splitName(name: string): readonly [preset: string, style: string] | undefined {
  const [, preset = '', style = ''] = /^(..+):([a-z0-9][a-z0-9._-]*)$/i.exec(name) ?? [];
  return preset === '' ? undefined : [preset, style];
}

/** The preset that a style is one of many of, by their names; undefined for one that is alone. */
export function networkOf(name: string): string | undefined {
  return splitName(name)?.[0];
}

/** One style of a network of many, under the name `preset:style`. @throws OptionError `BLEND`. */
export function namedStyle(style: Style, name: string): Style {
  return { ...chosenStyle(style, { blend: { [name]: 1 } }), name: `${style.name}:${name}` };
}

/** The style vectors, [2 · n], that a network of many is fed where no others are; undefined for one of a single style. */
export function vectorsOf({ inputs, modulation }: Manifest): Float32Array | undefined {
  const input = inputs.find(({ name }) => name === modulation?.input);
  if (!input) return undefined;
  const count = input.dims.reduce((product, dim) => product * dim, 1);
  return typeof input.default === 'number'
    ? new Float32Array(count).fill(input.default)
    : Float32Array.from(input.default);
}

/** A manifest whose style vectors are these where nothing else is fed. */
function withVectors(manifest: Manifest, { input }: Modulation, vectors: readonly number[]): Manifest {
  const inputs = manifest.inputs.map((each) => (each.name === input ? { ...each, default: vectors } : each));
  return { ...manifest, inputs };
}

function unknown(name: string, names: readonly string[]): OptionError {
  const message = `There is no style "${name.slice(0, 60)}" in this network; expected one of ${names.join(', ')}.`;
  return new OptionError('BLEND', message, { hint: `Did you mean "${closest(name.slice(0, 60), [...names])}"?` });
}

function outOfRange(what: string, value: number, most: number): OptionError {
  return new OptionError('BLEND', `${what} is ${value}; expected a number from 0 to ${most}.`, {
    hint: 'For example --blend wave=0.6,scream=0.4.',
  });
}

function single(name: string): OptionError {
  return new OptionError('BLEND', `${name} has one style; expected a network of many.`, {
    hint: 'Leave --blend, --fine-blend, --truncation and --vary out, or name a preset trained with --method modulated.',
  });
}

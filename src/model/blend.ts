import { basename, extname } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { OptionError } from '../errors.js';
import { noiseInputOf, smoothNoise } from './manifest/noise.js';
import type { FurtherInput, Modulation, NamedStyle } from './manifest/types.js';
import type { Style } from './style.js';
import { halves, mixVectors, vectorsOf } from './style-vectors.js';

/** Weights of styles by name; the mean style has the rest to 1, so that one style at 0.5 is weaker. */
export type Blend = Readonly<Record<string, number>>;

/** Choice of styles in a network of many. */
export interface StyleChoice {
  /** Weights of styles; default: the first of the preset. */
  readonly blend?: Blend;
  /** Weights in the fine layers (edges and colours), which may differ from those of the strokes; default: `blend`. */
  readonly fineBlend?: Blend;
  /** Truncation: 1 for styles as learned, 0 for their mean. */
  readonly truncation?: number;
  /**
   * Noise strength, which varies the strokes equally on every frame: 0 none, 1 as strong as the influence of the
   * picture.
   */
  readonly vary?: number;
  /** Seed of the noise; default 1. */
  readonly varySeed?: number;
}

/** Largest weight; above 1 a style is exaggerated. */
const MOST = 2;

/**
 * The style vector of a blend: `Σ wᵢ vᵢ + (1 − Σ wᵢ) · mean`; a weight of 1 alone gives that style exactly.
 *
 * @throws OptionError `BLEND` for a style that the network does not have, or a weight outside 0–2
 */
export function blendedVector({ mean, styles }: Modulation, blend: Blend, truncation = 1): Float32Array {
  const names = styles.map(({ name }) => name);
  const parts = Object.entries(blend).map(([name, weight]) => {
    const found = styles.find((style) => style.name === name);
    if (!found) throw unknown(name, names);
    if (!(weight >= 0 && weight <= MOST)) throw outOfRange(`The weight of ${name}`, weight, MOST);
    return { vector: found.vector, weight: weight * truncation };
  });
  return mixVectors(parts, mean);
}

/**
 * A network of many styles, set to some of them.
 *
 * @throws OptionError `BLEND` for unknown styles, numbers out of range, networks of a single style, and noise where the
 * network has no noise input
 */
export function chosenStyle(style: Style, choice: StyleChoice): Style {
  const { blend, fineBlend, truncation = 1, vary = 0, varySeed = 1 } = choice;
  if (CHOICES.every((name) => choice[name] === undefined)) return style;
  const { manifest } = style;
  if (!manifest.modulation) throw single(style.name);
  if (!(truncation >= 0 && truncation <= 1)) throw outOfRange('truncation', truncation, 1, '--truncation 0.7');
  if (!(vary >= 0 && vary <= 1)) throw outOfRange('vary', vary, 1, '--vary 0.3');
  const { input } = manifest.modulation;
  const [coarse, fine] = halves(vectorsOf(manifest)!).map((vector, half) => {
    const asked = (half === 1 ? fineBlend : undefined) ?? blend;
    return asked
      ? blendedVector(manifest.modulation!, asked, truncation)
      : mixVectors([{ vector, weight: truncation }], manifest.modulation!.mean);
  });
  const changes = new Map([[input, [...coarse!, ...fine!]]]);
  if (vary > 0) {
    const noise = noiseInputOf(manifest);
    if (!noise) throw noNoise(style.name);
    changes.set(noise.name, smoothNoise(noise.dims, varySeed, vary));
  }
  return { ...style, manifest: { ...manifest, inputs: manifest.inputs.map((each) => fedWith(each, changes)) } };
}

const CHOICES = ['blend', 'fineBlend', 'truncation', 'vary', 'varySeed'] as const;

/** A further input with another default. */
function fedWith(input: FurtherInput, changes: ReadonlyMap<string, readonly number[]>): FurtherInput {
  return { ...input, default: changes.get(input.name) ?? input.default };
}

/** What `preset:style` names: the preset, and one of its styles; undefined for any other name. */
export function splitName(name: string): readonly [preset: string, style: string] | undefined {
  const [, preset = '', style = ''] = /^(..+):([a-z0-9][a-z0-9._-]*)$/i.exec(name) ?? [];
  return preset === '' ? undefined : [preset, style];
}

/** The preset of a style of a network of many, by its name; undefined for a single style. */
export function networkOf(name: string): string | undefined {
  return splitName(name)?.[0];
}

/** Largest length of a style's name. */
const LONGEST = 80;

/** The name of a style after the file of its picture: in lower case, with hyphens; empty without Latin letters. */
export function styleNameOf(picture: string): string {
  const words = basename(picture, extname(picture)).normalize('NFKD').toLowerCase();
  const name = words.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '');
  return name.slice(0, LONGEST).replace(/-$/, '');
}

/** One style of a network of many, under the name `preset:style`. @throws OptionError `BLEND`. */
export function namedStyle(style: Style, name: string): Style {
  return { ...chosenStyle(style, { blend: { [name]: 1 } }), name: `${style.name}:${name}` };
}

/** A network of many styles, set to one that is added before its own. @throws OptionError `BLEND`. */
export function withStyle(style: Style, added: NamedStyle): Style {
  const { modulation } = style.manifest;
  if (!modulation) throw single(style.name);
  const styles = [added, ...modulation.styles.filter(({ name }) => name !== added.name)];
  return namedStyle({ ...style, manifest: { ...style.manifest, modulation: { ...modulation, styles } } }, added.name);
}

function unknown(name: string, names: readonly string[]): OptionError {
  const message = `There is no style "${name.slice(0, 60)}" in this network; expected one of ${names.join(', ')}.`;
  return new OptionError('BLEND', message, { hint: `Did you mean "${closest(name.slice(0, 60), [...names])}"?` });
}

function outOfRange(what: string, value: number, most: number, example = '--blend wave=0.6,scream=0.4'): OptionError {
  return new OptionError('BLEND', `${what} is ${value}; expected a number from 0 to ${most}.`, {
    hint: `For example ${example}.`,
  });
}

function noNoise(name: string): OptionError {
  return new OptionError('BLEND', `${name} cannot vary its strokes; expected a network with an input for noise.`, {
    hint: 'Leave --vary out, or have the preset written again: its own train command with --resume does that.',
  });
}

function single(name: string): OptionError {
  return new OptionError('BLEND', `${name} has one style; expected a network of many.`, {
    hint: 'Leave --blend, --fine-blend, --truncation and --vary out, or name a preset trained with --method modulated.',
  });
}

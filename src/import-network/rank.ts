import type { Conventions } from '../model/library/guess.js';
import type { NetworkInput, NetworkOutput, PictureTensor } from '../model/manifest/types.js';
import { fromNumbers, type Photograph, type PictureValues, type Planes, toNumbers } from './numbers.js';
import { type Plausibility, plausibility } from './plausible.js';

/** Runs the network that is being tried on one picture tensor. A rejection counts as "does not run". */
export type RunNetwork = (input: PictureValues) => Promise<PictureValues>;

/** One way to feed and read a network, and what came out. */
export interface RankedConventions {
  readonly input: NetworkInput;
  readonly output: NetworkOutput;
  /** 0–1; only comparable within one probe. */
  readonly score: number;
  /** What speaks for it and against it; sentences. */
  readonly reasons: readonly string[];
  /** The photograph as the network paints it with these conventions, to be shown to the user. */
  readonly picture: Photograph;
}

/** What trying a network on a photograph has shown. */
export interface Probe {
  /** Plausible readings, the best first; empty when the network gives no plausible picture with any of them. */
  readonly ranked: readonly RankedConventions[];
  /** How far the best range is ahead of the next that gives another picture: 0.5 (a tie) to 1; 0 when none is plausible. */
  readonly rangeConfidence: number;
  /** 1 when the order of the colours is known or makes no difference, else 0.5: it cannot be seen from outside. */
  readonly channelsConfidence: number;
  /** Whether the best can be taken without asking the user. */
  readonly sure: boolean;
}

type Numbers = Pick<PictureTensor, 'range' | 'mean' | 'std'>;

/** How style networks are usually fed and read. */
export const usual = {
  '0 to 1': { range: [0, 1] },
  '0 to 255': { range: [0, 255] },
  '-1 to 1': { range: [-1, 1] },
  "0 to 1 with ImageNet's mean and deviation": {
    range: [0, 1],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
} as const satisfies Record<string, Numbers>;
const names = Object.keys(usual) as (keyof typeof usual)[];

/** How often networks are met that are fed as the row and read as the column says, both in the order of `usual`. */
const priors = [
  [1, 0.7, 0.3, 0.1],
  [0.6, 1, 0.3, 0.1],
  [0.4, 0.3, 0.9, 0.1],
  [0.7, 0.5, 0.3, 0.6],
] as const;

/** Pictures whose mean difference is below this (of 1) count as the same. */
const same = 2 / 255;
/** The least score of a reading that is worth showing. */
const least = 0.02;
/** The range needs no question from this confidence on: the next reading scores about half. */
export const certain = 0.65;

/**
 * Tries a network on a real photograph with the usual conventions, and ranks them by what comes out: values inside the
 * range, little saturation, contrast, and the photograph's light and edges still to be seen.
 *
 * What the graph told is kept. Whether a learned network wants red or blue first cannot be seen in what it gives; where
 * it makes a difference, the best reading is ranked both ways, RGB first, for the user to choose by the pictures.
 * @param known from `guessConventions`
 * @param photograph at a size that the network takes, at least 96 pixels each way, with colours and contrast
 */
export async function probeConventions(known: Conventions, run: RunNetwork, photograph: Photograph): Promise<Probe> {
  const found = await readings(known, run, photograph);
  found.sort((a, b) => b.score - a.score);
  const best = found[0];
  if (!best) return { ranked: [], rangeConfidence: 0, channelsConfidence: known.channelsKnown ? 1 : 0.5, sure: false };
  const rival = found.find(({ light }) => difference(light, best.light) >= same)?.score ?? 0;
  const rangeConfidence = best.score / (best.score + rival);
  const turned = known.channelsKnown ? undefined : await otherOrder(best, run, photograph);
  if (turned) found.splice(1, 0, turned);
  return {
    ranked: found.map(({ light, ...rest }) => ({ ...rest, picture: shown(light) })),
    rangeConfidence,
    channelsConfidence: turned ? 0.5 : 1,
    sure: !turned && rangeConfidence >= certain,
  };
}

type Reading = Omit<RankedConventions, 'picture'> & { readonly light: Planes };

async function readings(known: Conventions, run: RunNetwork, photograph: Photograph): Promise<Reading[]> {
  const found: Reading[] = [];
  const original = fromNumbers(toNumbers(photograph, plain), plain)!;
  for (const [row, fed] of names.entries()) {
    if (known.rangeKnown && known.input.range.join() !== usual[fed].range.join()) continue;
    if (known.rangeKnown && 'mean' in usual[fed]) continue;
    const input = withNumbers(known.input, usual[fed]);
    const made = await run(toNumbers(photograph, input, input.batch)).catch(() => undefined);
    if (!made) continue;
    for (const [column, read] of names.entries()) {
      if (known.output.type === 'uint8' && read !== '0 to 255') continue;
      const output = withNumbers(known.output, usual[read]);
      const light = fromNumbers(made, output);
      const looks = light && plausibility(light, original);
      if (!looks) continue;
      const prior = known.rangeKnown ? 1 : priors[row]![column]!;
      const reasons = [`Fed with ${fed} and read as ${read}: ${describe(looks)}.`];
      found.push({ input, output, light, score: prior * score(looks), reasons });
    }
  }
  return found.filter((reading) => reading.score >= least);
}

/** The same reading with red and blue exchanged on both sides; undefined where that makes no difference. */
async function otherOrder(best: Reading, run: RunNetwork, photograph: Photograph): Promise<Reading | undefined> {
  const turn = <Tensor extends PictureTensor>(tensor: Tensor): Tensor => ({
    ...tensor,
    channels: 'bgr',
    ...(tensor.mean && { mean: [tensor.mean[2], tensor.mean[1], tensor.mean[0]] as const }),
    ...(tensor.std && { std: [tensor.std[2], tensor.std[1], tensor.std[0]] as const }),
  });
  const [input, output] = [turn(best.input), turn(best.output)];
  const made = await run(toNumbers(photograph, input, input.batch)).catch(() => undefined);
  const light = made && fromNumbers(made, output);
  if (!light || difference(light, best.light) < same) return undefined;
  const reasons = ['The same with blue first; which order is right can be told only by how the picture looks.'];
  return { input, output, light, score: best.score, reasons };
}

const plain: PictureTensor = { name: '', type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] };

function withNumbers<Tensor extends PictureTensor>(tensor: Tensor, numbers: Numbers): Tensor {
  // Means and deviations are listed red first.
  const turn = (values: PictureTensor['mean']) =>
    values && tensor.channels === 'bgr' ? ([values[2], values[1], values[0]] as const) : values;
  const [mean, std] = [turn(numbers.mean), turn(numbers.std)];
  return { ...tensor, range: numbers.range, ...(mean && { mean }), ...(std && { std }) };
}

function score({ outside, saturated, used, structure }: Plausibility): number {
  return (1 - outside) ** 4 * (1 - saturated) ** 2 * Math.min(1, used / 0.5) * (0.1 + 0.9 * structure);
}

function describe({ outside, saturated, used, structure }: Plausibility): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return (
    `${percent(outside)} of the values lie outside, ${percent(saturated)} are saturated, ` +
    `${percent(used)} of the range is used, likeness to the photograph ${percent(structure)}`
  );
}

const clipped = (value: number) => Math.min(1, Math.max(0, value));

/** Mean difference of two pictures as they would be shown, of 1. */
function difference(a: Planes, b: Planes): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(clipped(a.data[i]!) - clipped(b.data[i]!));
  return sum / a.data.length;
}

function shown({ data, width, height }: Planes): Photograph {
  const pixels = width * height;
  const bytes = new Uint8Array(data.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < 3; c++) bytes[3 * p + c] = Math.round(255 * clipped(data[c * pixels + p]!));
  }
  return { data: bytes, width, height };
}

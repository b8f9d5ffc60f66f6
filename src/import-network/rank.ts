import type { Conventions } from '../model/library/guess.js';
import type { NetworkInput, NetworkOutput, PictureTensor } from '../model/manifest/types.js';
import { type BytePhotograph, fromNumbers, type LightPlanes, type PictureValues, toNumbers } from './numbers.js';
import { type Plausibility, plausibility } from './plausible.js';

/** Runs the probed network on one picture tensor; rejects if it does not run. */
export type RunNetwork = (input: PictureValues) => Promise<PictureValues>;

/** Conventions of a network, with their score and result. */
export interface RankedConventions {
  readonly input: NetworkInput;
  readonly output: NetworkOutput;
  /** 0–1; comparable only within one probe. */
  readonly score: number;
  /** Evidence for and against, in sentences. */
  readonly reasons: readonly string[];
  /** The photograph painted with these conventions. */
  readonly picture: BytePhotograph;
}

/** The result of probing a network with a photograph. */
export interface ConventionsProbe {
  /** Plausible conventions, best first; empty if none gives a plausible picture. */
  readonly ranked: readonly RankedConventions[];
  /** Lead of the best range over the next one with a different picture: 0.5 (a tie) to 1; 0 if none is plausible. */
  readonly rangeConfidence: number;
  /** 1 if the channel order is known or makes no difference, else 0.5: it cannot be detected. */
  readonly channelsConfidence: number;
  /** Whether the best can be taken without asking the user. */
  readonly sure: boolean;
}

type Numbers = Pick<PictureTensor, 'range' | 'mean' | 'std'>;

/** Common conventions of style networks. */
export const USUAL_CONVENTIONS = {
  '0 to 1': { range: [0, 1] },
  '0 to 255': { range: [0, 255] },
  '-1 to 1': { range: [-1, 1] },
  "0 to 1 with ImageNet's mean and deviation": {
    range: [0, 1],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
} as const satisfies Record<string, Numbers>;
const names = Object.keys(USUAL_CONVENTIONS) as (keyof typeof USUAL_CONVENTIONS)[];

/** Prior probability of input (row) and output (column) conventions, in the order of `USUAL_CONVENTIONS`. */
const priors = [
  [1, 0.7, 0.3, 0.1],
  [0.6, 1, 0.3, 0.1],
  [0.4, 0.3, 0.9, 0.1],
  [0.7, 0.5, 0.3, 0.6],
] as const;

/** Pictures whose mean difference is below this (of 1) count as the same. */
const same = 2 / 255;
/** Least score of conventions worth showing. */
const least = 0.02;
/** Confidence from which on the range is certain: the next conventions score about half. */
export const certain = 0.65;

/**
 * Runs a network on a photograph with common conventions, and ranks them by the result: values in range, little
 * saturation, contrast, and visible structure of the photograph.
 *
 * Conventions known from the graph are kept. The channel order cannot be detected from the output; where it makes a
 * difference, the best conventions are listed in both orders, RGB first, for the user to choose.
 * @param known from `guessConventions`
 * @param photograph of a size that the network accepts, at least 96 pixels each side, with colours and contrast
 */
export async function probeConventions(
  known: Conventions,
  run: RunNetwork,
  photograph: BytePhotograph,
): Promise<ConventionsProbe> {
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

type Reading = Omit<RankedConventions, 'picture'> & { readonly light: LightPlanes };

async function readings(known: Conventions, run: RunNetwork, photograph: BytePhotograph): Promise<Reading[]> {
  const found: Reading[] = [];
  const original = fromNumbers(toNumbers(photograph, plain), plain)!;
  for (const [row, fed] of names.entries()) {
    if (known.rangeKnown && known.input.range.join() !== USUAL_CONVENTIONS[fed].range.join()) continue;
    if (known.rangeKnown && 'mean' in USUAL_CONVENTIONS[fed]) continue;
    const input = withNumbers(known.input, USUAL_CONVENTIONS[fed]);
    const made = await run(toNumbers(photograph, input, input.batch)).catch(() => undefined);
    if (!made) continue;
    for (const [column, read] of names.entries()) {
      if (known.output.type === 'uint8' && read !== '0 to 255') continue;
      const output = withNumbers(known.output, USUAL_CONVENTIONS[read]);
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

/** The same conventions with red and blue exchanged on both sides; undefined where that makes no difference. */
async function otherOrder(best: Reading, run: RunNetwork, photograph: BytePhotograph): Promise<Reading | undefined> {
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

/** Mean difference of two clipped pictures, from 0 to 1. */
function difference(a: LightPlanes, b: LightPlanes): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(clipped(a.data[i]!) - clipped(b.data[i]!));
  return sum / a.data.length;
}

function shown({ data, width, height }: LightPlanes): BytePhotograph {
  const pixels = width * height;
  const bytes = new Uint8Array(data.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < 3; c++) bytes[3 * p + c] = Math.round(255 * clipped(data[c * pixels + p]!));
  }
  return { data: bytes, width, height };
}

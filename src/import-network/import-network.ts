import { fileURLToPath } from 'node:url';
import { inProcess, type ProcessLimits } from '../engine/threads/limited-process.js';
import { EngineError } from '../errors.js';
import { readModel } from '../graph/onnx/read.js';
import { writeModel } from '../graph/onnx/write.js';
import type { Model } from '../graph/types.js';
import { readImage } from '../media/files/pictures/image.js';
import { guessConventions } from '../model/library/guess.js';
import type { NetworkInput, NetworkOutput } from '../model/manifest/types.js';
import { checksum, type Style } from '../model/style.js';
import { freeSize, NetworkProbe } from './network-probe.js';
import { certain, probeConventions, type RankedConventions, USUAL_CONVENTIONS } from './rank.js';

/** Conventions of a network known to the user. */
export interface KnownConventions {
  readonly range?: NetworkRange;
  readonly channels?: 'rgb' | 'bgr';
}

/** Ranges of networks: the values of black and white. */
export const NETWORK_RANGES = {
  '0-1': USUAL_CONVENTIONS['0 to 1'],
  '0-255': USUAL_CONVENTIONS['0 to 255'],
  '-1-1': USUAL_CONVENTIONS['-1 to 1'],
  imagenet: USUAL_CONVENTIONS["0 to 1 with ImageNet's mean and deviation"],
} as const;
/** Name of a range. */
export type NetworkRange = keyof typeof NETWORK_RANGES;

/** An imported network with its detected conventions. */
export interface ImportedStyle {
  readonly style: Style;
  /** Whether the conventions are certain enough without asking the user. */
  readonly sure: boolean;
  /** Plausible conventions, best first, each with the painted photograph. */
  readonly ranked: readonly RankedConventions[];
  /** Conclusions with their evidence. */
  readonly reasons: readonly string[];
}

const PHOTOGRAPH = fileURLToPath(new URL('../../presets/photograph.jpg', import.meta.url));

/**
 * Detects the conventions of a network from its graph and by running it on a photograph, and frees its size where
 * possible. It is tried in a process of its own: what hangs or devours memory ends with that.
 *
 * @param bare a style without a manifest of its own, from an `.onnx` file
 * @param photograph a picture file to run it on; default: one that comes with stylecast
 * @throws PresetError `PRESET_NETWORK` when it has no picture as input or output; EngineError `ENGINE_NETWORK` when it
 * does not run, `ENGINE_NO_PICTURE` when no conventions give a plausible picture, `ENGINE_LIMIT` when it takes too long
 * or too much
 */
export function importNetwork(
  bare: Style,
  known: KnownConventions = {},
  photograph = PHOTOGRAPH,
  limits: ProcessLimits = {},
): Promise<ImportedStyle> {
  const script = new URL('./import-process.js', import.meta.url);
  return inProcess(script, { bare, known, photograph }, `The network ${bare.name}`, limits);
}

/** The same on the thread that calls, which it blocks. */
export async function importInThisProcess(
  bare: Style,
  known: KnownConventions,
  photograph: string,
): Promise<ImportedStyle> {
  let network: Model = readModel(bare.model);
  const guess = guessConventions(network);
  const reasons = [...guess.reasons];
  let { input } = guess;
  const freed = await freeSize(network, guess);
  if (freed) {
    const { size, ...rest } = input;
    if (size) reasons.push('Its size can be made free.');
    if (freed.multiple > 1) reasons.push(`It needs multiples of ${freed.multiple} pixels.`);
    network = freed.network;
    input = { ...rest, multiple: freed.multiple };
  }
  const { frame } = await readImage(photograph, input.size ?? { width: 288, height: 160 });
  const conventions = {
    ...guess,
    input: { ...input, ...(known.channels ? { channels: known.channels } : {}) },
    output: { ...guess.output, ...(known.channels ? { channels: known.channels } : {}) },
    channelsKnown: guess.channelsKnown || known.channels !== undefined,
  };
  const trial = await NetworkProbe.open(network, conventions);
  try {
    const probe = await probeConventions(conventions, (values) => trial.run(values), frame);
    const wanted = known.range && NETWORK_RANGES[known.range];
    const ranked = wanted ? probe.ranked.filter(({ input }) => sameNumbers(input, wanted)) : probe.ranked;
    const best = ranked[0];
    if (!best) throw nothingPlausible(bare.name);
    const manifest = { ...bare.manifest, input: best.input, output: best.output, inputs: guess.inputs };
    const style = withModel({ ...bare, manifest }, network);
    const rangeSure = wanted !== undefined || probe.rangeConfidence >= certain;
    return { style, sure: rangeSure && probe.channelsConfidence === 1, ranked, reasons: [...reasons, ...best.reasons] };
  } finally {
    await trial.close();
  }
}

/** A style with other conventions from `importNetwork`'s list. */
export function withConventions(
  style: Style,
  { input, output }: { input: NetworkInput; output: NetworkOutput },
): Style {
  return { ...style, manifest: { ...style.manifest, input, output } };
}

function withModel(style: Style, network: Model): Style {
  const model = writeModel(network);
  const file = { ...style.manifest.model, sha256: checksum(model), bytes: model.length };
  return { ...style, model, manifest: { ...style.manifest, model: file } };
}

function sameNumbers(input: NetworkInput, wanted: { range: readonly number[]; mean?: readonly number[] }): boolean {
  return input.range.join() === wanted.range.join() && (input.mean === undefined) === (wanted.mean === undefined);
}

function nothingPlausible(name: string): EngineError {
  return new EngineError(
    'ENGINE_NO_PICTURE',
    `${name} runs, but gives no plausible picture with any usual convention.`,
    {
      hint: 'It may not be a style network. If it is, write its preset.json by hand: see docs/presets.md.',
    },
  );
}

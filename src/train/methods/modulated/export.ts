import { GraphSession } from '../../../engine/threads/graph-session.js';
import { GraphBuilder } from '../../../graph/builder.js';
import { withoutZeros } from '../../../graph/passes/zero.js';
import type { Model } from '../../../graph/types.js';
import { pictureOf } from '../../../losses/terms/picture.js';
import type { FurtherInput, Modulation } from '../../../model/manifest/types.js';
import { checksum } from '../../../model/style.js';
import type { Building } from '../../../nets/layers.js';
import { mapping, styleLength } from '../../../nets/modulation.js';
import { styleNetwork } from '../../../nets/network.js';
import { noiseDims } from '../../../nets/noise.js';
import { FixedParameters, type Parameter } from '../../../nets/parameters/parameters.js';
import { styleCode } from '../../../nets/style-code.js';
import type { NetworkWidths } from '../../../nets/tiers.js';
import { STYLE_INPUTS } from '../../objective/modulated-terms.js';
import { finishModel } from '../../weights/export.js';
import { MAX_CODE, type StylePool } from './pool.js';

/** The network's further input [2, length]: a style vector for its coarse half, one for its fine half. */
const STYLE = 'style';
/** The network's noise input, which varies the strokes. */
const NOISE = 'noise';
/** The predictor's file in a preset. */
const PREDICTOR = 'predict.onnx';

/**
 * The finished network: as `exportNetwork` makes it, with the further input `style` float32 [2, length]: coarse layers
 * (strokes) and fine layers (edges and colours); and with the further input `noise` of `noiseDims`, which varies the
 * strokes: it is added to the encoder's output, scaled to its standard deviation. The weights of all convolutions are
 * constants.
 */
export function exportModulated(
  tier: NetworkWidths,
  parameters: readonly Parameter[],
  vector: Float32Array,
): Promise<Model> {
  const b = new GraphBuilder('styles');
  const image = b.input('image', 'float32', [1, 3, 'height', 'width']);
  const style = b.input(STYLE, 'float32', [2, styleLength(tier)]);
  const row = (at: number) => b.op('Slice', [style, b.ints([at]), b.ints([at + 1]), b.ints([0])]);
  const noise = b.input(NOISE, 'float32', noiseDims(tier.channels[2]));
  const modulation = { styles: { coarse: row(0), fine: row(1) }, noise };
  const fixed = new FixedParameters(b, parameters, vector);
  const net: Building = { b, parameters: fixed, norm: 'live', seen: new Map(), modulation };
  return finishModel(b, styleNetwork(net, image, tier).picture);
}

/** The style vectors of a pool's styles. */
export async function styleVectors(
  tier: NetworkWidths,
  parameters: readonly Parameter[],
  vector: Float32Array,
  pool: StylePool,
): Promise<Float32Array[]> {
  const codes = pool.codes(pool.styles);
  const b = new GraphBuilder('mapping');
  const code = b.input(STYLE_INPUTS.code, 'float32', codes.dims);
  b.output('styles', mapping(b, new FixedParameters(b, parameters, vector), code, styleLength(tier)));
  const session = await GraphSession.open(b.build(), { threads: 1 });
  try {
    const all = (await session.run({ [STYLE_INPUTS.code]: codes }, ['styles'])).styles!.data as Float32Array;
    const length = styleLength(tier);
    return pool.styles.map((_, i) => all.slice(i * length, (i + 1) * length));
  } finally {
    await session.close();
  }
}

/**
 * The style vector of any picture: `picture` uint8 [1, height, width, 3], sides multiples of 8, to `style` float32
 * [1, length]. It is based on `styleCode`, so it needs no loss network.
 */
export function predictorModel(
  tier: NetworkWidths,
  parameters: readonly Parameter[],
  vector: Float32Array,
  { standard }: StylePool,
): Model {
  const b = new GraphBuilder('prediction');
  const picture = pictureOf(b, b.input('picture', 'uint8', [1, 'height', 'width', 3]));
  const of = (numbers: Float32Array) => b.constant('float32', [1, numbers.length], numbers);
  const away = b.op('Sub', [styleCode(b, picture), of(standard.mean)]);
  const standardised = b.op('Div', [away, of(standard.deviation)]);
  const [low, high] = [-MAX_CODE, MAX_CODE].map((value) => b.scalar('float32', value));
  const code = b.op('Clip', [standardised, low, high]);
  b.output('style', mapping(b, new FixedParameters(b, parameters, vector), code, styleLength(tier)));
  return b.build();
}

/** A network of many styles without its noise input: inputs `image` and `style`. */
export function withoutNoise(model: Model): Model {
  const graph = withoutZeros(model.graph, NOISE);
  graph.inputs = graph.inputs.filter(({ name }) => name !== NOISE);
  return { ...model, graph };
}

/** A network of many styles fixed to one of them, without noise: no further input is left. */
export function fixedStyle(model: Model, vector: Float32Array): Model {
  const fixed = withoutNoise(model);
  const data = Float32Array.from([...vector, ...vector]);
  fixed.graph.constants.set(STYLE, { type: 'float32', dims: [2, vector.length], data });
  fixed.graph.inputs = fixed.graph.inputs.filter(({ name }) => name !== STYLE);
  return fixed;
}

/** A style vector, rounded as in manifests. */
export function writtenVector(vector: Float32Array): number[] {
  return Array.from(vector, (value) => Number(value.toPrecision(6)));
}

/** The manifest entry of the styles; the first one is the default. */
export function manifestPart(
  tier: NetworkWidths,
  given: readonly { readonly name: string; readonly sha256?: string }[],
  vectors: readonly Float32Array[],
  predictor?: Uint8Array,
): { manifest: { inputs: FurtherInput[]; modulation: Modulation }; files: Record<string, Uint8Array> } {
  const rounded = vectors.map(writtenVector);
  const mean = rounded[0]!.map((_, i) => {
    const sum = rounded.reduce((total, vector) => total + vector[i]!, 0);
    return Number((sum / rounded.length).toPrecision(6));
  });
  const prediction = predictor && { file: PREDICTOR, sha256: checksum(predictor), bytes: predictor.length };
  const styles = given.map((style, i) => ({ ...style, vector: rounded[i]! }));
  const manifest = {
    inputs: [
      { name: STYLE, type: 'float32' as const, dims: [2, mean.length], default: [...rounded[0]!, ...rounded[0]!] },
      { name: NOISE, type: 'float32' as const, dims: noiseDims(tier.channels[2]), default: 0 },
    ],
    modulation: { input: STYLE, noise: NOISE, mean, styles, ...(prediction ? { prediction } : {}) },
  };
  return { manifest, files: predictor ? { [PREDICTOR]: predictor } : {} };
}

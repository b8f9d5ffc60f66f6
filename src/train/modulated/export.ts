import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { FurtherInput, Modulation } from '../../model/manifest.js';
import type { Building } from '../../nets/layers.js';
import { mapping, styleLength } from '../../nets/modulation.js';
import { styleNetwork } from '../../nets/network.js';
import { FixedParameters, type Parameter } from '../../nets/parameters.js';
import type { Tier } from '../../nets/tiers.js';
import { finished } from '../export.js';
import { Session } from '../session.js';
import type { StylePool } from './pool.js';
import { INPUTS } from './terms.js';

/** The network's further input [2, length]: a style vector for its coarse half, one for its fine half. */
const STYLE = 'style';

/**
 * The finished network: as `exportNetwork` makes it, with the further input `style` float32 [2, length]: what
 * chooses the strokes, and what chooses edges and colours. The weights of all convolutions are constants.
 */
export function exportModulated(tier: Tier, parameters: readonly Parameter[], vector: Float32Array): Promise<Model> {
  const b = new GraphBuilder('styles');
  const image = b.input('image', 'float32', [1, 3, 'height', 'width']);
  const style = b.input(STYLE, 'float32', [2, styleLength(tier)]);
  const row = (at: number) => b.op('Slice', [style, b.ints([at]), b.ints([at + 1]), b.ints([0])]);
  const modulation = { styles: { coarse: row(0), fine: row(1) } };
  const fixed = new FixedParameters(b, parameters, vector);
  const net: Building = { b, parameters: fixed, norm: 'live', seen: new Map(), modulation };
  return finished(b, styleNetwork(net, image, tier).picture);
}

/** The style vectors of a pool's styles. */
export async function styleVectors(
  tier: Tier,
  parameters: readonly Parameter[],
  vector: Float32Array,
  pool: StylePool,
): Promise<Float32Array[]> {
  const codes = pool.codes(pool.styles);
  const b = new GraphBuilder('mapping');
  const code = b.input(INPUTS.code, 'float32', codes.dims);
  b.output('styles', mapping(b, new FixedParameters(b, parameters, vector), code, styleLength(tier)));
  const session = await Session.open(b.build(), { threads: 1 });
  try {
    const all = (await session.run({ [INPUTS.code]: codes }, ['styles'])).styles!.data as Float32Array;
    const length = styleLength(tier);
    return pool.styles.map((_, i) => all.slice(i * length, (i + 1) * length));
  } finally {
    await session.close();
  }
}

/** A network of many styles with one of them for good: no further input is left. */
export function fixedStyle(model: Model, vector: Float32Array): Model {
  const constants = new Map(model.graph.constants);
  constants.set(STYLE, { type: 'float32', dims: [2, vector.length], data: Float32Array.from([...vector, ...vector]) });
  const inputs = model.graph.inputs.filter(({ name }) => name !== STYLE);
  return { ...model, graph: { ...model.graph, inputs, constants } };
}

/** What a manifest says of the styles; the first is the one that is painted where none is chosen. */
export function manifestPart(
  names: readonly string[],
  vectors: readonly Float32Array[],
): { inputs: FurtherInput[]; modulation: Modulation } {
  const rounded = vectors.map((vector) => Array.from(vector, (value) => Number(value.toPrecision(6))));
  const mean = rounded[0]!.map((_, i) => {
    const sum = rounded.reduce((total, vector) => total + vector[i]!, 0);
    return Number((sum / rounded.length).toPrecision(6));
  });
  return {
    inputs: [{ name: STYLE, type: 'float32', dims: [2, mean.length], default: [...rounded[0]!, ...rounded[0]!] }],
    modulation: { input: STYLE, mean, styles: names.map((name, i) => ({ name, vector: rounded[i]! })) },
  };
}

import { Tensor } from 'onnxruntime-common';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import { noiseInputOf } from '../../model/manifest/noise.js';
import type { FurtherInput, Manifest } from '../../model/manifest/types.js';
import { constant } from './picture-nodes.js';

/** The field of noise that varies the strokes, where there is any. */
export function noiseAsked(manifest: Manifest): FurtherInput | undefined {
  const noise = noiseInputOf(manifest);
  return noise?.default === 0 ? undefined : noise;
}

/** The rows and columns of a field of noise, after which it repeats. */
export interface NoisePeriod {
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the picture for each. */
  readonly stride: number;
}

/** The names of what places noise: where in its field it begins and ends. */
const PLACE = { from: 'noiseFrom', to: 'noiseTo' } as const;

/** Noise that begins anywhere in its field, as the inputs of {@link noiseFeeds} say. */
export function placedNoise(graph: GraphBuilder, noise: FurtherInput): Value {
  const field = constant(graph, noise);
  const fourfold = [1, 2].reduce((part, axis) => graph.op('Concat', [part, part], { axis }), field);
  const [from, to] = [PLACE.from, PLACE.to].map((name) => graph.input(name, 'int64', [2]));
  const cut = graph.op('Slice', [fourfold, from, to, graph.ints([1, 2])]);
  return graph.op('Reshape', [cut, graph.ints(noise.dims)]);
}

/**
 * What the nodes of {@link placedNoise} are fed with.
 *
 * @param corner where what the network sees begins, in pixels of what the noise lies on: whole strides
 */
export function noiseFeeds(
  { rows, columns, stride }: NoisePeriod,
  corner: { readonly x: number; readonly y: number },
): Record<string, Tensor> {
  const within = (at: number, period: number) => (((at / stride) % period) + period) % period;
  const [y, x] = [within(corner.y, rows), within(corner.x, columns)];
  const ints = (values: number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), [2]);
  return { [PLACE.from]: ints([y, x]), [PLACE.to]: ints([y + rows, x + columns]) };
}

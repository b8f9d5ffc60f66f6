import { Tensor } from 'onnxruntime-common';
import type { GraphBuilder, Value } from '../../graph/builder.js';
import { noiseInputOf } from '../../model/manifest/noise.js';
import type { FurtherInput, Manifest } from '../../model/manifest/types.js';
import { constant } from './picture-nodes.js';

/** The noise input that varies the strokes, if it is in use. */
export function activeNoiseInput(manifest: Manifest): FurtherInput | undefined {
  const noise = noiseInputOf(manifest);
  return noise?.default === 0 ? undefined : noise;
}

/** Rows and columns of a noise field, after which it repeats. */
export interface NoisePeriod {
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the picture per noise value. */
  readonly stride: number;
}

/** Names of the inputs that select a window of the noise field. */
const WINDOW_INPUTS = { from: 'noiseFrom', to: 'noiseTo' } as const;

/** A window of the noise field at any position, selected by the inputs of {@link noiseFeeds}. */
export function noiseWindow(graph: GraphBuilder, noise: FurtherInput): Value {
  const field = constant(graph, noise);
  const fourfold = [1, 2].reduce((part, axis) => graph.op('Concat', [part, part], { axis }), field);
  const [from, to] = [WINDOW_INPUTS.from, WINDOW_INPUTS.to].map((name) => graph.input(name, 'int64', [2]));
  const cut = graph.op('Slice', [fourfold, from, to, graph.ints([1, 2])]);
  return graph.op('Reshape', [cut, graph.ints(noise.dims)]);
}

/**
 * Feeds for the nodes of {@link noiseWindow}.
 *
 * @param corner corner of the network's input in pixels of the scene or picture: whole strides
 */
export function noiseFeeds(
  { rows, columns, stride }: NoisePeriod,
  corner: { readonly x: number; readonly y: number },
): Record<string, Tensor> {
  const within = (at: number, period: number) => (((at / stride) % period) + period) % period;
  const [y, x] = [within(corner.y, rows), within(corner.x, columns)];
  const ints = (values: number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), [2]);
  return { [WINDOW_INPUTS.from]: ints([y, x]), [WINDOW_INPUTS.to]: ints([y + rows, x + columns]) };
}

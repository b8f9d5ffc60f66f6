import { OptionError } from '../../errors.js';
import { GraphBuilder, type Value } from '../../graph/builder.js';
import type { Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { paintedSide, scalesOf } from '../pictures/levels.js';
import { paintObjective } from './objective.js';
import { LBFGS } from './optimizer.js';

/**
 * Memory of the process before painting, and ratio of ONNX Runtime's memory to live tensors in node order: measured at
 * 272×192 and 512×512 with VGG-19 to relu3_1, 2.9 and 3.0 times.
 */
const BASE = 250e6;
const OVERHEAD = 3;

/**
 * Estimated memory of painting at full size in bytes: the peak of live tensors while computing the objective node by
 * node, and the optimizer's vectors.
 */
export function paintingBytes(network: LossNetwork, width: number, height: number, scales: number): number {
  const b = new GraphBuilder('memory');
  const small = network.features(b, b.input('small', 'float32', [1, 3, 64, 64]), network.styleLayers);
  const layers = new Map([...small].map(([layer, { dims }]): [string, Tensor] => [layer, empty(Number(dims[1]))]));
  const before = b.nodes.length;
  const picture = b.input('picture', 'float32', [1, 3, height, width]);
  const target = Array.from({ length: scales }, () => layers);
  const weights = { content: 1, style: 1, smoothness: 1, chroma: 1, range: 1 };
  paintObjective(b, picture, { network, target, width, height, weights });
  const vectors = (2 * LBFGS.pairs + 8) * sizeOf(picture);
  return BASE + OVERHEAD * mostAlive(b, before) + vectors;
}

/**
 * Refuses a painting that would not fit.
 *
 * @throws OptionError PAINT_MEMORY, naming the largest size that fits.
 */
export function checkMemory(network: LossNetwork, aspect: number, size: number, memory: number): void {
  const needs = (longer: number) => {
    const scales = scalesOf(longer);
    return paintingBytes(network, paintedSide(longer, scales), paintedSide(longer * aspect, scales), scales);
  };
  const needed = needs(size);
  if (needed <= memory) return;
  let fits = Math.floor((size - 1) / 64) * 64;
  while (fits >= 64 && needs(fits) > memory) fits -= 64;
  const more = `--memory ${Math.ceil(needed / 2 ** 20)}M`;
  throw new OptionError(
    'PAINT_MEMORY',
    `size: expected a painting that fits into ${megabytes(memory)}, got ${size} pixels, which take about ${megabytes(needed)}`,
    { hint: fits >= 64 ? `Use --size ${fits}, or allow ${more}.` : `Allow ${more}.` },
  );
}

/** Peak bytes of values computed from node `first` on. */
function mostAlive(b: GraphBuilder, first: number): number {
  const nodes = b.nodes.slice(first);
  const lastUse = new Map<string, number>();
  nodes.forEach(({ inputs }, i) => {
    for (const name of inputs) lastUse.set(name, i);
  });
  const made = new Set<string>();
  let [alive, most] = [0, 0];
  nodes.forEach(({ inputs, outputs }, i) => {
    for (const name of outputs) {
      if (!lastUse.has(name)) continue;
      made.add(name);
      alive += sizeOf(b.value(name));
    }
    most = Math.max(most, alive);
    for (const name of new Set(inputs)) {
      if (lastUse.get(name) === i && made.has(name)) alive -= sizeOf(b.value(name));
    }
  });
  return most;
}

function sizeOf({ dims }: Value): number {
  return dims.reduce<number>((product, dim) => product * Number(dim), 4);
}

function empty(channels: number): Tensor {
  return { type: 'float32', dims: [1, channels, channels], data: new Float32Array(channels * channels) };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

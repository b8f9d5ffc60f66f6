import type { GraphBuilder, Value } from '../../graph/builder.js';
import type { LossNetwork } from './network.js';

/** Sides of the filters, and how many there are of each. */
const SIDES = [3, 7, 11];
const COUNT = 32;

/**
 * A loss network that needs no file: one layer of fixed random filters of three sizes with ReLU, which carries
 * textures surprisingly well when it is compared at several scales (Ustyuzhaninov 2016, arXiv 1606.00021), though not
 * as well as VGG-19. It is the same on every machine.
 */
export function randomFilters(): LossNetwork {
  const layers = SIDES.map((side) => `random${side}`);
  const weights = SIDES.map((side, i) => filters(side, i + 1));
  return {
    name: 'fixed random filters (no loss network was given: VGG-19 gives better strokes)',
    layers,
    styleLayers: layers,
    contentLayers: [layers[1]!],
    objective: { style: [layers, layers], deep: [], content: { layer: layers[1]!, scale: 1 }, structure: layers[0]! },
    features: (b, image, wanted) => {
      // Roughly centred at 0, so that ReLU keeps half of each response.
      const centred = b.op('Mul', [b.op('Sub', [image, b.scalar('float32', 0.45)]), b.scalar('float32', 4)]);
      return new Map(wanted.map((layer) => [layer, response(b, centred, weights[layers.indexOf(layer)]!)]));
    },
  };
}

function response(b: GraphBuilder, image: Value, { side, data, bias }: ReturnType<typeof filters>): Value {
  const pad = (side - 1) / 2;
  const wide = b.op('Pad', [image, b.ints([0, 0, pad, pad, 0, 0, pad, pad])], { mode: 'reflect' });
  const kernels = b.constant('float32', [COUNT, 3, side, side], data);
  return b.op('Relu', [b.op('Conv', [wide, kernels, b.constant('float32', [COUNT], bias)])]);
}

/** Random filters of unit length: each a mixture of structure within the window and of its mean colour. */
function filters(side: number, seed: number) {
  const next = noise(seed);
  const area = side * side;
  const data = new Float32Array(COUNT * 3 * area);
  for (let filter = 0; filter < COUNT; filter++) {
    const values = Array.from({ length: 3 * area }, next);
    const colour = [0, 1, 2].map(() => next() * Math.sqrt(area) * 0.2);
    const mean = [0, 1, 2].map((c) => values.slice(c * area, (c + 1) * area).reduce((a, v) => a + v, 0) / area);
    const mixed = values.map((value, i) => {
      const c = Math.floor(i / area);
      return value - mean[c]! + colour[c]! / Math.sqrt(area);
    });
    const length = Math.hypot(...mixed);
    data.set(
      mixed.map((value) => value / length),
      filter * 3 * area,
    );
  }
  return { side, data, bias: Float32Array.from({ length: COUNT }, () => next() * 0.2) };
}

/**
 * Uniform numbers from about −1.7 to 1.7 with standard deviation 1 (Lehmer's generator), which suffice for fixed
 * filters.
 */
function noise(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647 - 0.5) * Math.sqrt(12);
  };
}

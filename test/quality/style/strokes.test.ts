import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import { randomFilters } from '#src/losses/networks/random-filters.js';
import type { WeightTensor } from '#src/losses/networks/safetensors.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { type GramSet, gramName } from '#src/quality/style/comparison.js';
import { missingLayers, seesStrokes, strokeDistance, strokeLayers, strokesModel } from '#src/quality/style/strokes.js';
import { numbers, run } from '../../graph/run.js';
import { waves } from '../../reference/wave.js';

const SIDE = 64;

/** VGG-19 of four channels a layer, to relu4_1 or to relu3_1. */
function small(convolutions: number) {
  const names = ['1_1', '1_2', '2_1', '2_2', '3_1', '3_2', '3_3', '3_4', '4_1'].slice(0, convolutions);
  const weights = new Map<string, WeightTensor>();
  for (const [i, name] of names.entries()) {
    const inner = i === 0 ? 3 : 4;
    weights.set(`conv${name}.weight`, { dims: [4, inner, 3, 3], data: waves(4 * inner * 9, i, 0.3, 0) });
    weights.set(`conv${name}.bias`, { dims: [4], data: waves(4, i + 20, 0.1, 0.1) });
  }
  return vgg19(weights);
}
const [deep, shallow] = [small(9), small(5)];

const picture = (value: (x: number, y: number) => number) =>
  Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => value(Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)));
const shapes = (x: number, y: number) => 128 + 60 * Math.sin(x / 9) * Math.cos(y / 11);
const plain = picture(shapes);
const striped = picture((x, y) => Math.round(shapes(x, y)) + (x % 2 ? 30 : -30));
const blotched = picture((x, y) => shapes(x, y) + (Math.hypot(x - 30, y - 26) < 15 ? -70 : 0));

async function look(network: ReturnType<typeof vgg19>, painted: Uint8Array, photograph: Uint8Array) {
  const dims = [1, SIDE, SIDE, 3];
  const feeds = { painted: tensor('uint8', dims, painted), photograph: tensor('uint8', dims, photograph) };
  const found = await run(strokesModel(network, SIDE, SIDE), feeds);
  const grams: GramSet = strokeLayers(network).map(
    (layers, scale) =>
      new Map(layers.map((layer) => [layer, Float32Array.from(numbers(found[gramName(scale, layer)]!))])),
  );
  return { grams, structure: numbers(found.structure!)[0]! };
}

describe('strokes and structure', () => {
  it('are at no distance from the picture itself', async () => {
    const { grams, structure } = await look(deep, plain, plain);
    expect(structure).toBe(0);
    expect(strokeDistance(grams, grams)).toBe(0);
  });

  it('are told apart: stripes change the strokes alone', async () => {
    const own = await look(deep, plain, plain);
    const [strokes, blotch] = [await look(deep, striped, plain), await look(deep, blotched, plain)];
    expect(strokes.structure).toBeLessThan(0.001);
    expect(blotch.structure).toBeGreaterThan(0.05);
    expect(strokeDistance(strokes.grams, own.grams)).toBeGreaterThan(0.03);
  });

  it('weigh full size, half size and relu4_1 alike', () => {
    const grams = (full: number, half: number, larger?: number): GramSet => [
      new Map([
        ...['relu1_1', 'relu2_1', 'relu3_1'].map((layer) => [layer, Float32Array.of(1, 1 + full)] as const),
        ...(larger === undefined ? [] : [['relu4_1', Float32Array.of(1, 1 + larger)] as const]),
      ]),
      new Map(['relu1_1', 'relu2_1', 'relu3_1'].map((layer) => [layer, Float32Array.of(1, 1 + half)])),
    ];
    // Of a target (1, 1): Σ (G − T)² / Σ T² is half the square of what is added.
    expect(strokeDistance(grams(0.2, 0.4, 0.6), grams(0, 0, 0))).toBeCloseTo((0.02 + 0.08 + 0.18) / 3, 6);
    expect(strokeDistance(grams(0.2, 0.4), grams(0, 0))).toBeCloseTo((0.02 + 0.08) / 2, 6);
  });

  it('know what a loss network cannot tell', async () => {
    expect([deep, shallow, randomFilters()].map(seesStrokes)).toEqual([true, true, false]);
    expect(missingLayers(deep)).toEqual([]);
    expect(missingLayers(shallow)).toEqual(['relu4_1']);
    const { grams, structure } = await look(shallow, blotched, plain);
    expect(grams[0]!.size).toBe(3);
    expect(structure).toBeGreaterThan(0);
  });
});

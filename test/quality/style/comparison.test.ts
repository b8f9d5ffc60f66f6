import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import type { Tensor } from '#src/graph/types.js';
import { randomFilters } from '#src/losses/networks/random-filters.js';
import { comparisonModel, type GramSet, gramName, styleDistance } from '#src/quality/style/comparison.js';
import { distanceModel } from '#src/quality/style/distance.js';
import { numbers, run } from '../../graph/run.js';

const [WIDTH, HEIGHT, SCALES] = [64, 32, 2];
const network = randomFilters();

const bytes = (phase: number) =>
  Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => 127 + 100 * Math.sin(i / (7 + phase) + phase));

async function judge(painted: Uint8Array, photograph: Uint8Array) {
  const dims = [1, HEIGHT, WIDTH, 3];
  const feeds = { painted: tensor('uint8', dims, painted), photograph: tensor('uint8', dims, photograph) };
  const found = await run(comparisonModel(network, WIDTH, HEIGHT, SCALES), feeds);
  const grams: GramSet = Array.from(
    { length: SCALES },
    (_, scale) =>
      new Map(
        network.styleLayers.map(
          (layer) => [layer, Float32Array.from(numbers(found[gramName(scale, layer)]!))] as const,
        ),
      ),
  );
  return { grams, content: numbers(found.content!)[0]! };
}

describe('judgeModel', () => {
  it('finds no distance between a picture and itself', async () => {
    const { grams, content } = await judge(bytes(1), bytes(1));
    expect(content).toBe(0);
    expect(styleDistance(grams, grams)).toBe(0);
  });

  it('gives the distances that training minimises, of content at full size', async () => {
    const [painted, style] = [await judge(bytes(1), bytes(2)), await judge(bytes(3), bytes(3))];
    const target = style.grams.map(
      (layers) =>
        new Map<string, Tensor>(
          [...layers].map(([layer, gram]) => {
            const side = Math.sqrt(gram.length);
            return [layer, tensor('float32', [1, side, side], gram)];
          }),
        ),
    );
    const planes = (data: Uint8Array) => {
      const area = WIDTH * HEIGHT;
      const values = Float32Array.from(
        { length: 3 * area },
        (_, i) => data[(i % area) * 3 + Math.floor(i / area)]! / 255,
      );
      return tensor('float32', [1, 3, HEIGHT, WIDTH], values);
    };
    const [layer] = network.contentLayers;
    const objective = { ...network.objective, content: { layer: layer!, scale: 0 as const } };
    const expected = await run(distanceModel({ ...network, objective }, target, WIDTH, HEIGHT), {
      painted: planes(bytes(1)),
      photograph: planes(bytes(2)),
    });
    expect(styleDistance(painted.grams, style.grams)).toBeCloseTo(numbers(expected.style!)[0]!, 4);
    expect(painted.content).toBeCloseTo(numbers(expected.content!)[0]!, 4);
  });
});

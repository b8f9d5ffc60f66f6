import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { writeModel } from '#src/graph/onnx/write.js';
import type { Graph } from '#src/graph/types.js';
import { chosenStyle } from '#src/model/blend.js';
import { styleNetwork } from '#src/nets/network.js';
import { initialParameters, TrainedParameters } from '#src/nets/parameters/parameters.js';
import { TIERS } from '#src/nets/tiers.js';
import { exportModulated, fixedStyle } from '#src/train/methods/modulated/export.js';
import { exportNetwork } from '#src/train/weights/export.js';
import { difference, painted, scene } from '../../../engine/pictures.js';
import { asIfLearned, manyParameters, manyStyles } from '../../../fixtures/many-styles.js';
import { numbers, run } from '../../../graph/run.js';
import { waves } from '../../../reference/wave.js';

/** Names of values that are constant, or constants cast to another type. */
function constantNames(graph: Graph): Set<string> {
  const names = new Set(graph.constants.keys());
  for (const { op, inputs, outputs } of graph.nodes) {
    if (op === 'Cast' && names.has(inputs[0]!)) names.add(outputs[0]!);
  }
  return names;
}

describe('the exported network of many styles', () => {
  it('has constant convolutions: styles scale and shift what they give', async () => {
    const list = manyParameters(TIERS.tiny);
    const { graph } = await exportModulated(TIERS.tiny, list, asIfLearned(list));
    expect(graph.inputs.map(({ name, dims }) => [name, dims])).toEqual([
      ['image', [1, 3, 'height', 'width']],
      ['style', [2, 16]],
      ['noise', [32, 64, 64]],
    ]);
    const known = constantNames(graph);
    const convolutions = graph.nodes.filter(({ op }) => op === 'Conv');
    expect(convolutions.length).toBe(10);
    for (const { inputs } of convolutions) expect(inputs.slice(1).filter((name) => !known.has(name))).toEqual([]);
    const norms = graph.nodes.filter(({ op }) => op === 'InstanceNormalization');
    expect(norms.length).toBe(9);
    for (const { inputs } of norms) expect(inputs.slice(1).some((name) => known.has(name))).toBe(false);
  });

  it.each(['lite', 'standard', 'tiny'] as const)('%s is at most 1.3 times as large as one style', async (tier) => {
    const list = manyParameters(TIERS[tier]);
    const many = writeModel(await exportModulated(TIERS[tier], list, initialParameters(list, 1)));
    const b = new GraphBuilder();
    const parameters = new TrainedParameters(b);
    styleNetwork(
      { b, parameters, norm: 'live', seen: new Map() },
      b.input('x', 'float32', [1, 3, 64, 64]),
      TIERS[tier],
    );
    const start = initialParameters(parameters.list, 1);
    const one = writeModel(await exportNetwork(TIERS[tier], parameters.list, start, 'live'));
    expect(many.length / one.length).toBeLessThan(1.3);
  });

  it('paints as with its style for good', async () => {
    const list = manyParameters(TIERS.tiny);
    const model = await exportModulated(TIERS.tiny, list, asIfLearned(list));
    const vector = waves(16, 0.4, 1);
    const image = tensor('float32', [1, 3, 40, 48], waves(3 * 40 * 48, 0.2, 0.4, 0.5));
    const style = tensor('float32', [2, 16], [...vector, ...vector]);
    const noise = tensor('float32', [32, 64, 64], new Float32Array(32 * 64 * 64));
    const fed = numbers((await run(model, { image, style, noise })).stylized!);
    const fixed = numbers((await run(fixedStyle(model, vector), { image })).stylized!);
    fixed.forEach((value, i) => {
      expect(Math.abs(value - fed[i]!)).toBeLessThan(1e-4);
    });
  });
});

describe('painting with many styles', async () => {
  const [width, height] = [97, 66];
  const data = scene(width, height);
  const style = await manyStyles('many', ['wave', 'scream', 'kiss']);
  const paint = async (choice: Parameters<typeof chosenStyle>[1]) =>
    (await painted(chosenStyle(style, choice), data, width, height)).data;

  it('with all the weight on one style is that style, exactly', async () => {
    const [wave, alone] = [await paint({ blend: { wave: 1 } }), await paint({ blend: { wave: 1, scream: 0 } })];
    expect(difference(alone, wave).max).toBe(0);
    expect(difference(wave, await paint({})).max).toBe(0);
  });

  it('goes from one style to another, and lets edges and colours go another way', async () => {
    const [wave, half, scream, fine] = [
      await paint({ blend: { wave: 1 } }),
      await paint({ blend: { wave: 0.5, scream: 0.5 } }),
      await paint({ blend: { scream: 1 } }),
      await paint({ blend: { wave: 1 }, fineBlend: { scream: 1 } }),
    ];
    const apart = difference(wave, scream).mean;
    expect(apart).toBeGreaterThan(5);
    expect(difference(half, wave).mean).toBeLessThan(apart);
    expect(difference(half, scream).mean).toBeLessThan(apart);
    for (const other of [wave, scream]) expect(difference(fine, other).mean).toBeGreaterThan(1);
  });

  it('takes statistics of the whole picture where it paints in tiles', async () => {
    const large = scene(1024, 768);
    const whole = await painted(style, large, 1024, 768);
    const tiled = await painted(style, large, 1024, 768, { memory: 2 ** 24 });
    expect([whole.tiles, tiled.tiles > 1]).toEqual([1, true]);
    const other = await painted(chosenStyle(style, { blend: { scream: 1 } }), large, 1024, 768);
    expect(difference(tiled.data, whole.data).mean).toBeLessThan(difference(tiled.data, other.data).mean / 2);
  });
});

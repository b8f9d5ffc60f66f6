import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import { randomFilters } from '#src/losses/networks/random-filters.js';
import { initialParameters, partOf } from '#src/nets/parameters/parameters.js';
import { trainingStep } from '#src/train/objective/step.js';
import { numbers, run } from '../../graph/run.js';
import { palette, shown } from '../subject.js';

const network = randomFilters();
const size = 96;
const bytes = (seed: number) =>
  tensor(
    'uint8',
    [1, size, size, 3],
    Uint8Array.from({ length: size * size * 3 }, (_, i) => 127 + 100 * Math.sin(i / (5 + seed)) * Math.cos(i / 700)),
  );
const target = network.objective.style.map(
  (layers) => new Map(layers.map((layer) => [layer, tensor('float32', [1, 32, 32], new Float32Array(1024))])),
);
const none = {
  content: 0,
  light: 0,
  colour: 0,
  tint: 0,
  cast: 0,
  style: 0,
  smoothness: 0,
  range: 0,
  temporal: 0,
  pixels: 0,
  mesh: 0,
};

/** A step of a style's training from the start, with nothing but a discriminator in the objective. */
async function step(adversarial: number) {
  const made = trainingStep({
    tier: { channels: [4, 6, 8], blocks: 1 },
    size,
    batch: 1,
    norm: 'live',
    motion: false,
    weights: { ...none, adversarial },
    network,
    target,
    palette,
    rate: 1e-3,
    warmUp: 1,
    clip: 1,
    seed: 1,
  });
  const start = initialParameters(made.parameters, 1);
  const state = (data: Float32Array) => tensor('float32', [start.length], data);
  const got = await run(made.model, {
    ...(await shown(made.subject!, bytes(1))),
    ...(adversarial > 0 ? { domain: bytes(9) } : {}),
    step: tensor('float32', [], [0]),
    total: tensor('float32', [], [100]),
    balance: tensor('float32', [], [0]),
    parameters: state(start),
    mean: state(new Float32Array(start.length)),
    square: state(new Float32Array(start.length)),
    grams: tensor('float32', [made.grams!.length], made.grams!),
  });
  const next = Float32Array.from(numbers(got.parameters_next!));
  /** The largest step of a parameter. */
  const move = (name: string) => {
    const [before, after] = [start, next].map((vector) => partOf(vector, made.parameters, name)) as [
      Float32Array,
      Float32Array,
    ];
    return before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i]!)), 0);
  };
  return { ...made, move, report: (name: string) => numbers(got[name]!)[0]! };
}

describe('a discriminator beside the style of a picture', () => {
  it('learns at a fifth of the rate, after the network in the list, and moves every part of the network', async () => {
    const { parameters, networkLength: painters, reports, move, report } = await step(0.5);
    expect(reports).toEqual(expect.arrayContaining(['adversarial', 'discriminator', 'share']));
    expect(parameters.findIndex(({ name }) => name === 'patch1.weight')).toBe(painters);
    for (const name of ['fine.weight', 'body1.1.weight', 'merge2.weight', 'paint.detail'])
      expect(move(name), name).toBeGreaterThan(1e-4);
    // Adam's first step is as long as the rate.
    expect(move('paint.detail')).toBeCloseTo(1e-3, 5);
    expect(move('patch1.weight')).toBeCloseTo(2e-4, 5);
    expect(report('loss')).toBeCloseTo(0.5 * report('adversarial'), 6);
  });

  it('is not there where it does not count', async () => {
    const { parameters, networkLength: painters, reports, move } = await step(0);
    expect(parameters).toHaveLength(painters);
    expect(reports).not.toContain('adversarial');
    expect(move('fine.weight')).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { discriminatorAccuracy, discriminatorLoss, generatorLoss } from '#src/losses/terms/adversarial.js';
import { pictureOf } from '#src/losses/terms/picture.js';
import { discriminator } from '#src/nets/discriminator.js';
import { styleNetwork } from '#src/nets/network.js';
import { FixedParameters, initialParameters, partOf, TrainedParameters } from '#src/nets/parameters/parameters.js';
import { type AdversarialSettings, adversarialStep } from '#src/train/methods/adversarial/step.js';
import { numbers, run } from '../../../graph/run.js';

const tier = { channels: [4, 6, 8], blocks: 1 } as const;
const size = 64;
const bytes = (seed: number) =>
  tensor(
    'uint8',
    [1, size, size, 3],
    Uint8Array.from({ length: size * size * 3 }, (_, i) => 127 + 100 * Math.sin(i / (5 + seed)) * Math.cos(i / 700)),
  );

/** A step from the start, and what it made of every parameter. */
async function step(extra: Partial<AdversarialSettings> & { weights?: AdversarialSettings['weights'] }) {
  const weights = { content: 1, style: 1, range: 10, temporal: 0 };
  const shared = { tier, size, batch: 1, content: true, joint: true, motion: false, weights, rate: 1e-3 };
  const made = adversarialStep({ ...shared, warmUp: 1, clip: 1, seed: 1, ...extra });
  const start = initialParameters(made.parameters, 1);
  // Where the branch paints nothing but grey, as it does at first, nothing can reach what is before it.
  if (made.parameters.some(({ name }) => name === 'content.paint.weight')) {
    partOf(start, made.parameters, 'content.paint.weight').forEach((_, i, all) => {
      all[i] = 0.3 * Math.sin(i + 1);
    });
  }
  const zeros = () => tensor('float32', [start.length], new Float32Array(start.length));
  const got = await run(made.model, {
    photographs: bytes(1),
    domain: bytes(9),
    step: tensor('float32', [], [0]),
    total: tensor('float32', [], [100]),
    parameters: tensor('float32', [start.length], start),
    mean: zeros(),
    square: zeros(),
    ...(extra.content === false ? {} : { veil: tensor('int64', [2], [3n, 5n] as never) }),
  });
  const next = Float32Array.from(numbers(got.parameters_next!));
  const moves = (name: string) => {
    const [before, after] = [start, next].map((vector) => partOf(vector, made.parameters, name)) as [
      Float32Array,
      Float32Array,
    ];
    return before.some((value, i) => value !== after[i]);
  };
  const report = (name: string) => numbers(got[name]!)[0]!;
  return { ...made, start, next, moves, report };
}

describe('the adversarial step', () => {
  it('teaches the content to the branch and the encoder alone at first, and then to the whole network', async () => {
    const weights = { content: 1, style: 0, range: 0, temporal: 0 };
    const apart = await step({ weights, joint: false });
    expect(['content.merge.weight', 'fine.weight', 'coarse.weight'].map(apart.moves)).toEqual([true, true, true]);
    expect(['body1.1.weight', 'merge2.weight', 'paint.detail'].map(apart.moves)).toEqual([false, false, false]);
    const jointly = await step({ weights, joint: true });
    expect(['body1.1.weight', 'merge2.weight', 'paint.detail'].map(jointly.moves)).toEqual([true, true, true]);
  });

  it('has no content branch where none is asked for', async () => {
    const { parameters, reports, moves } = await step({ content: false });
    expect(parameters.some(({ name }) => name.startsWith('content'))).toBe(false);
    expect(reports).toEqual(['adversarial', 'range', 'discriminator', 'share', 'loss', 'norm']);
    expect(['paint.detail', 'fine.weight', 'patch1.weight', 'verdict.bias'].map(moves)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('judges first and deceives then: the network meets the discriminator that has just learned', async () => {
    const { parameters, start, next, report } = await step({});
    const verdicts = async (judge: Float32Array) => {
      const b = new GraphBuilder();
      const [photograph, domain] = ['photographs', 'domain'].map((name) =>
        pictureOf(b, b.input(name, 'uint8', [1, size, size, 3])),
      );
      const painter = new FixedParameters(b, parameters, start);
      const { picture } = styleNetwork({ b, parameters: painter, norm: 'live', seen: new Map() }, photograph!, tier);
      const both = b.op('Concat', [domain!, picture], { axis: 0 });
      const judged = discriminator(b, new FixedParameters(b, parameters, judge), both);
      const [real, fake] = b.ops('Split', [judged], { axis: 0 }, { outputs: 2 });
      b.output('discriminator', discriminatorLoss(b, real!, fake!));
      b.output('share', discriminatorAccuracy(b, real!, fake!));
      b.output('adversarial', generatorLoss(b, fake!));
      const got = await run(b.build(), { photographs: bytes(1), domain: bytes(9) });
      return (name: string) => numbers(got[name]!)[0]!;
    };
    const [untaught, taught] = [await verdicts(start), await verdicts(next)];
    expect(report('discriminator')).toBeCloseTo(untaught('discriminator'), 5);
    expect(report('share')).toBeCloseTo(untaught('share'), 5);
    expect(report('adversarial')).toBeCloseTo(taught('adversarial'), 5);
    expect(Math.abs(untaught('adversarial') - taught('adversarial'))).toBeGreaterThan(1e-3);
    expect(taught('discriminator')).toBeLessThan(untaught('discriminator'));
  });
});

describe('the discriminator', () => {
  it('says one thing of a patch of 46 pixels, and one more every 8 pixels', () => {
    const verdicts = (height: number, width: number) => {
      const b = new GraphBuilder();
      return discriminator(b, new TrainedParameters(b), b.input('image', 'float32', [2, 3, height, width])).dims;
    };
    expect(verdicts(46, 46)).toEqual([2, 1, 1, 1]);
    expect(verdicts(54, 53)).toEqual([2, 1, 2, 1]);
    expect(() => verdicts(45, 46)).toThrow();
  });
});

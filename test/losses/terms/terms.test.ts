import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { contentLoss } from '#src/losses/terms/content.js';
import { gram } from '#src/losses/terms/gram.js';
import { rangeLoss, smoothnessLoss } from '#src/losses/terms/picture.js';
import { pyramid, styleLoss } from '#src/losses/terms/style.js';
import { featureLoss, luminance, temporalLoss } from '#src/losses/terms/temporal.js';
import { numbers, run } from '../../graph/run.js';

type Given = [dims: number[], values: number[]];

/** The numbers that a term of the objective gives for some tensors. */
async function value(build: (b: GraphBuilder, ...inputs: Value[]) => Value, ...given: Given[]): Promise<number[]> {
  const b = new GraphBuilder();
  const inputs = given.map(([dims], i) => b.input(`x${i}`, 'float32', dims));
  b.output('y', build(b, ...inputs));
  const got = await run(
    b.build(),
    Object.fromEntries(given.map(([dims, values], i) => [`x${i}`, tensor('float32', dims, values)])),
  );
  return numbers(got.y!);
}

describe('the terms of the objective', () => {
  it('gram: the mean over pixels of the products of channels', async () => {
    const features: Given = [
      [1, 2, 1, 2],
      [1, 3, 2, -1],
    ];
    // Channels (1, 3) and (2, −1): products 10, −1, 5 over two pixels.
    expect(await value((b, f) => gram(b, f!), features)).toEqual([5, -0.5, -0.5, 2.5]);
  });

  it('style: the mean distance as a share of the target, over scales and layers', async () => {
    const one: Given = [[1, 1, 1], [3]];
    const two: Given = [[1, 1, 1], [2]];
    const share = (b: GraphBuilder, x: Value, t: Value) =>
      styleLoss(b, [new Map([['a', x]]), new Map([['a', t]])], [new Map([['a', t]]), new Map([['a', t]])]);
    expect((await value((b, x, t) => share(b, x!, t!), one, two))[0]).toBeCloseTo(((3 - 2) ** 2 / 4 + 0) / 2, 6);
  });

  it('style: counts pictures of a batch alike', async () => {
    const batch: Given = [
      [2, 1, 1],
      [3, 5],
    ];
    const target: Given = [[1, 1, 1], [2]];
    const loss = (b: GraphBuilder, x: Value, t: Value) => styleLoss(b, [new Map([['a', x]])], [new Map([['a', t]])]);
    expect((await value((b, x, t) => loss(b, x!, t!), batch, target))[0]).toBeCloseTo((1 + 9) / 8, 6);
  });

  it('style: a deep layer counts as a scale of its own', async () => {
    const far = (distance: number): Given => [[1, 1, 1], [2 + 2 * Math.sqrt(distance)]];
    const target: Given = [[1, 1, 1], [2]];
    const loss = (b: GraphBuilder, t: Value, ...[first, second, deep, half]: Value[]) =>
      styleLoss(
        b,
        [
          new Map([
            ['a', first!],
            ['b', second!],
            ['deep', deep!],
          ]),
          new Map([['a', half!]]),
        ],
        [
          new Map([
            ['a', t],
            ['b', t],
            ['deep', t],
          ]),
          new Map([['a', t]]),
        ],
        ['deep'],
      );
    const [got] = await value(
      (b, t, ...painted) => loss(b, t!, ...painted),
      target,
      far(0.1),
      far(0.3),
      far(0.5),
      far(0.9),
    );
    expect(got).toBeCloseTo(((0.1 + 0.3) / 2 + 0.5 + 0.9) / 3, 6);
  });

  it('content: the share of the energy, averaged over layers', async () => {
    const loss = (b: GraphBuilder, x: Value, t: Value) =>
      contentLoss(
        b,
        new Map([
          ['a', x],
          ['b', t],
        ]),
        new Map([
          ['a', t],
          ['b', t],
        ]),
      );
    expect(
      (
        await value(
          (b, x, t) => loss(b, x!, t!),
          [
            [1, 1, 1, 2],
            [1, 4],
          ],
          [
            [1, 1, 1, 2],
            [3, 4],
          ],
        )
      )[0],
    ).toBeCloseTo(4 / 25 / 2, 6);
  });

  it('smoothness: squared steps down and across', async () => {
    const picture: Given = [
      [1, 1, 2, 2],
      [0, 1, 3, 3],
    ];
    // Down: 3 and 2; across: 1 and 0.
    expect(await value((b, x) => smoothnessLoss(b, x!), picture)).toEqual([(9 + 4) / 2 + (1 + 0) / 2]);
  });

  it('range: what lies outside of 0 to 1', async () => {
    const [got] = await value(
      (b, x) => rangeLoss(b, x!),
      [
        [1, 1, 1, 4],
        [-1, 0.5, 1.5, 1],
      ],
    );
    expect(got).toBeCloseTo((1 + 0.25) / 4, 6);
  });

  it('pyramid: means of 2×2 pixels', async () => {
    expect(
      await value(
        (b, x) => pyramid(b, x!, 2)[1]!,
        [
          [1, 1, 2, 4],
          [1, 2, 3, 4, 5, 6, 7, 8],
        ],
      ),
    ).toEqual([3.5, 5.5]);
  });

  it('luminance: green counts most', async () => {
    const [got] = await value(
      (b, x) => luminance(b, x!),
      [
        [1, 3, 1, 1],
        [1, 2, 3],
      ],
    );
    expect(got).toBeCloseTo(0.2126 + 2 * 0.7152 + 3 * 0.0722, 5);
  });

  it('temporal: what changes beyond the light, where the motion is known, as a share of the variance', async () => {
    const given: Given[] = [
      [
        [1, 3, 1, 2],
        [0.5, 9, 0.5, 9, 0.5, 9],
      ],
      [
        [1, 3, 1, 2],
        [0.1, 0, 0.2, 0, 0.4, 0],
      ],
      [
        [1, 1, 1, 2],
        [0.1, 0],
      ],
      [
        [1, 1, 1, 2],
        [1, 0],
      ],
    ];
    const [got] = await value(
      (b, later, warped, change, mask) => temporalLoss(b, later!, warped!, change!, mask!),
      ...given,
    );
    expect(got).toBeCloseTo((0.3 ** 2 + 0.2 ** 2 + 0) / (3 + 1) / (4.25 ** 2 + 1e-3), 6);
  });

  describe('features', () => {
    const ofAll = (values: number[]): Given => [[1, 1, 1, values.length], values];
    const share = async (later: number[], warped: number[], mask = later.map(() => 1)) => {
      const build = (b: GraphBuilder, l: Value, w: Value, m: Value) => featureLoss(b, l, w, m);
      return (await value(build, ofAll(later), ofAll(warped), ofAll(mask)))[0]!;
    };

    it('what differs where the motion is known, as a share of the mean variance of both', async () => {
      expect(await share([0, 4, 2], [1, 1, 7], [1, 1, 0])).toBeCloseTo((1 + 9) / (2 + 1) / ((8 / 3 + 8) / 2 + 1e-3), 5);
    });

    it('what the variance lacks to 0.03 counts besides: features that vanish are not steady', async () => {
      const of = (deviation: number) => [deviation, -deviation, deviation, -deviation];
      expect(await share(of(0.2), of(0.2))).toBeCloseTo(0, 6);
      expect(await share(of(0.1), of(0.1))).toBeCloseTo(1 - 0.01 / 0.03, 5);
      expect(await share(of(0), of(0))).toBeCloseTo(1, 6);
    });

    it('neither weaker nor stronger features are any steadier, as long as the noise in them is alike', async () => {
      const scene = Array.from({ length: 400 }, (_, i) => 3 * Math.sin(i));
      const noise = (n: number) => scene.map((level, i) => level + Math.cos(i * (2.3 + n)));
      const [one, other] = [noise(0), noise(1.1)];
      const spread = (values: number[]) => Math.sqrt(values.reduce((sum, level) => sum + level ** 2, 0));
      const alike = other.map((level) => (level * spread(one)) / spread(other));
      const scaled = async (by: number) =>
        share(
          one.map((level) => level * by),
          alike,
        );
      const [weaker, as, stronger] = [await scaled(0.99), await scaled(1), await scaled(1.01)];
      // As a share of the earlier ones alone, 0.99 would be lower by 0.01 of it.
      expect(Math.abs(stronger - weaker)).toBeLessThan(1e-3 * as);
    });
  });
});

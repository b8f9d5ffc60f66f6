import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '#src/nets/parameters/random.js';
import { type Degradation, degrade, degraded, randomDegradation } from '#src/train/data/degradation.js';
import { Photographs } from '#src/train/data/photographs.js';
import { domainFeed } from '#src/train/run/domain.js';
import { trainingFolder } from '../fixtures.js';

const SIZE = 64;
const plain: Degradation = { blur: 0, gain: 1, gamma: 1, offset: 0, noise: 0 };
/** Waves of many lengths in three channels, RGB bytes [64, 64, 3]. */
const crop = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
  const [c, x, y] = [i % 3, Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE)];
  return 127 + 60 * Math.sin(x * (0.1 + x / 60) + c) + 60 * Math.cos(y / (3 + c));
});
const degradedBy = (degradation: Partial<Degradation>, seed = 1) =>
  degrade(crop, SIZE, { ...plain, ...degradation }, new Random(seed));
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, each) => sum + each / values.length, 0);
const deviation = (values: ArrayLike<number>) => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (each) => (each - middle) ** 2)));
};
/** The mean step from a pixel to the next one across. */
const detail = (bytes: ArrayLike<number>) =>
  mean(Array.from(bytes, (value, i) => ((i / 3) % SIZE < SIZE - 1 ? Math.abs(value - bytes[i + 3]!) : 0)));

describe('a crop in bad light', () => {
  it('is dark by the curve that is asked for', async () => {
    const dark = await degradedBy({ gain: 0.3, gamma: 1.2 });
    crop.forEach((level, i) => {
      expect(Math.abs(dark[i]! - 255 * 0.3 * (level / 255) ** 1.2)).toBeLessThanOrEqual(0.5);
    });
  });

  it('is pale: less contrast around another grey', async () => {
    const pale = await degradedBy({ gain: 0.4, offset: 0.3 });
    expect(deviation(pale)).toBeCloseTo(0.4 * deviation(crop), 0);
    expect(mean(pale)).toBeCloseTo(0.4 * mean(crop) + 0.3 * 255, 0);
  });

  it('is blurred: less detail, as light as before, its colours where they were', async () => {
    const [weak, strong] = [await degradedBy({ blur: 0.8 }), await degradedBy({ blur: 3 })];
    expect(detail(weak)).toBeLessThan(0.95 * detail(crop));
    expect(detail(strong)).toBeLessThan(0.8 * detail(weak));
    for (const channel of [0, 1, 2]) {
      const of = (bytes: ArrayLike<number>) => mean(Array.from(bytes).filter((_, i) => i % 3 === channel));
      expect(Math.abs(of(strong) - of(crop))).toBeLessThan(2);
    }
  });

  it('is noisy: on every pixel and colour, by the deviation that is asked for, the same for a seed', async () => {
    const noisy = await degradedBy({ noise: 0.05 });
    const grain = Array.from(noisy, (level, i) => level - crop[i]!);
    expect(mean(grain)).toBeCloseTo(0, 0);
    expect(deviation(grain) / (255 * 0.05)).toBeCloseTo(1, 1);
    expect(await degradedBy({ noise: 0.05 })).toEqual(noisy);
    expect(await degradedBy({ noise: 0.05 }, 2)).not.toEqual(noisy);
  });

  it('is what it was where nothing is to be done', async () => {
    expect(Array.from(await degradedBy({}))).toEqual(Array.from(crop));
  });
});

describe('chance', () => {
  const all = Array.from({ length: 8000 }, (_, i) => randomDegradation(new Random(1, i)));
  const share = (is: (each: Degradation) => boolean) => all.filter(is).length / all.length;
  const expectShare = (expected: number, is: (each: Degradation) => boolean) =>
    expect(Math.abs(share(is) - expected)).toBeLessThan(0.012);

  it('degrades a little more than a quarter of the crops, and makes a seventh noisy', () => {
    expectShare(0.12, ({ gain, offset }) => gain < 1 && offset === 0);
    expectShare(0.08, ({ blur }) => blur > 0);
    expectShare(0.08, ({ offset }) => offset > 0);
    expectShare(0.15, ({ noise }) => noise > 0);
    expectShare(0.72, (each) => each.blur === 0 && each.gain === 1);
    expect(share(({ noise, blur }) => noise > 0 && blur > 0)).toBeGreaterThan(0);
  });

  it('never burns out the lights', () => {
    expect(Math.max(...all.map(({ gain, offset }) => gain + offset))).toBeLessThanOrEqual(1);
  });
});

describe('degraded photographs', () => {
  let given: Awaited<ReturnType<typeof trainingFolder>>;
  let photographs: Photographs;
  beforeAll(async () => {
    given = await trainingFolder();
    photographs = await Photographs.in(given.photos);
  });
  afterAll(() => rmSync(given.folder, { recursive: true }));

  it('are the same crops, some of them degraded, by seed and step alone', async () => {
    const some = degraded(photographs);
    const changed: boolean[] = [];
    for (let step = 0; step < 40; step++) {
      const [seen, once, again] = [
        await photographs.crops(1, step, 1, SIZE),
        await some.crops(1, step, 1, SIZE),
        await degraded(photographs).crops(1, step, 1, SIZE),
      ];
      expect(Buffer.from(once).equals(again)).toBe(true);
      changed.push(!Buffer.from(once).equals(seen));
    }
    const share = changed.filter(Boolean).length / changed.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.7);
    const two = await some.crops(1, 7, 2, SIZE);
    const each = await Promise.all([14, 15].map((step) => some.crops(1, step, 1, SIZE)));
    expect(Buffer.from(two).equals(Buffer.concat(each))).toBe(true);
  });

  it('are photographs alone: pictures of a domain stay as they are', async () => {
    const shown = domainFeed(photographs, { seed: 1, batch: 2, size: SIZE });
    for (let index = 0; index < 12; index++) {
      const { data } = (await shown(index)).domain;
      expect(Buffer.from(data as Uint8Array).equals(await photographs.crops(5, index, 2, SIZE))).toBe(true);
    }
  });
});

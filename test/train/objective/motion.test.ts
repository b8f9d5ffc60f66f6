import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { temporalLoss } from '#src/losses/terms/temporal.js';
import { Random } from '#src/nets/parameters/random.js';
import { type MotionFeeds, motionInputs, motionPair, randomMotion, warp } from '#src/train/objective/motion.js';
import { numbers, run } from '../../graph/run.js';
import { waves } from '../../reference/wave.js';

const size = 24;
const pixel = 2 / (size - 1);
const photograph = waves(3 * size * size, 0.2, 0.3, 0.5);

const still = (): MotionFeeds => ({
  affine: Float32Array.of(1, 0, 0, 0, 1, 0),
  elastic: new Float32Array(50),
  exposure: Float32Array.of(1, 0, 0, 0),
  occluder: new Float32Array(4),
  noise: new BigInt64Array(4),
});

async function frames(motion: Partial<MotionFeeds>) {
  const b = new GraphBuilder();
  const picture = b.input('photographs', 'float32', [1, 3, size, size]);
  const pair = motionPair(b, picture, 1);
  for (const [name, value] of Object.entries(pair)) b.output(name, value);
  const warped = warp(b, picture, pair.grid);
  const later = b.op('Slice', [pair.clean, b.ints([1]), b.ints([2]), b.ints([0])]);
  b.output('loss', temporalLoss(b, later, warped, pair.change, pair.mask));
  const feeds = { ...still(), ...motion };
  const given = Object.entries(motionInputs(1)).map(([name, { type, dims }]) => [
    name,
    tensor(type, dims, feeds[name as keyof MotionFeeds]),
  ]);
  const got = await run(b.build(), {
    photographs: tensor('float32', [1, 3, size, size], photograph),
    ...Object.fromEntries(given),
  });
  const area = 3 * size * size;
  const clean = numbers(got.clean!);
  const noisy = numbers(got.noisy!);
  return {
    earlier: clean.slice(0, area),
    later: clean.slice(area),
    noise: noisy.map((value, i) => value - clean[i]!),
    mask: numbers(got.mask!),
    change: numbers(got.change!),
    loss: numbers(got.loss!)[0]!,
  };
}

describe('motionPair', () => {
  it('leaves a frame as it is when nothing moves', async () => {
    const { earlier, later, noise, mask, change } = await frames({});
    later.forEach((value, i) => {
      expect(value).toBeCloseTo(earlier[i]!, 5);
    });
    expect(mask.every((value) => value === 1)).toBe(true);
    expect([...noise, ...change].every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });

  it('shifts by whole pixels, and knows what came into view', async () => {
    const { earlier, later, mask, loss } = await frames({ affine: Float32Array.of(1, 0, 3 * pixel, 0, 1, -2 * pixel) });
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [fromX, fromY] = [x + 3, y - 2];
        const inside = fromX < size && fromY >= 0;
        expect(mask[y * size + x]).toBe(Number(inside));
        if (inside) expect(later[y * size + x]).toBeCloseTo(earlier[fromY * size + fromX]!, 4);
      }
    }
    expect(loss).toBeLessThan(1e-9);
  });

  it('bends smoothly', async () => {
    const elastic = new Float32Array(50);
    elastic[12] = 4 * pixel;
    const { earlier, later } = await frames({ elastic });
    const middle = (size / 2) * size + size / 2;
    expect(Math.abs(later[middle]! - earlier[middle]!)).toBeGreaterThan(0.01);
    expect(later[0]).toBeCloseTo(earlier[0]!, 4);
  });

  it('hides what an occluder covers, and a rim around it', async () => {
    const { earlier, later, mask } = await frames({ occluder: Float32Array.of(0, 0, 0.3, 0.3) });
    const middle = 12 * size + 12;
    expect(mask[middle]).toBe(0);
    expect(later[middle]).toBeCloseTo(earlier[11 * size + 12]!, 5);
    expect(mask[0]).toBe(1);
    expect(later[0]).toBeCloseTo(earlier[0]!, 5);
    const covered = mask.filter((value) => value === 0).length / mask.length;
    expect(covered).toBeGreaterThan((Math.PI * 0.3 ** 2) / 4);
    expect(covered).toBeLessThan(0.8);
  });

  it('changes the exposure, which the luminance term allows', async () => {
    const { earlier, later, change } = await frames({ exposure: Float32Array.of(0.8, 0.05, 0, 0) });
    expect(later[7]).toBeCloseTo(earlier[7]! * 0.8 + 0.05, 5);
    const rgb = [0, 1, 2].map((c) => later[c * size * size + 7]! - earlier[c * size * size + 7]!);
    expect(change[7]).toBeCloseTo(0.2126 * rgb[0]! + 0.7152 * rgb[1]! + 0.0722 * rgb[2]!, 5);
  });

  it('adds noise of the given amplitude, another one to each frame', async () => {
    const { noise } = await frames({
      exposure: Float32Array.of(1, 0, 0.02, 0.05),
      noise: BigInt64Array.of(0n, 0n, 13n, 40n),
    });
    const deviation = (values: number[]) =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    const half = noise.length / 2;
    expect(deviation(noise.slice(0, half))).toBeCloseTo(0.02, 2);
    expect(deviation(noise.slice(half))).toBeCloseTo(0.05, 2);
  });
});

describe('randomMotion', () => {
  it('depends on the seed only, and shifts half of the pairs by whole pixels', () => {
    expect(randomMotion(new Random(1, 2), 2, size)).toEqual(randomMotion(new Random(1, 2), 2, size));
    const { affine } = randomMotion(new Random(3), 400, size);
    let whole = 0;
    for (let i = 0; i < 400; i++) {
      const [a, , dx] = affine.subarray(i * 6, i * 6 + 6);
      const pixels = dx! / pixel;
      expect(Math.abs(pixels)).toBeLessThanOrEqual(12.01);
      if (a === 1 && Math.abs(pixels - Math.round(pixels)) < 1e-3) whole++;
    }
    expect(whole).toBeGreaterThan(150);
    expect(whole).toBeLessThan(250);
  });
});

import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { CropPool, capacityOf } from '#src/train/data/crop-pool.js';
import type { CropSource } from '#src/train/data/synthetic-pictures.js';

const settings = { seed: 3, count: 1, size: 8, threads: 1 };

/** Crops that are their own numbers, and the numbers that were asked for. */
function numbered(): CropSource & { readonly asked: number[] } {
  const asked: number[] = [];
  const crops = async (_: number, step: number) => {
    asked.push(step);
    return new Uint8Array(192).fill(step);
  };
  return { count: 1, broken: new Map(), crops, asked };
}

/** A model that tells ten times the first byte of its photographs, padded by what else would be kept. */
function tenfold(padding = 0) {
  const b = new GraphBuilder();
  const bytes = b.op('Cast', [b.input('photographs', 'uint8', [1, 8, 8, 3])], { to: 1 });
  const mean = b.op('ReduceMean', [bytes], { keepdims: 0 });
  b.output('subject mean', b.op('Mul', [mean, b.scalar('float32', 10)]));
  if (padding > 0) b.output('subject padding', b.op('Expand', [mean, b.ints([padding])]));
  return b.build();
}

/** The crops that a pool shows from a step on. */
async function shown(pool: CropPool, from: number, to: number): Promise<number[]> {
  const crops: number[] = [];
  for (let step = from; step < to; step++) {
    const { photographs, 'subject mean': seen } = await pool.feeds(step);
    crops.push(photographs!.data[0] as number);
    if (seen) expect(seen.data[0]).toBe(10 * crops.at(-1)!);
  }
  return crops;
}

describe('CropPool', () => {
  it('shows 128 crops four times, each time in another order, and reads each once', async () => {
    const source = numbered();
    const pool = await CropPool.open(source, settings, tenfold());
    const crops = await shown(pool, 0, 512);
    const rounds = [0, 1, 2, 3].map((round) => crops.slice(128 * round, 128 * (round + 1)));
    for (const round of rounds) expect(round.toSorted((a, b) => a - b)).toEqual([...Array(128).keys()]);
    expect(new Set(rounds.map((round) => round.join())).size).toBe(4);
    // Then come others, the first of which is read ahead.
    expect(source.asked.slice(0, 128).toSorted((a, b) => a - b)).toEqual([...Array(128).keys()]);
    expect(source.asked).toHaveLength(129);
    expect((await shown(pool, 512, 520)).every((crop) => crop >= 128 && crop < 256)).toBe(true);
    await pool.close();
  });

  it('shows the same at a step, whatever came before', async () => {
    const [whole, resumed] = [
      await CropPool.open(numbered(), settings, tenfold()),
      await CropPool.open(numbered(), settings, tenfold()),
    ];
    const crops = await shown(whole, 0, 140);
    expect(await shown(resumed, 100, 140)).toEqual(crops.slice(100));
    await Promise.all([whole.close(), resumed.close()]);
  });

  it('keeps no more than 288 MiB', () => {
    const megabyte = 2 ** 18;
    expect(capacityOf(settings, tenfold(megabyte))).toBe(128);
    expect(capacityOf(settings, tenfold(100 * megabyte))).toBe(2);
    expect(capacityOf({ count: 1, size: 4096 }, tenfold())).toBe(5);
    expect(capacityOf(settings, tenfold(300 * megabyte))).toBe(1);
  });

  it('without a subject shows each crop once, in order', async () => {
    const pool = await CropPool.open(numbered(), settings);
    expect(await shown(pool, 5, 9)).toEqual([5, 6, 7, 8]);
    await pool.close();
  });

  it('tells when photographs cannot be read, at the step that shows them', async () => {
    const failing = {
      ...numbered(),
      crops: async (_: number, step: number) => {
        if (step === 6) throw new Error('gone');
        return new Uint8Array(192);
      },
    };
    const pool = await CropPool.open(failing, settings);
    await pool.feeds(5);
    await expect(pool.feeds(6)).rejects.toThrow('gone');
  });
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Photographs } from '#src/train/data/photographs.js';
import { syntheticPictures } from '#src/train/data/synthetic-pictures.js';
import { picture, trainingFolder } from '../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
beforeAll(async () => {
  given = await trainingFolder();
});
afterAll(() => rmSync(given.folder, { recursive: true }));

/** The standard deviation of the bytes: a plain picture has none. */
function deviation(bytes: Uint8Array): number {
  const mean = bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
  return Math.sqrt(bytes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bytes.length);
}

describe('photographs', () => {
  it('are found in folders of folders, and cropped the same way for the same seed and step', async () => {
    const photographs = await Photographs.in(given.photos);
    expect(photographs.count).toBe(6);
    const [first, again, other] = [
      await photographs.crops(1, 0, 2, 64),
      await photographs.crops(1, 0, 2, 64),
      await photographs.crops(1, 1, 2, 64),
    ];
    expect(first).toHaveLength(2 * 64 * 64 * 3);
    expect(first.every((value, i) => value === again[i])).toBe(true);
    expect(first.some((value, i) => value !== other[i])).toBe(true);
  });

  it('are all used before any is used again', async () => {
    const photographs = await Photographs.in(given.photos);
    const crops = await photographs.crops(3, 0, 6, 64);
    const size = 64 * 64 * 3;
    const prints = Array.from({ length: 6 }, (_, i) => crops.slice(i * size, i * size + 40).join());
    expect(new Set(prints).size).toBe(6);
  });

  it('may be smaller than the crop, grey, or see-through', async () => {
    const folder = join(given.folder, 'odd');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(folder);
    await picture(40, 30, 1).toFile(join(folder, 'small.png'));
    await picture(90, 90, 2).greyscale().toFile(join(folder, 'grey.jpg'));
    await picture(90, 90, 3).ensureAlpha(0.5).toFile(join(folder, 'alpha.webp'));
    const photographs = await Photographs.in(folder);
    const crops = await photographs.crops(1, 0, 3, 64);
    for (let i = 0; i < 3; i++) expect(deviation(crops.slice(i * 12288, (i + 1) * 12288))).toBeGreaterThan(10);
    expect(photographs.broken.size).toBe(0);
  });
});

describe('made pictures', () => {
  it('are full of things, and the same for the same seed and step', async () => {
    const [first, again, other] = [
      await syntheticPictures.crops(1, 0, 2, 64),
      await syntheticPictures.crops(1, 0, 2, 64),
      await syntheticPictures.crops(1, 1, 2, 64),
    ];
    expect(first).toHaveLength(2 * 64 * 64 * 3);
    expect(Buffer.from(first).equals(Buffer.from(again))).toBe(true);
    expect(Buffer.from(first).equals(Buffer.from(other))).toBe(false);
    expect(deviation(first.slice(0, 12288))).toBeGreaterThan(15);
  });
});

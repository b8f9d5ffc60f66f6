import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { TONES } from '#src/losses/colour/palette.js';
import { measurePalette } from '#src/train/data/palette.js';

const folder = mkdtempSync(join(tmpdir(), 'stylecast-palette-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A picture of two colours side by side, as a file. */
async function halves(name: string, left: readonly number[], right: readonly number[]): Promise<string> {
  const [width, height] = [160, 80];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width;
    return (x < width / 2 ? left : right)[i % 3]!;
  });
  const file = join(folder, name);
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file);
  return file;
}

/** Y, Cb and Cr of ITU-R BT.601, from bytes. */
function opponent([r, g, b]: readonly number[]): [number, number, number] {
  const y = (0.299 * r! + 0.587 * g! + 0.114 * b!) / 255;
  return [y, (b! / 255 - y) / 1.772, (r! / 255 - y) / 1.402];
}

describe('measurePalette', () => {
  const [dark, light] = [
    [20, 30, 90],
    [240, 200, 120],
  ];

  it('finds the mean, and the colour of each light: dark blue below, light orange above', async () => {
    const { mean, tones } = await measurePalette([await halves('two.png', dark!, light!)]);
    const [low, high] = [opponent(dark!), opponent(light!)];
    expect([...mean].map((value, i) => value - (low[i]! + high[i]!) / 2).every((off) => Math.abs(off) < 0.01)).toBe(
      true,
    );
    const at = (y: number) => [...tones.subarray(2 * Math.round(y * (TONES - 1)))].slice(0, 2);
    for (const [y, cb, cr] of [low, high]) {
      const [b, r] = at(y);
      expect(b).toBeCloseTo(cb, 2);
      expect(r).toBeCloseTo(cr, 2);
    }
    // No cell is black or white: the nearest tell.
    expect(at(0)[0]).toBeCloseTo(low[1], 2);
    expect(at(1)[1]).toBeCloseTo(high[2], 2);
  });

  it('is that of all the pictures of a style together', async () => {
    const one = await measurePalette([
      await halves('dark.png', dark!, dark!),
      await halves('light.png', light!, light!),
    ]);
    const two = await measurePalette([await halves('two.png', dark!, light!)]);
    one.mean.forEach((value, i) => {
      expect(value).toBeCloseTo(two.mean[i]!, 2);
    });
  });

  it('says which picture cannot be read', async () => {
    await expect(measurePalette([join(folder, 'none.png')])).rejects.toMatchObject({ code: 'TRAIN_PICTURE' });
  });
});

import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { withProfile } from '#src/media/files/pictures/png-gamma.js';

const sRgb = (light: number) => 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);

function chunk(name: string, ...values: number[]): Buffer {
  const data = Buffer.alloc(4 + 4 * values.length);
  data.write(name, 'latin1');
  for (const [i, value] of values.entries()) data.writeUInt32BE(value, 4 + 4 * i);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(4 * values.length);
  check.writeUInt32BE(crc32(data));
  return Buffer.concat([length, data, check]);
}

/** A PNG of one colour, with chunks after its header. */
async function png(colour: readonly number[], ...chunks: Buffer[]): Promise<Buffer> {
  const channels = colour.length as 1 | 3 | 4;
  const raw = Buffer.concat(Array(16).fill(Buffer.from(colour)));
  const image = sharp(raw, { raw: { width: 4, height: 4, channels } });
  const plain = await (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
  return Buffer.concat([plain.subarray(0, 33), ...chunks, plain.subarray(33)]);
}

async function seen(file: Uint8Array): Promise<number[]> {
  return [...(await sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer()).subarray(0, 3)];
}

describe('colours told by gamma and chromaticities', () => {
  test.each([1, 0.5, 0.7])('gamma %d', async (gamma) => {
    const colour = [61, 128, 195];
    const expected = colour.map((level) => sRgb((level / 255) ** (1 / gamma)));
    const file = await png(colour, chunk('gAMA', gamma * 1e5));
    for (const [i, level] of (await seen(withProfile(file))).entries()) {
      expect(Math.abs(level - expected[i]!), `${level} for ${expected[i]}`).toBeLessThan(2);
    }
    // Without it, libvips takes the levels as they are.
    expect(await seen(file)).toEqual(colour);
  });

  test('grey', async () => {
    const file = await png([100], chunk('gAMA', 1e5));
    const expected = sRgb(100 / 255);
    for (const level of await seen(withProfile(file))) expect(Math.abs(level - expected)).toBeLessThan(2);
  });

  test('primaries of Display P3', async () => {
    // Its orange is outside of sRGB only a little; values from the matrices of CSS Color 4.
    const file = await png(
      [200, 100, 50],
      chunk('gAMA', 45455),
      chunk('cHRM', 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
    );
    const linear = [200, 100, 50].map((level) => (level / 255) ** 2.2);
    const matrix = [
      [1.2249, -0.2247, 0],
      [-0.042, 1.0419, 0],
      [-0.0197, -0.0786, 1.0979],
    ];
    const expected = matrix.map((row) => sRgb(row.reduce((sum, value, i) => sum + value * linear[i]!, 0)));
    for (const [i, level] of (await seen(withProfile(file))).entries()) {
      expect(Math.abs(level - expected[i]!), `${level} for ${expected[i]}`).toBeLessThan(3);
    }
  });
});

describe('what says nothing else is left as it is', () => {
  test('the usual gamma, sRGB told beside it, other formats, broken files', async () => {
    const usual = await png(
      [1, 2, 3],
      chunk('gAMA', 45455),
      chunk('cHRM', 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
    );
    expect(withProfile(usual)).toBe(usual);
    const told = await png([1, 2, 3], chunk('gAMA', 1e5), chunk('sRGB'));
    expect(withProfile(told)).toBe(told);
    const jpeg = await sharp(usual).jpeg().toBuffer();
    expect(withProfile(jpeg)).toBe(jpeg);
    const short = usual.subarray(0, 40);
    expect(withProfile(short)).toBe(short);
    expect(withProfile(Buffer.alloc(0)).length).toBe(0);
  });
});

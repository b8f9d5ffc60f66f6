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
  return told(await plain(colour), ...chunks);
}

const told = (picture: Buffer, ...chunks: Buffer[]) =>
  Buffer.concat([picture.subarray(0, 33), ...chunks, picture.subarray(33)]);

function plain(colour: readonly number[], space = 'b-w'): Promise<Buffer> {
  const channels = colour.length as 1 | 3 | 4;
  const raw = Buffer.concat(Array(16).fill(Buffer.from(colour)));
  const image = sharp(raw, { raw: { width: 4, height: 4, channels } });
  return (channels === 1 ? image.toColourspace(space) : image).png().toBuffer();
}

async function seen(file: Uint8Array): Promise<number[]> {
  return [...(await sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer()).subarray(0, 3)];
}

describe('colours told by gamma and chromaticities', () => {
  test.each([1, 0.5, 0.7])('gamma %d', async (gamma) => {
    const colour = [61, 128, 195];
    const expected = colour.map((level) => sRgb((level / 255) ** (1 / gamma)));
    const file = await png(colour, chunk('gAMA', gamma * 1e5));
    for (const [i, level] of (await seen(await withProfile(file))).entries()) {
      expect(Math.abs(level - expected[i]!), `${level} for ${expected[i]}`).toBeLessThan(2);
    }
    // Without it, libvips takes the levels as they are.
    expect(await seen(file)).toEqual(colour);
  });

  test.each(['b-w', 'grey16'])('grey, %s', async (space) => {
    const file = told(await plain([100], space), chunk('gAMA', 1e5));
    expect(file[24]).toBe(space === 'grey16' ? 16 : 8);
    const expected = sRgb(100 / 255);
    for (const level of await seen(await withProfile(file))) expect(Math.abs(level - expected)).toBeLessThan(2);
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
    for (const [i, level] of (await seen(await withProfile(file))).entries()) {
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
    expect(await withProfile(usual)).toBe(usual);
    const both = await png([1, 2, 3], chunk('gAMA', 1e5), chunk('sRGB'));
    expect(await withProfile(both)).toBe(both);
    const jpeg = await sharp(usual).jpeg().toBuffer();
    expect(await withProfile(jpeg)).toBe(jpeg);
    const short = usual.subarray(0, 40);
    expect(await withProfile(short)).toBe(short);
    expect((await withProfile(Buffer.alloc(0))).length).toBe(0);
  });
});

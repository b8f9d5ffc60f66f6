import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { lanczos } from '#src/quality/style/lanczos.js';

const picture = (width: number, height: number, value: (x: number, y: number, c: number) => number) => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
  ),
  width,
  height,
});
const smooth = (x: number, y: number, c: number) => 128 + 60 * Math.sin(x / 5 + c) * Math.cos(y / 7);

describe('lanczos', () => {
  it('gives a picture of the same size back, and flat ones flat', () => {
    const same = picture(24, 16, smooth);
    expect(lanczos(same, 24, 16)).toEqual(same);
    expect(
      new Set(
        lanczos(
          picture(20, 10, () => 77),
          33,
          7,
        ).data,
      ),
    ).toEqual(new Set([77]));
  });

  it('shrinks as sharp does with the same kernel', async () => {
    const large = picture(96, 64, smooth);
    const raw = { width: 96, height: 64, channels: 3 } as const;
    const expected = await sharp(large.data, { raw })
      .resize(40, 30, { fit: 'fill', kernel: 'lanczos3' })
      .raw()
      .toBuffer();
    const { data } = lanczos(large, 40, 30);
    const errors = data.map((value, i) => Math.abs(value - expected[i]!));
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.6);
  });

  it('enlarges a wave to the same wave', () => {
    const { data } = lanczos(picture(48, 40, smooth), 96, 80);
    for (let y = 8; y < 72; y++) {
      for (let x = 8; x < 88; x++) {
        const wanted = smooth((x + 0.5) / 2 - 0.5, (y + 0.5) / 2 - 0.5, 1);
        expect(Math.abs(data[(y * 96 + x) * 3 + 1]! - wanted)).toBeLessThan(2.5);
      }
    }
  });
});

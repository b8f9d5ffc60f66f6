import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { imageFormat, readImage, writeImage } from '#src/media/files/pictures/image.js';
import { failure } from '../../../fixtures/failure.js';
import { freshFolder } from '../../../fixtures/ffmpeg.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

const CORNERS = { red: [255, 0, 0], lime: [0, 255, 0], blue: [0, 0, 255], white: [255, 255, 255] } as const;

type Colour = keyof typeof CORNERS;

/** A picture with its corners in these colours, in reading order. */
async function corners(colours: readonly Colour[] = ['red', 'lime', 'blue', 'white'], width = 60, height = 40) {
  const block = { width: width / 2, height: height / 2, channels: 3 } as const;
  const parts = await Promise.all(
    colours.map((background) =>
      sharp({ create: { ...block, background } })
        .png()
        .toBuffer(),
    ),
  );
  return sharp({ create: { width, height, channels: 3, background: 'black' } })
    .composite(parts.map((input, i) => ({ input, left: block.width * (i % 2), top: block.height * Math.floor(i / 2) })))
    .png()
    .toBuffer();
}

function pixel({ data, width }: { data: Uint8Array; width: number }, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function expectNear(actual: readonly number[], expected: readonly number[], levels: number) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) {
    expect(Math.abs(value - expected[i]!), `${actual} against ${expected}`).toBeLessThanOrEqual(levels);
  }
}

describe('reading', () => {
  // What is stored for an upright picture of red, lime / blue, white, by the EXIF standard: 6 says that the first row
  // is the right side and the first column the top.
  test.each<[orientation: number, stored: Colour[]]>([
    [1, ['red', 'lime', 'blue', 'white']],
    [2, ['lime', 'red', 'white', 'blue']],
    [3, ['white', 'blue', 'lime', 'red']],
    [4, ['blue', 'white', 'red', 'lime']],
    [5, ['red', 'blue', 'lime', 'white']],
    [6, ['lime', 'white', 'red', 'blue']],
    [7, ['white', 'lime', 'blue', 'red']],
    [8, ['blue', 'red', 'white', 'lime']],
  ])('EXIF orientation %i comes out upright', async (orientation, stored) => {
    const turned = await (orientation < 5 ? corners(stored) : corners(stored, 40, 60));
    const path = at(`orientation-${orientation}.jpg`);
    writeFileSync(path, await sharp(turned).withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer());
    const { frame } = await readImage(path);
    expect([frame.width, frame.height]).toEqual([60, 40]);
    expectNear(pixel(frame, 5, 5), CORNERS.red, 4);
    expectNear(pixel(frame, 55, 5), CORNERS.lime, 4);
    expectNear(pixel(frame, 5, 35), CORNERS.blue, 4);
    expectNear(pixel(frame, 55, 35), CORNERS.white, 4);
  });

  test('a size applies to the upright picture; a side that is left out follows', async () => {
    const path = at('sideways.jpg');
    writeFileSync(
      path,
      await sharp(await corners())
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer(),
    );
    const size = async (wanted: object) => {
      const { frame } = await readImage(path, wanted);
      expect(frame.data.length).toBe(frame.width * frame.height * 3);
      return [frame.width, frame.height];
    };
    expect(await size({})).toEqual([40, 60]);
    expect(await size({ height: 30 })).toEqual([20, 30]);
    expect(await size({ width: 20, height: 50 })).toEqual([20, 50]);
  });

  test('a Display P3 profile is converted to sRGB', async () => {
    const grey = { create: { width: 8, height: 8, channels: 3 as const, background: { r: 60, g: 160, b: 90 } } };
    const path = at('p3.png');
    writeFileSync(path, await sharp(grey).withIccProfile('p3').png().toBuffer());
    const stored = await sharp(path, { ignoreIcc: true }).raw().toBuffer();
    expect(stored[0], 'as stored, for the wider colours of P3').toBeGreaterThan(75);
    const { frame } = await readImage(path);
    expectNear(pixel(frame, 4, 4), [60, 160, 90], 2);
  });

  test.each([
    [
      'grey PNG',
      'grey.png',
      () => sharp(Buffer.alloc(64, 77), { raw: { width: 8, height: 8, channels: 1 } }).png(),
      [77, 77, 77],
      0,
    ],
    [
      '16-bit PNG',
      'deep.png',
      () => {
        const deep = new Uint16Array(8 * 8 * 3).fill(0x8080);
        return sharp(deep, { raw: { width: 8, height: 8, channels: 3 } })
          .toColourspace('rgb16')
          .png();
      },
      [128, 128, 128],
      1,
    ],
    [
      'palette PNG',
      'palette.png',
      () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#336699' } }).png({ palette: true }),
      [51, 102, 153],
      1,
    ],
    [
      'CMYK JPEG',
      'cmyk.jpg',
      () =>
        sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } })
          .toColourspace('cmyk')
          .jpeg({ quality: 100 }),
      [128, 128, 128],
      20,
    ],
    [
      'WebP',
      'lossless.webp',
      () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#336699' } }).webp({ lossless: true }),
      [51, 102, 153],
      0,
    ],
  ] as const)('%s', async (_, name, make, expected, levels) => {
    writeFileSync(at(name), await make().toBuffer());
    const { frame } = await readImage(at(name));
    expect(frame.data.length).toBe(8 * 8 * 3);
    expectNear(pixel(frame, 4, 4), expected, levels);
  });

  test('grey with transparency', async () => {
    const grey = Buffer.from(Array.from({ length: 64 }, () => [90, 128]).flat());
    writeFileSync(
      at('ga.png'),
      await sharp(grey, { raw: { width: 8, height: 8, channels: 2 } })
        .png()
        .toBuffer(),
    );
    expectNear(pixel((await readImage(at('ga.png'))).frame, 4, 4), [90, 90, 90], 0);
  });

  test('files that are not pictures', async () => {
    const whole = await sharp(await corners())
      .resize(600, 400)
      .jpeg({ quality: 95 })
      .toBuffer();
    writeFileSync(at('truncated.jpg'), whole.subarray(0, whole.length / 2));
    writeFileSync(at('garbage.jpg'), 'no picture');
    writeFileSync(at('empty.png'), '');
    for (const name of ['truncated.jpg', 'garbage.jpg', 'empty.png']) {
      const error = await failure(readImage(at(name)));
      expect(error, name).toMatchObject({ name: 'MediaError', code: 'IMAGE_UNREADABLE' });
      expect(error.message).toMatch(`${at(name)} is not a picture that can be read: `);
      expect(error.hint).toBe('Expected a whole JPEG, PNG or WebP file.');
    }
    expect(await failure(readImage(at('missing.png')))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_NOT_FOUND',
      message: `${at('missing.png')} does not exist.`,
      hint: 'Check the path.',
    });
    expect(await failure(readImage(folder))).toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });
});

describe('writing', () => {
  test.each(['.png', '.webp', '.jpg'])('%s as it was read, tagged as sRGB', async (extension) => {
    writeFileSync(at('source.png'), await corners());
    const { frame } = await readImage(at('source.png'));
    const to = at(`written${extension}`);
    await writeImage(frame, to);
    const back = await readImage(to);
    for (const [x, y] of [
      [5, 5],
      [55, 5],
      [5, 35],
      [55, 35],
    ] as const) {
      expectNear(pixel(back.frame, x, y), pixel(frame, x, y), extension === '.png' ? 0 : 6);
    }
    const { icc, chromaSubsampling } = await sharp(to).metadata();
    expect(icc).toBeDefined();
    if (extension === '.jpg') expect(chromaSubsampling).toBe('4:4:4');
  });

  test.each(['.png', '.webp', '.jpg'])('transparency into %s', async (extension) => {
    const half = Buffer.from(Array.from({ length: 64 }, (_, i) => [200, 100, 50, i % 8 < 4 ? 0 : 255]).flat());
    writeFileSync(
      at('clear.png'),
      await sharp(half, { raw: { width: 8, height: 8, channels: 4 } })
        .png()
        .toBuffer(),
    );
    const still = await readImage(at('clear.png'));
    const painted = { ...still.frame, data: new Uint8Array(8 * 8 * 3).fill(40) as Uint8Array<ArrayBuffer> };
    const to = at(`clear-out${extension}`);
    await writeImage(painted, to, still);
    const { data, info } = await sharp(to).raw().toBuffer({ resolveWithObject: true });
    const shown = (x: number) => [...data.subarray(x * info.channels, (x + 1) * info.channels)];
    if (extension === '.jpg') {
      expect(info.channels).toBe(3);
      expectNear(shown(0), [255, 255, 255], 12);
      expectNear(shown(7), [40, 40, 40], 12);
    } else {
      expect(info.channels).toBe(4);
      expect(shown(0)[3]).toBe(0);
      if (extension === '.png') expect(shown(0)).toEqual([40, 40, 40, 0]);
      expectNear(shown(7), [40, 40, 40, 255], 6);
    }
  });

  test('EXIF data is kept, less the orientation, which is applied', async () => {
    const exif = { IFD0: { Copyright: 'Somebody', Artist: 'A painter' } };
    const turned = sharp(await corners()).withMetadata({ orientation: 6, exif });
    writeFileSync(at('exif.jpg'), await turned.jpeg().toBuffer());
    const still = await readImage(at('exif.jpg'));
    await writeImage(still.frame, at('exif-out.jpg'), still);
    const { exif: kept, orientation, width, height } = await sharp(at('exif-out.jpg')).metadata();
    expect([width, height]).toEqual([40, 60]);
    expect(orientation ?? 1).toBe(1);
    expect(kept!.toString('latin1')).toContain('Somebody');
    expect(kept!.toString('latin1')).toContain('A painter');
    const again = await readImage(at('exif-out.jpg'));
    expect([again.frame.width, again.frame.height]).toEqual([40, 60]);
  });

  test('the painted picture replaces the original, also where that was turned', async () => {
    writeFileSync(
      at('turned.jpg'),
      await sharp(await corners())
        .withMetadata({ orientation: 3 })
        .jpeg()
        .toBuffer(),
    );
    const still = await readImage(at('turned.jpg'));
    const data = still.frame.data.map((value) => 255 - value) as Uint8Array<ArrayBuffer>;
    await writeImage({ ...still.frame, data }, at('turned.png'), still);
    const back = await readImage(at('turned.png'));
    expectNear(pixel(back.frame, 5, 5), pixel({ data, width: 60 }, 5, 5), 0);
    expect(Buffer.from(back.frame.data).equals(Buffer.from(data))).toBe(true);
  });

  test('colours are what was painted, also where the original has 16 bits', async () => {
    const deep = sharp({ create: { width: 20, height: 12, channels: 3, background: '#285a96' } }).toColourspace(
      'rgb16',
    );
    writeFileSync(at('deep.png'), await deep.png().toBuffer());
    expect((await sharp(at('deep.png')).metadata()).depth).toBe('ushort');
    const still = await readImage(at('deep.png'));
    expectNear(pixel(still.frame, 3, 3), [0x28, 0x5a, 0x96], 1);
    const data = still.frame.data.map((_, i) => [200, 60, 20][i % 3]!) as Uint8Array<ArrayBuffer>;
    await writeImage({ ...still.frame, data }, at('deep-out.png'), still);
    expectNear(pixel((await readImage(at('deep-out.png'))).frame, 3, 3), [200, 60, 20], 0);
  });

  test('a picture of another size than its original', async () => {
    writeFileSync(at('big.png'), await corners());
    const still = await readImage(at('big.png'), { height: 20 });
    await writeImage(still.frame, at('small.png'), still);
    const { width, height } = await sharp(at('small.png')).metadata();
    expect([width, height]).toEqual([30, 20]);
  });

  test('an unknown extension, a full disk and a missing folder', async () => {
    const { frame } = await readImage(at('source.png'));
    expect(await failure((async () => imageFormat('out.gif'))())).toEqual({
      name: 'OptionError',
      code: 'OUTPUT_FORMAT',
      message: 'out.gif has no picture extension that is known; expected .jpg, .jpeg, .png, .webp.',
      hint: 'Name the output for example stylized.jpg.',
    });
    symlinkSync('/dev/full', at('full.png'));
    const full = await failure(writeImage(frame, at('full.png')));
    expect(full).toMatchObject({ code: 'MEDIA_DISK_FULL', hint: 'Free some space, or write to another disk with -o.' });
    const missing = join(folder, 'no', 'out.png');
    const error = await failure(writeImage(frame, missing));
    expect(error).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(error.message).toMatch(`${missing} cannot be written: `);
    expect(readFileSync(at('source.png')).length).toBeGreaterThan(0);
  });
});

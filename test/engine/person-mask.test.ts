import { existsSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { PersonMask } from '#src/engine/person-mask.js';
import { noise } from './pictures.js';

const SHARED = '../shared/data/photos';
const reason = 'no shared photographs here';

type Bytes = Uint8Array<ArrayBuffer>;

async function photograph(name: string, width: number, height: number): Promise<Bytes> {
  const raw = await sharp(`${SHARED}/${name}`).resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer();
  return new Uint8Array(raw);
}

async function masks(width: number, height: number, pictures: readonly Bytes[]): Promise<Float32Array[]> {
  const person = await PersonMask.open({ width, height }, 2);
  try {
    const found: Float32Array[] = [];
    for (const picture of pictures) {
      const mask = await person.find(picture);
      expect(mask.dims).toEqual([1, 1, height, width]);
      found.push(Float32Array.from(mask.data as Float32Array));
    }
    return found;
  } finally {
    await person.close();
  }
}

const meanOf = (values: Float32Array) => values.reduce((a, b) => a + b) / values.length;
const distance = (a: Float32Array, b: Float32Array) => meanOf(a.map((value, at) => Math.abs(value - b[at]!)));

test.for([
  [1, 1],
  [101, 67],
  [70, 131],
  [641, 361],
] as const)('a picture of %ix%i has a mask of its size, all of it between 0 and 1', async ([width, height]) => {
  const [mask] = await masks(width, height, [new Uint8Array(noise(width, height))]);
  for (const value of mask!) if (!(value >= 0 && value <= 1)) throw new Error(`${value} in the mask`);
  expect(meanOf(mask!)).toBeLessThan(0.7);
});

describe.skipIf(!existsSync(SHARED))(`on photographs (${existsSync(SHARED) ? 'shared' : reason})`, () => {
  /** Parts of the picture that are person, and that are not: left, top, right, bottom in fractions. */
  const known = [
    [
      '0092.jpg',
      640,
      480,
      [
        [0.33, 0.4, 0.5, 0.6],
        [0.38, 0.24, 0.5, 0.33],
      ],
      [
        [0, 0, 1, 0.12],
        [0.75, 0.3, 1, 0.7],
      ],
    ],
    [
      '0092.jpg',
      480,
      480,
      [[0.33, 0.4, 0.5, 0.6]],
      [
        [0, 0, 1, 0.12],
        [0.75, 0.3, 1, 0.7],
      ],
    ],
    [
      '0118.jpg',
      640,
      426,
      [[0.27, 0.42, 0.42, 0.55]],
      [
        [0.5, 0, 1, 0.3],
        [0.6, 0.6, 1, 1],
      ],
    ],
  ] as const;
  test.for(known)(
    '%s at %ix%i: the person is inside, what is around outside',
    async ([file, width, height, inside, outside]) => {
      const [mask] = await masks(width, height, [await photograph(file, width, height)]);
      const part = ([l, t, r, b]: readonly [number, number, number, number]) =>
        meanOf(
          mask!.filter((_, at) => {
            const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
            return x >= l && x < r && y >= t && y < b;
          }),
        );
      for (const box of inside) expect(part(box)).toBeGreaterThan(0.95);
      for (const box of outside) expect(part(box)).toBeLessThan(0.05);
    },
  );

  describe('over time', () => {
    const [width, height] = [480, 360];
    let still: Bytes;
    let moved: Bytes;
    const noisy = (data: Bytes, seed: number): Bytes => {
      const grain = noise(width, height + seed);
      return data.map((level, at) => Math.max(0, Math.min(255, level + (grain[at]! - 128) / 6)));
    };
    beforeAll(async () => {
      still = await photograph('0092.jpg', width, height);
      // A third of the picture to the right.
      moved = still.map((_, at) => {
        const [pixel, c] = [Math.floor(at / 3), at % 3];
        const x = pixel % width;
        return still[(pixel - x + Math.max(0, x - width / 3)) * 3 + c]!;
      });
    });

    test('who moves leaves no trail: the mask is as good as that of a first picture', async () => {
      const [, , after] = await masks(width, height, [still, still, moved]);
      const [fresh] = await masks(width, height, [moved]);
      const [before] = await masks(width, height, [still]);
      expect(distance(before!, fresh!)).toBeGreaterThan(0.1);
      expect(distance(after!, fresh!)).toBeLessThan(0.01);
    });

    test('noise makes the mask flicker less than without memory', async () => {
      const pictures = [1, 2, 3, 4, 5, 6].map((seed) => noisy(still, seed));
      const smooth = await masks(width, height, pictures);
      const alone: Float32Array[] = [];
      for (const picture of pictures) alone.push(...(await masks(width, height, [picture])));
      const flicker = (list: Float32Array[]) =>
        list.slice(2).reduce((sum, mask, at) => sum + distance(mask, list[at + 1]!), 0);
      expect(flicker(alone)).toBeGreaterThan(0);
      expect(flicker(smooth)).toBeLessThan(0.7 * flicker(alone));
    });

    test('forgotten, the picture before has no say', async () => {
      const person = await PersonMask.open({ width, height }, 2);
      const find = async (data: Bytes) => Float32Array.from((await person.find(data)).data as Float32Array);
      const first = await find(moved);
      await find(still);
      const remembered = await find(moved);
      await find(still);
      person.forget();
      const forgotten = await find(moved);
      await person.close();
      expect(distance(forgotten, first)).toBe(0);
      expect(distance(remembered, first)).toBeGreaterThan(0);
    });
  });
});

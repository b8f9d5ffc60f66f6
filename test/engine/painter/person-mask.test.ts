import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { PersonMask } from '#src/engine/painter/person-mask.js';
import { readModel } from '#src/graph/onnx/read.js';
import { shippedFolder } from '#src/model/folders.js';
import { run } from '../../graph/run.js';
import { noise } from '../pictures.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** The portrait that comes with stylecast, in any size. */
async function portrait(width: number, height: number): Promise<Bytes> {
  const picture = sharp(join(shippedFolder, 'photographs/portrait.jpg')).resize(width, height, { fit: 'fill' });
  return new Uint8Array(await picture.removeAlpha().raw().toBuffer());
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

describe('on a photograph', () => {
  // Left, top, right, bottom in fractions of the picture; then row, column, value as the network's first file gave
  // them.
  const known = [
    {
      size: [640, 360],
      mean: 0.306225,
      points: [
        [75, 504, 0.48909],
        [251, 162, 0.90179],
        [101, 507, 0.2543],
        [48, 538, 0.55292],
        [215, 166, 0.40348],
        [26, 498, 0.17863],
      ],
    },
    {
      size: [360, 360],
      mean: 0.322668,
      points: [
        [244, 242, 0.38732],
        [206, 249, 0.27241],
        [349, 252, 0.4903],
        [251, 225, 0.47545],
        [179, 229, 0.28944],
        [230, 224, 0.43386],
      ],
    },
  ] as const;
  const inside = [
    [0.34, 0.1, 0.56, 0.4],
    [0.3, 0.6, 0.48, 1],
  ] as const;
  const outside = [
    [0, 0, 0.25, 0.5],
    [0.7, 0.4, 1, 0.9],
  ] as const;

  test.for(known)(
    'at $size: the person is inside, what is around outside, edges lie where they lay',
    async (stored) => {
      const [width, height] = stored.size;
      const [mask] = await masks(width, height, [await portrait(width, height)]);
      const part = ([l, t, r, b]: readonly [number, number, number, number]) =>
        meanOf(
          mask!.filter((_, at) => {
            const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
            return x >= l && x < r && y >= t && y < b;
          }),
        );
      for (const box of inside) expect(part(box)).toBeGreaterThan(0.95);
      for (const box of outside) expect(part(box)).toBeLessThan(0.05);
      expect(meanOf(mask!)).toBeCloseTo(stored.mean, 4);
      for (const [y, x, value] of stored.points) expect(mask![y * width + x]).toBeCloseTo(value, 3);
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
      still = await portrait(width, height);
      // A third of the picture to the right.
      moved = still.map((_, at) => {
        const [pixel, c] = [Math.floor(at / 3), at % 3];
        const x = pixel % width;
        return still[(pixel - x + Math.max(0, x - width / 3)) * 3 + c]!;
      });
    });

    test('a moving person leaves no trail: the mask is as good as that of a first picture', async () => {
      const [, , after] = await masks(width, height, [still, still, moved]);
      const [fresh] = await masks(width, height, [moved]);
      const [before] = await masks(width, height, [still]);
      expect(distance(before!, fresh!)).toBeGreaterThan(0.1);
      expect(distance(after!, fresh!)).toBeLessThan(0.01);
    });

    test('noise makes the mask flicker less than without smoothing', async () => {
      const pictures = [1, 2, 3, 4, 5, 6].map((seed) => noisy(still, seed));
      const smooth = await masks(width, height, pictures);
      const alone: Float32Array[] = [];
      for (const picture of pictures) alone.push(...(await masks(width, height, [picture])));
      const flicker = (list: Float32Array[]) =>
        list.slice(2).reduce((sum, mask, at) => sum + distance(mask, list[at + 1]!), 0);
      expect(flicker(alone)).toBeGreaterThan(0);
      expect(flicker(smooth)).toBeLessThan(0.7 * flicker(alone));
    });

    test('after a reset the previous picture has no influence', async () => {
      const person = await PersonMask.open({ width, height }, 2);
      const find = async (data: Bytes) => Float32Array.from((await person.find(data)).data as Float32Array);
      const first = await find(moved);
      await find(still);
      const remembered = await find(moved);
      await find(still);
      person.reset();
      const forgotten = await find(moved);
      await person.close();
      expect(distance(forgotten, first)).toBe(0);
      expect(distance(remembered, first)).toBeGreaterThan(0);
    });
  });
});

describe('the segmentation networks give what TensorFlow Lite gives', () => {
  // From tensorflow-cpu 2.21.0, reference kernels, the last two operations in NumPy: row, column, value.
  const stored = [
    [
      'square.onnx',
      256,
      0.1454538,
      [
        [4, 118, 0.0294],
        [48, 255, 0.2222],
        [87, 6, 0.035],
        [136, 146, 0.4566],
        [155, 210, 0.0813],
        [189, 109, 0.6105],
        [219, 100, 0.4625],
        [255, 255, 0.4111],
      ],
    ],
    [
      'wide.onnx',
      144,
      0.0031204561,
      [
        [84, 180, 0.0612],
        [89, 190, 0.2429],
        [103, 144, 0.0237],
        [136, 97, 0.1757],
        [137, 125, 0.17],
        [140, 98, 0.1929],
        [142, 108, 0.1005],
        [143, 160, 0.0256],
      ],
    ],
  ] as const;

  test.for(stored)('%s', async ([file, height, mean, points]) => {
    const model = readModel(readFileSync(join(shippedFolder, 'person', file)));
    const count = 256 * height;
    const data = new Float32Array(3 * count);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < 256; x++) {
        data[y * 256 + x] = 0.5 + 0.5 * Math.sin(x / 17 + y / 23);
        data[count + y * 256 + x] = 0.5 + 0.5 * Math.cos(x / 29 - y / 11);
        data[2 * count + y * 256 + x] = 0.5 + 0.5 * Math.sin((x * y) / 4000);
      }
    }
    const { person } = await run(model, { picture: { type: 'float32', dims: [1, 3, height, 256], data } });
    expect(person!.dims).toEqual([1, 1, height, 256]);
    const values = person!.data as Float32Array;
    expect(values.reduce((a, b) => a + b) / count).toBeCloseTo(mean, 4);
    for (const [y, x, value] of points) expect(values[y * 256 + x]).toBeCloseTo(value, 3);
  });
});

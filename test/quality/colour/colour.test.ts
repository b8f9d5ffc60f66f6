import { describe, expect, it } from 'vitest';
import { colourKept } from '#src/quality/colour/colour.js';
import { lightKept } from '#src/quality/colour/light.js';
import { localDifferences } from '#src/quality/colour/local-differences.js';
import type { Picture } from '#src/quality/motion/warping.js';

const [WIDTH, HEIGHT] = [128, 96];
type Rgb = readonly [number, number, number];

/** A picture of patches of 16 pixels a side. */
function patches(colour: (column: number, row: number) => Rgb): Picture {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
    return colour(Math.floor(x / 16), Math.floor(y / 16))[i % 3]!;
  });
  return { data, width: WIDTH, height: HEIGHT };
}
const painted = ({ data, ...size }: Picture, stroke: (rgb: Rgb, pixel: number) => Rgb): Picture => {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) result.set(stroke([data[i]!, data[i + 1]!, data[i + 2]!], i / 3), i);
  return { data: result, ...size };
};
const hash = (n: number) => (Math.imul(n + 1, 0x9e3779b1) >>> 8) % 256;
/** Patches of many colours, in no order. */
const source = patches((x, y) => [
  60 + hash(x + 9 * y) / 2,
  60 + hash(100 + x + 9 * y) / 2,
  60 + hash(200 + x + 9 * y) / 2,
]);
const luma = ([r, g, b]: Rgb) => 0.299 * r + 0.587 * g + 0.114 * b;

const [light, colour] = [lightKept, colourKept].map(
  (measure) => (picture: Picture) => measure(localDifferences(picture), localDifferences(source)),
) as [(picture: Picture) => number, (picture: Picture) => number];

describe('lightKept', () => {
  it('is 1 of the source, −1 of its negative, and the share of the contrast that is left', () => {
    expect(light(source)).toBeCloseTo(1, 12);
    expect(light(painted(source, ([r, g, b]) => [255 - r, 255 - g, 255 - b]))).toBeCloseTo(-1, 12);
    expect(light(painted(source, ([r, g, b]) => [r / 2, g / 2, b / 2]))).toBeCloseTo(0.5, 2);
  });

  it('cares neither for the lightness of the whole, nor for strokes', () => {
    expect(light(painted(source, ([r, g, b]) => [r + 40, g + 40, b + 40]))).toBeCloseTo(1, 12);
    const striped = painted(source, (rgb, i) => rgb.map((value) => value + (i % 2 ? 40 : -40)) as unknown as Rgb);
    expect(light(striped)).toBeCloseTo(1, 12);
  });

  it('falls where light and dark lie where they like, as much as they cover', () => {
    const blotches = patches((x, y) => [hash(31 * x + 7 * y + 3), 128, 128]);
    expect(Math.abs(light(blotches))).toBeLessThan(0.35);
    const half = painted(source, (rgb, i) => (i % WIDTH < WIDTH / 2 ? rgb : [128, 128, 128]));
    expect(light(half)).toBeGreaterThan(0.3);
    expect(light(half)).toBeLessThan(0.7);
  });
});

describe('colourKept', () => {
  it('is all of the source, also where hues have turned, alike everywhere', () => {
    expect(colour(source)).toBeGreaterThan(0.98);
    expect(colour(painted(source, ([r, g, b]) => [b, r, g]))).toBeGreaterThan(0.98);
  });

  it('is nothing of a grey painting, and little of colours that lie where they like', () => {
    const grey = painted(source, (rgb) => [luma(rgb), luma(rgb), luma(rgb)]);
    expect(colour(grey)).toBeLessThan(0.01);
    const camouflage = patches((x, y) => [hash(31 * x + 7 * y + 3), hash(13 * x + 5 * y), hash(11 * x + 23 * y)]);
    expect(colour(camouflage)).toBeLessThan(0.15);
  });

  it('counts pale colours less, and is half where one of two differences is lost', () => {
    const pale = (share: number) =>
      colour(painted(source, (rgb) => rgb.map((value) => luma(rgb) + share * (value - luma(rgb))) as unknown as Rgb));
    expect(pale(0.3)).toBeGreaterThan(0.7);
    expect(pale(0.3)).toBeLessThan(0.95);
    expect(pale(0.1)).toBeLessThan(pale(0.3) - 0.3);
    // Red is kept, blue made to follow the luma.
    const reds = colour(
      painted(source, ([r, g, b]) => [r, (luma([r, g, b]) - 0.299 * r) / 0.701, (luma([r, g, b]) - 0.299 * r) / 0.701]),
    );
    expect(reds).toBeGreaterThan(0.3);
    expect(reds).toBeLessThan(0.85);
  });

  it('has nothing to say of a source without colours', () => {
    const grey = localDifferences(patches((x, y) => [hash(x + y), hash(x + y), hash(x + y)]));
    expect(colourKept(localDifferences(source), grey)).toBeUndefined();
  });
});

it('names what is too small', () => {
  expect(() => localDifferences({ data: new Uint8Array(31 * 64 * 3), width: 31, height: 64 })).toThrow(
    'local differences: expected a picture of at least 32×32 pixels, got 31×64',
  );
});

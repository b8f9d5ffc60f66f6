import { describe, expect, test } from 'vitest';
import { identity, invert, network, styleOf } from '../networks.js';
import { difference, noise, painted, scene } from '../pictures.js';

const [width, height] = [98, 66];
const LUMA = [0.2126, 0.7152, 0.0722];
const luma = (data: Uint8Array, pixel: number) => LUMA.reduce((sum, w, c) => sum + w * data[pixel * 3 + c]!, 0);

describe('strength', () => {
  const data = noise(width, height);
  const style = styleOf(invert, { input: { multiple: 8 } });
  test.for([0, 0.25, 0.5, 1])('%f of the way from the original to the style', async (strength) => {
    const result = await painted(style, data, width, height, { strength });
    const expected = Array.from(data, (level) => level + strength * (255 - 2 * level));
    // Half a level for rounding; the original itself comes back exactly.
    expect(difference(result.data, expected).max).toBeLessThanOrEqual(strength === 0 ? 0 : 0.51);
  });
});

describe('keepColors', () => {
  // All levels, and all changes, far from black and white: nothing is clamped.
  const data = scene(width, height).map((level) => 100 + level / 5);
  const darker = network((g, x) => {
    const tint = g.constant('float32', [1, 3, 1, 1], [0.5, 0.9, 1.1]);
    return g.op('Mul', [x, tint]);
  });

  test.for([1, 0.5, 0])(
    'takes the luminance of the style and the colours of the original, at strength %f',
    async (strength) => {
      const style = styleOf(darker, { input: { multiple: 8 } });
      const full = await painted(style, data, width, height);
      const result = await painted(style, data, width, height, { keepColors: true, strength });
      let light = 0;
      let colour = 0;
      for (let p = 0; p < width * height; p++) {
        const [before, target] = [luma(data, p), luma(full.data, p)];
        light = Math.max(light, Math.abs(luma(result.data, p) - (before + strength * (target - before))));
        for (let c = 0; c < 2; c++) {
          const at = 3 * p + c;
          colour = Math.max(colour, Math.abs(result.data[at + 1]! - result.data[at]! - (data[at + 1]! - data[at]!)));
        }
      }
      expect(light).toBeLessThanOrEqual(1.01);
      expect(colour).toBeLessThanOrEqual(1);
      if (strength === 1) expect(difference(full.data, result.data).mean).toBeGreaterThan(5);
      if (strength === 0) expect(difference(result.data, data).max).toBe(0);
    },
  );

  test('with BGR and NHWC the weights of the channels stay with their colours', async () => {
    const red =
      (axis: number[]) =>
      (g: Parameters<Parameters<typeof network>[0]>[0], x: Parameters<Parameters<typeof network>[0]>[1]) =>
        g.op('Mul', [x, g.constant('float32', axis, [0.5, 1, 1])]);
    const plain = styleOf(network(red([1, 3, 1, 1])));
    const swapped = styleOf(
      network((g, x) => g.op('Mul', [x, g.constant('float32', [1, 1, 1, 3], [1, 1, 0.5])]), [1, 'height', 'width', 3]),
      { input: { layout: 'nhwc', channels: 'bgr' }, output: { layout: 'nhwc', channels: 'bgr' } },
    );
    const a = await painted(plain, data, width, height, { keepColors: true });
    const b = await painted(swapped, data, width, height, { keepColors: true });
    expect(difference(a.data, b.data).max).toBe(0);
    expect(difference(a.data, data).mean).toBeGreaterThan(5);
  });
});

describe('compare', () => {
  test.for([
    [98, 66],
    [33, 70],
    [1, 1],
  ] as const)('%ix%i: the original to the left, byte for byte', async ([w, h]) => {
    const data = noise(w, h);
    const result = await painted(styleOf(invert), data, w, h, { compare: true });
    expect([result.width, result.height]).toEqual([2 * w, h]);
    const half = (from: number) =>
      Uint8Array.from({ length: data.length }, (_, i) => {
        const row = Math.floor(i / (3 * w));
        return result.data[row * 6 * w + from * 3 * w + (i % (3 * w))]!;
      });
    expect(difference(half(0), data).max).toBe(0);
    expect(
      difference(
        half(1),
        data.map((level) => 255 - level),
      ).max,
    ).toBe(0);
  });
});

test('a network that returns NaN paints black, not garbage, and the same each time', async () => {
  const nothing = network((g, x) => {
    const zero = g.op('Mul', [x, g.scalar('float32', 0)]);
    return g.op('Div', [zero, zero]);
  });
  const data = noise(width, height);
  const result = await painted(styleOf(nothing), data, width, height);
  expect(difference(result.data, new Uint8Array(data.length)).max).toBe(0);
});

test('frames of one painter do not mix: each is as it would be alone', async () => {
  const a = noise(width, height);
  const b = scene(width, height);
  expect(difference((await painted(styleOf(identity), a, width, height)).data, a).max).toBe(0);
  expect(difference((await painted(styleOf(identity), b, width, height)).data, b).max).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { shift, zoom } from '#src/quality/motion/motion.js';
import { type Picture, warpingError } from '#src/quality/motion/warping.js';
import { ssim } from '#src/quality/ssim.js';
import { distanceModel } from '#src/quality/style/distance.js';
import { numbers, run } from '../graph/run.js';
import { waves } from '../reference/wave.js';

function picture(width: number, height: number, value: (x: number, y: number, channel: number) => number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3);
  return { data, width, height };
}

const texture = (x: number, y: number, c: number) =>
  127.5 + 100 * Math.sin(0.7 * x + 0.3 * y + c) * Math.cos(0.2 * x - 0.5 * y);

describe('warpingError', () => {
  it('is nothing for a picture that moves as stated, by whole pixels', () => {
    const later = picture(40, 30, (x, y, c) => texture(x + 2, y - 1, c));
    expect(warpingError(picture(40, 30, texture), later, shift(-2, 1))).toBe(0);
    expect(warpingError(picture(40, 30, texture), later, shift(-2, 0))).toBeGreaterThan(0.01);
  });
  it('is small for motion between pixels, where linear interpolation is all that is left', () => {
    const slow = (x: number, y: number, c: number) => texture(x / 8, y / 8, c);
    const later = picture(40, 30, (x, y, c) => slow(20 + (x - 20) / 1.05, 15 + (y - 15) / 1.05, c));
    const error = (motion: ReturnType<typeof shift>) => warpingError(picture(40, 30, slow), later, motion);
    expect(error(zoom(1.05, 20, 15))).toBeLessThan(error(shift(0, 0)) / 10);
  });
  it('is the mean square of what differs, where the motion is known', () => {
    const dark = picture(4, 4, () => 0);
    const striped = picture(4, 4, (x) => (x < 2 ? 255 : 51));
    expect(warpingError(dark, striped, shift(0, 0))).toBeCloseTo((1 + 0.04) / 2, 12);
    expect(warpingError(dark, striped, shift(0, 0), (x) => x >= 2)).toBeCloseTo(0.04, 12);
  });
  it('names what does not fit', () => {
    const [small, large] = [picture(4, 4, () => 0), picture(5, 4, () => 0)];
    expect(() => warpingError(small, large, shift(0, 0))).toThrow(
      'warpingError: expected frames of one size, got 4×4 and 5×4',
    );
    expect(() => warpingError(small, small, shift(9, 0))).toThrow(
      'warpingError: expected pixels that stay in view, got none',
    );
  });
});

describe('ssim', () => {
  const formula = (phase: number) => {
    const data = Uint8Array.from(
      { length: 40 * 32 * 3 },
      (_, i) => 127.5 + 127.4 * Math.sin(1.7 * i + phase + Math.floor(i / 100) * 0.3),
    );
    return { data, width: 40, height: 32 };
  };
  it('is what NumPy computes from the definition', () => {
    expect(ssim(formula(0), formula(0.4))).toBeCloseTo(0.9219521279501173, 8);
    expect(ssim(formula(0), formula(2))).toBeCloseTo(-0.4004882909636952, 8);
    expect(ssim(formula(0), formula(0))).toBeCloseTo(1, 12);
  });
  it('names what does not fit', () => {
    expect(() =>
      ssim(
        formula(0),
        picture(10, 10, () => 0),
      ),
    ).toThrow('ssim: expected two pictures of one size, at least 11×11, got 40×32 and 10×10');
  });
});

describe('distanceModel', () => {
  const network = vgg19(
    new Map([
      ['conv1_1.weight', { dims: [4, 3, 3, 3], data: waves(108, 0.2, 0.4) }],
      ['conv1_1.bias', { dims: [4], data: waves(4, 0.7, 0.1) }],
      ['conv1_2.weight', { dims: [4, 4, 3, 3], data: waves(144, 1.2, 0.4) }],
      ['conv1_2.bias', { dims: [4], data: waves(4, 1.7, 0.1) }],
      ['conv2_1.weight', { dims: [6, 4, 3, 3], data: waves(216, 2.2, 0.4) }],
      ['conv2_1.bias', { dims: [6], data: waves(6, 2.7, 0.1) }],
      ['conv2_2.weight', { dims: [6, 6, 3, 3], data: waves(324, 3.2, 0.4) }],
      ['conv2_2.bias', { dims: [6], data: waves(6, 3.7, 0.1) }],
    ]),
  );
  const empty = [0, 1].map(
    () =>
      new Map(
        Object.entries({ relu1_1: 4, relu2_1: 6 }).map(([layer, c]) => [
          layer,
          tensor('float32', [1, c, c], waves(c * c, 1, 0.2, 1)),
        ]),
      ),
  );
  const image = (phase: number) => tensor('float32', [1, 3, 16, 16], waves(768, phase, 0.4, 0.5));

  it('finds no content distance between equal pictures, and some between others', async () => {
    const model = distanceModel(network, empty, 16, 16);
    const same = await run(model, { painted: image(0), photograph: image(0) });
    const other = await run(model, { painted: image(0), photograph: image(1) });
    expect(numbers(same.content!)[0]).toBe(0);
    expect(numbers(other.content!)[0]).toBeGreaterThan(0.001);
    expect(numbers(other.style!)[0]).toBe(numbers(same.style!)[0]);
    expect(numbers(other.style!)[0]).toBeGreaterThan(0.001);
  });
});

import { describe, expect, test } from 'vitest';
import { network, styleOf } from '../networks.js';
import { difference, painted } from '../pictures.js';

const [width, height] = [96, 64];

/** A network that paints everything in one grey. */
const grey = network((g, x) => {
  const nothing = g.op('Mul', [x, g.scalar('float32', 0)]);
  return g.op('Add', [nothing, g.scalar('float32', 0.5)]);
});

/** A picture of one level but for what `level` says of some pixels. */
function picture(level: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return level(pixel % width, Math.floor(pixel / width));
  });
}

const at = (data: Uint8Array, x: number, y: number) => data[(y * width + x) * 3]!;
const pole = picture((x) => (x === 47 || x === 48 ? 40 : 160));
const style = styleOf(grey);
const paint = (data: Uint8Array, detail?: number, of = style) =>
  painted(of, data, width, height, detail === undefined ? {} : { detail });

describe('detail', () => {
  test('a thin dark pole stays in a painting that has lost it, the more the more detail', async () => {
    const [none, half, all] = await Promise.all([0, 0.5, 1].map(async (detail) => (await paint(pole, detail)).data));
    expect(
      difference(
        none!,
        picture(() => 128),
      ).max,
    ).toBeLessThanOrEqual(1);
    const dark = [half!, all!].map((data) => at(none!, 47, 32) - at(data, 47, 32));
    expect(dark[0]).toBeGreaterThan(8);
    expect(Math.abs(dark[1]! - 2 * dark[0]!)).toBeLessThanOrEqual(2);
    // Far from it nothing has changed.
    expect(at(all!, 10, 32)).toBe(at(none!, 10, 32));
  });

  test('what is broad stays as it was painted, and so does what is faint', async () => {
    const halves = picture((x) => (x < 48 ? 40 : 200));
    const broad = (await paint(halves, 1)).data;
    for (const x of [10, 30, 66, 86]) expect(Math.abs(at(broad, x, 32) - 128)).toBeLessThanOrEqual(1);
    const noise = picture((x, y) => 128 + ((7 * x + 13 * y) % 11) - 5);
    expect(difference((await paint(noise, 1)).data, (await paint(noise, 0)).data).max).toBe(0);
  });

  test('what stands out by much is put on no stronger than what stands out clearly', async () => {
    const of = (level: number) => picture((x) => (x === 47 || x === 48 ? level : 200));
    const [clear, strong] = await Promise.all([of(120), of(10)].map(async (data) => (await paint(data, 1)).data));
    expect(at(clear!, 47, 32)).toBe(at(strong!, 47, 32));
    expect(128 - at(strong!, 47, 32)).toBeLessThanOrEqual(25);
  });

  test('without the option it is as the manifest says', async () => {
    const kept = styleOf(grey, { detail: 0.5 });
    const [own, asked, off] = await Promise.all([paint(pole, undefined, kept), paint(pole, 0.5), paint(pole, 0, kept)]);
    expect(difference(own.data, asked.data).max).toBe(0);
    expect(difference(own.data, (await paint(pole)).data).max).toBeGreaterThan(8);
    expect(difference(off.data, (await paint(pole)).data).max).toBe(0);
  });

  test('networks of other ranges and channel orders get the same', async () => {
    const other = styleOf(
      network((g, x) => g.op('Mul', [x, g.scalar('float32', 0)])),
      { input: { channels: 'bgr', range: [-1, 1] }, output: { channels: 'bgr', range: [-1, 1] } },
    );
    const green = picture(() => 160);
    for (let i = 1; i < green.length; i += 3) green[i] = pole[i]!;
    const [a, b] = await Promise.all([paint(green, 0.6), paint(green, 0.6, other)]);
    expect(difference(a.data, b.data).max).toBeLessThanOrEqual(1);
    expect(at(a.data, 10, 32) - at(a.data, 47, 32)).toBeGreaterThan(10);
  });

  test('is there in a painting that is made small, too', async () => {
    const { data } = await painted(style, pole, width, height, { detail: 1, strokeScale: 2 });
    expect(at(data, 10, 32) - at(data, 47, 32)).toBeGreaterThan(15);
  });
});

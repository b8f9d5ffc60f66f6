import { beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '#src/media/files/pictures/image.js';
import { readFlo, writeFlo } from '#src/quality/motion/flo.js';
import { flowMotion, motionFlow, OpticalFlow } from '#src/quality/motion/flow.js';
import { type Motion, shift, zoom } from '#src/quality/motion/motion.js';
import { visible } from '#src/quality/motion/occlusion.js';
import { type Picture, warpingError } from '#src/quality/motion/warping.js';

let optical: OpticalFlow;
beforeAll(async () => {
  optical = await OpticalFlow.open();
});

/** A texture without repeats, moved by whole or part pixels; a square of another brightness on top of it. */
function scene(dx: number, dy: number, squareAt: number): Picture {
  const [width, height] = [160, 120];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) - dx, Math.floor(i / width) - dy];
    const ground =
      128 + 45 * Math.sin(0.31 * x + 2 * Math.sin(0.05 * y)) + 45 * Math.cos(0.27 * y + Math.sin(0.07 * x));
    const [column, row] = [i % width, Math.floor(i / width)];
    const inside = column >= squareAt && column < squareAt + 30 && row >= 40 && row < 80;
    data.fill(inside ? 220 + 30 * Math.sin(0.9 * (column - squareAt) + 0.7 * row) : ground, i * 3, i * 3 + 3);
  }
  return { data, width, height };
}

/** A part of a photograph, before and after a motion, each with the noise of a sensor: up to two levels. */
async function photographed(motion: Motion): Promise<[Picture, Picture]> {
  const { frame } = await readImage('presets/photographs/castle.jpg');
  const [width, height, margin] = [560, 300, 30];
  let random = 1;
  const noise = () => {
    random = (random * 48271) % 2147483647;
    return (4 * random) / 2147483647 - 2;
  };
  const seen = (from: (x: number, y: number) => readonly [number, number]): Picture => {
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = from(i % width, Math.floor(i / width));
      for (let channel = 0; channel < 3; channel++)
        data[i * 3 + channel] = Math.min(
          255,
          Math.max(0, Math.round(between(frame, x + margin, y + margin, channel) + noise())),
        );
    }
    return { data, width, height };
  };
  // Where the motion came from: it changes so slowly that turning it round at the end of its way will do.
  const back: Motion = (x, y) => {
    const [toX, toY] = motion(x, y);
    return [2 * x - toX, 2 * y - toY];
  };
  return [seen((x, y) => [x, y]), seen(back)];
}

/** A channel between four pixels. */
function between({ data, width }: Picture, x: number, y: number, channel: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top];
  const at = (column: number, row: number) => data[((top + row) * width + left + column) * 3 + channel]!;
  return (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
}

/** The share of a rectangle that is 1, of a mask 160 wide. */
function share(mask: Uint8Array, [left, right]: [number, number], [top, bottom]: [number, number]): number {
  let count = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) count += mask[y * 160 + x]!;
  return count / ((right - left) * (bottom - top));
}

describe('OpticalFlow', () => {
  it('finds a shift to a fraction of a pixel, and its reverse', () => {
    const { forward, backward } = optical.between(scene(0, 0, 200), scene(2.4, -1.3, 200));
    for (const [x, y] of [
      [40, 30],
      [80, 60],
      [120, 90],
    ] as const) {
      const i = (y * 160 + x) * 2;
      expect(forward.data[i]).toBeCloseTo(2.4, 0.6);
      expect(Math.abs(forward.data[i]! - 2.4)).toBeLessThan(0.15);
      expect(Math.abs(forward.data[i + 1]! + 1.3)).toBeLessThan(0.15);
      expect(Math.abs(backward.data[i]! + 2.4)).toBeLessThan(0.15);
    }
  });

  it('follows less of what is covered in the later frame', () => {
    const { forward, backward } = optical.between(scene(0, 0, 60), scene(0, 0, 68));
    const mask = visible(forward, backward);
    expect(share(mask, [91, 97], [45, 75])).toBeLessThan(0.7);
    expect(share(mask, [10, 40], [10, 110])).toBeGreaterThan(0.95);
  });

  it.each<[string, Motion]>([
    ['a pan', shift(-2, -1)],
    ['a pan by parts of a pixel', shift(-1.37, 0.61)],
    ['a zoom', zoom(1.003, 280, 150)],
  ])('agrees with the exact motion of %s over a photograph', async (_, motion) => {
    const [earlier, later] = await photographed(motion);
    const { width, height } = earlier;
    const { forward, backward } = optical.between(earlier, later);
    const exact = motionFlow(motion, width, height);
    const errors = Array.from({ length: width * height }, (_, i) =>
      Math.hypot(forward.data[i * 2]! - exact.data[i * 2]!, forward.data[i * 2 + 1]! - exact.data[i * 2 + 1]!),
    ).sort((a, b) => a - b);
    expect(errors[errors.length >> 1]).toBeLessThan(0.1);
    const mask = visible(forward, backward);
    const known = (x: number, y: number) => mask[y * width + x] === 1;
    expect(mask.reduce((sum, value) => sum + value, 0) / mask.length).toBeGreaterThan(0.9);
    // A painted look: high contrast, so that a wrong motion shows.
    const strong = [earlier, later].map((frame) => ({
      ...frame,
      data: Uint8Array.from(frame.data, (value) => Math.round(128 + 120 * Math.sin(value / 9))),
    })) as [Picture, Picture];
    const estimated = warpingError(...strong, flowMotion(forward), known);
    expect(estimated / warpingError(...strong, motion, known)).toBeGreaterThan(0.75);
    expect(estimated / warpingError(...strong, motion, known)).toBeLessThan(1.25);
  });
});

describe('visible', () => {
  /** A square of the given columns moves, nothing else does. */
  const moving = (left: number, right: number, by: number): Motion => {
    return (x, y) => [x >= left && x < right && y >= 40 && y < 80 ? x + by : x, y];
  };

  it('leaves out what is covered, what leaves the frame and what borders on another motion, and nothing else', () => {
    const mask = visible(motionFlow(moving(60, 90, 8), 160, 120), motionFlow(moving(68, 98, -8), 160, 120));
    expect(share(mask, [90, 98], [41, 79])).toBe(0);
    expect(share(mask, [60, 89], [40, 79])).toBe(1);
    expect(share(mask, [59, 60], [40, 80])).toBe(0);
    expect(share(mask, [98, 160], [0, 120])).toBe(1);
    const leaving = visible(motionFlow(shift(5, 0), 160, 120), motionFlow(shift(-5, 0), 160, 120));
    expect(share(leaving, [0, 155], [0, 120])).toBe(1);
    expect(share(leaving, [155, 160], [0, 120])).toBe(0);
  });

  it('allows what the paper allows: half a pixel squared, and a hundredth of the motion', () => {
    const seen = (back: number) => visible(motionFlow(shift(4, 0), 40, 40), motionFlow(shift(back, 0), 40, 40))[820];
    // |4 + b|² against 0.01 (16 + b²) + 0.5
    expect([seen(-4), seen(-3.2), seen(-3.1)]).toEqual([1, 1, 0]);
  });
});

describe('.flo', () => {
  const flow = motionFlow((x, y) => [x + 0.5 * y, y - x], 3, 2);

  it('holds a flow, the unknown as NaN', () => {
    const bytes = writeFlo(flow);
    expect([...bytes.subarray(0, 12)]).toEqual([...Buffer.from('PIEH'), 3, 0, 0, 0, 2, 0, 0, 0]);
    expect(readFlo(bytes, 'a.flo')).toEqual(flow);
    const partly = { ...flow, data: flow.data.map((value, i) => (i === 4 ? Number.NaN : value)) };
    expect(readFlo(writeFlo(partly), 'a.flo').data[4]).toBeNaN();
  });

  it.each([
    ['short', new Uint8Array(3), 'a.flo does not begin with "PIEH"; expected a flow in Middlebury\'s .flo format.'],
    ['cut off', writeFlo(flow).subarray(0, 50), 'a.flo has 50 bytes for 3×2 pixels, expected 60; expected a flow'],
  ])('refuses what is %s', (_, bytes, message) => {
    expect(() => readFlo(bytes, 'a.flo')).toThrow(message);
  });
});

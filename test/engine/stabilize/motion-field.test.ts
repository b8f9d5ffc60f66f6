import { describe, expect, test } from 'vitest';
import { MotionField } from '#src/engine/stabilize/motion-field.js';
import { KernelMemory, openKernel, wholeVectors } from '#src/engine/stabilize/webassembly.js';
import type { Size } from '#src/frame.js';

/** A texture without repetition, in levels. */
function level(x: number, y: number): number {
  const waves =
    Math.sin(x / 5 + Math.sin(y / 11) * 2) + Math.cos(y / 6 + Math.sin(x / 13) * 3) + Math.sin((x + y) / 29);
  return 128 + 36 * waves;
}

type At = (x: number, y: number) => number;

/** The field between two pictures, in pixels of the picture, and whether a block was hidden. */
function fieldOf({ width, height }: Size, before: At, now: At, camera = { x: 0, y: 0, zoom: 1 }) {
  const kernel = openKernel();
  const memory = new KernelMemory();
  const stride = wholeVectors(width);
  const motion = new MotionField(kernel, memory, { width, height }, stride);
  const places = [0, 0].map(() => memory.reserve(stride * height));
  const bytes = memory.provide(kernel);
  for (const [n, at] of [before, now].entries()) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) bytes[places[n]! + y * stride + x] = at(x, y);
    }
    motion.take(places[n]!);
  }
  motion.estimate(camera);
  const { columns, rows, side } = motion;
  const field = new Int16Array(bytes.buffer, motion.field, columns * rows * 2);
  const costs = new Int32Array(bytes.buffer, motion.costs, (columns * rows) / 4);
  return {
    side,
    at: (x: number, y: number) => {
      const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
      const block = row * columns + column;
      return { x: field[block * 2]! / 16, y: field[block * 2 + 1]! / 16 };
    },
    hidden: (x: number, y: number) => costs[Math.floor(y / side / 2) * (columns / 2) + Math.floor(x / side / 2)] === -1,
  };
}

describe('the motion of blocks', () => {
  test.each([
    { size: { width: 320, height: 180 }, x: 0, y: 0 },
    { size: { width: 320, height: 180 }, x: -3.4, y: 1.6 },
    { size: { width: 320, height: 180 }, x: 38, y: -9 },
    { size: { width: 1280, height: 720 }, x: 21, y: 6 },
    { size: { width: 99, height: 70 }, x: 4.5, y: -2 },
    { size: { width: 17, height: 40 }, x: 1, y: 0 },
  ])('$size.width×$size.height moved by $x, $y', ({ size, x, y }) => {
    // Larger pictures show larger things.
    const scale = Math.max(1, size.width / 640);
    const field = fieldOf(
      size,
      (u, v) => level(u / scale, v / scale),
      (u, v) => level((u - x) / scale, (v - y) / scale),
    );
    const errors: number[] = [];
    const margin = Math.min(48, Math.floor(Math.min(size.width, size.height) / 4));
    for (let v = margin; v < size.height - margin; v += field.side) {
      for (let u = margin; u < size.width - margin; u += field.side) {
        const found = field.at(u, v);
        errors.push(Math.hypot(found.x + x, found.y + y));
      }
    }
    errors.sort((a, b) => a - b);
    expect(errors[errors.length >> 1]).toBeLessThan(0.5 * scale);
    expect(errors[Math.floor(errors.length * 0.9)]).toBeLessThan(1.2 * scale);
  });

  test('a thing that moves otherwise than the camera, and what it uncovers', () => {
    const [size, by] = [{ width: 320, height: 180 }, 24];
    const thing = (left: number) => (x: number, y: number) => x >= left && x < left + 80 && y >= 48 && y < 128;
    const view = (n: number) => (x: number, y: number) =>
      thing(80 + by * n)(x, y) ? level(3 * (x - by * n) + 500, 3 * y + 90) : level(x - 2 * n, y);
    const field = fieldOf(size, view(0), view(1), { x: -2, y: 0, zoom: 1 });
    for (const x of [120, 144, 164]) expect(Math.hypot(field.at(x, 88).x + by, field.at(x, 88).y)).toBeLessThan(0.5);
    for (const x of [40, 240, 280]) expect(field.at(x, 88)).toEqual({ x: -2, y: 0 });
    const uncovered = [64, 80, 96, 112].flatMap((y) => [84, 92, 100].map((x) => field.hidden(x, y)));
    const behind = [64, 80, 96, 112].flatMap((y) => [24, 48, 240, 296].map((x) => field.hidden(x, y)));
    expect(uncovered.filter(Boolean).length).toBeGreaterThan(3);
    expect(behind.filter(Boolean)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { CameraMotionEstimator } from '#src/engine/stabilize/camera-motion.js';
import type { Size } from '#src/frame.js';
import { noisy } from '#src/quality/flicker.js';

const SIZE: Size = { width: 320, height: 192 };

/** A scene without borders, with something to see at every scale; another one for each seed. RGB24. */
function view({ width, height }: Size, left: number, top: number, seed = 1, scale = 1): Uint8Array {
  const waves = Array.from({ length: 14 }, (_, n) => {
    const angle = (seed * 2.399 + n * 1.7) % (2 * Math.PI);
    const rate = 0.03 + 0.055 * ((n * 0.618 + seed * 0.37) % 1) * (1 + n / 4);
    return { x: (Math.cos(angle) * rate) / scale, y: (Math.sin(angle) * rate) / scale, phase: n * seed };
  });
  // sin(a + b) = sin a cos b + cos a sin b: large pictures are made quickly.
  const table = (length: number, angle: (n: number, wave: (typeof waves)[number]) => number) =>
    [Math.sin, Math.cos].map((f) =>
      Float64Array.from({ length: length * waves.length }, (_, i) =>
        f(angle(Math.floor(i / waves.length), waves[i % waves.length]!)),
      ),
    ) as [Float64Array, Float64Array];
  const [sinX, cosX] = table(width, (x, wave) => (x + left) * wave.x + wave.phase);
  const [sinY, cosY] = table(height, (y, wave) => (y + top) * wave.y);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let level = 0;
      for (let n = 0, i = x * waves.length, j = y * waves.length; n < waves.length; n++, i++, j++) {
        level += sinX[i]! * cosY[j]! + cosX[i]! * sinY[j]!;
      }
      const byte = 128 + 60 * Math.tanh(level);
      for (let c = 0; c < 3; c++) data[at++] = byte;
    }
  }
  return data;
}

/** Where the scene is after each of the pictures. */
function follow(size: Size, pictures: readonly Uint8Array[]) {
  const camera = new CameraMotionEstimator(size);
  return pictures.map((picture) => camera.update(picture));
}

const PANS = [
  { name: 'whole pixels', dx: -2, dy: -1 },
  { name: 'parts of a pixel', dx: 1.37, dy: -0.61 },
  { name: 'slowly', dx: 0.15, dy: 0 },
  { name: 'fast', dx: -6, dy: 2 },
] as const;

describe('camera motion', () => {
  test.each(PANS)('is estimated: $name', ({ dx, dy }) => {
    const pictures = Array.from({ length: 16 }, (_, n) => view(SIZE, -n * dx, -n * dy));
    for (const [n, place] of follow(SIZE, pictures).entries()) {
      expect(Math.abs(place.x - n * dx)).toBeLessThan(0.7);
      expect(Math.abs(place.y - n * dy)).toBeLessThan(0.7);
      expect(place.cut).toBe(n === 0);
    }
  });

  test('is estimated in a picture sampled at every third pixel', () => {
    const size = { width: 1920, height: 1080 };
    const pictures = Array.from({ length: 4 }, (_, n) => view(size, n * 7, n * -4, 1, 3));
    const last = follow(size, pictures).at(-1)!;
    expect(Math.abs(last.x + 21)).toBeLessThan(1);
    expect(Math.abs(last.y - 12)).toBeLessThan(1);
  });

  test('is estimated through noise', () => {
    const pictures = Array.from({ length: 12 }, (_, n) => {
      return noisy({ data: view(SIZE, n * 3, n), ...SIZE }, 1, n).data;
    });
    const last = follow(SIZE, pictures).at(-1)!;
    expect(Math.abs(last.x + 33)).toBeLessThan(1);
    expect(Math.abs(last.y + 11)).toBeLessThan(1);
  });

  test.each([1.004, 0.995])('is estimated for a zoom of %s per picture', (zoom) => {
    const { width, height } = SIZE;
    const pictures = Array.from({ length: 12 }, (_, n) => {
      const scale = zoom ** n;
      const middle = (side: number) => ((side - 1) / 2) * (scale - 1);
      return view(SIZE, middle(width), middle(height), 1, scale);
    });
    const last = follow(SIZE, pictures).at(-1)!;
    expect(Math.abs(last.zoom / zoom ** 11 - 1)).toBeLessThan(0.01);
    expect(Math.hypot(last.x, last.y)).toBeLessThan(0.7);
    expect(last.cut).toBe(false);
  });

  test('is zero where the light changes or noise varies', () => {
    const scene = view(SIZE, 0, 0);
    const pictures = Array.from({ length: 40 }, (_, n) => {
      const lit = scene.map((level) => 0.7 * level + n);
      return noisy({ data: lit, ...SIZE }, 1, n).data;
    });
    for (const [n, place] of follow(SIZE, pictures).entries())
      expect(place).toEqual({ x: 0, y: 0, zoom: 1, cut: n === 0 });
  });

  test('is zero while people walk through', () => {
    const pictures = Array.from({ length: 40 }, (_, n) => {
      const data = view(SIZE, 0, 0);
      for (const [seed, speed, top] of [
        [5, 3, 40],
        [7, -2.3, 80],
      ] as const) {
        const person = view({ width: 50, height: 100 }, 0, 0, seed);
        const left = Math.round(130 + speed * (n - 20));
        for (let y = 0; y < 100; y++) {
          data.set(person.subarray(y * 150, (y + 1) * 150), ((top + y) * SIZE.width + left) * 3);
        }
      }
      return data;
    });
    for (const place of follow(SIZE, pictures)) expect([place.x, place.y]).toEqual([0, 0]);
  });

  test('is zero where little but a sliding door is visible', () => {
    const pictures = Array.from({ length: 8 }, (_, n) => {
      const data = new Uint8Array(SIZE.width * SIZE.height * 3).fill(128);
      const post = view({ width: 30, height: 120 }, 0, 0, 3);
      const door = view({ width: 60, height: 150 }, 0, 0, 5);
      for (let y = 0; y < 120; y++) data.set(post.subarray(y * 90, (y + 1) * 90), ((y + 30) * SIZE.width + 40) * 3);
      for (let y = 0; y < 150; y++)
        data.set(door.subarray(y * 180, (y + 1) * 180), ((y + 20) * SIZE.width + 200 + 2 * n) * 3);
      return data;
    });
    for (const [n, place] of follow(SIZE, pictures).entries())
      expect(place).toEqual({ x: 0, y: 0, zoom: 1, cut: n === 0 });
  });

  test('is zero in flat pictures, and in those that are too small', () => {
    const grey = Array.from({ length: 4 }, () => new Uint8Array(SIZE.width * SIZE.height * 3).fill(90));
    expect(follow(SIZE, grey).map(({ x, y }) => [x, y])).toEqual(new Array(4).fill([0, 0]));
    const tiny = { width: 3, height: 2 };
    const noise = Array.from({ length: 4 }, (_, n) =>
      Uint8Array.from({ length: 18 }, (_, i) => (i * 97 + n * 31) % 256),
    );
    expect(follow(tiny, noise).map(({ x, y }) => [x, y])).toEqual(new Array(4).fill([0, 0]));
  });
});

test('black before a scene is a cut, and so is one flat picture after another', () => {
  const flat = (level: number) => new Uint8Array(SIZE.width * SIZE.height * 3).fill(level);
  const scene = view(SIZE, 0, 0);
  const places = follow(SIZE, [flat(0), flat(0), scene, scene, flat(255), flat(0)]);
  expect(places.map(({ cut }) => cut)).toEqual([true, false, true, false, true, true]);
});

test('another scene is a cut, once, and resets the position', () => {
  const first = Array.from({ length: 5 }, (_, n) => view(SIZE, n * 3, 0, 1));
  const second = Array.from({ length: 5 }, (_, n) => view(SIZE, n * 3, 0, 9));
  const places = follow(SIZE, [...first, ...second]);
  expect(places.map(({ cut }) => cut)).toEqual([true, false, false, false, false, true, false, false, false, false]);
  expect(places[5]).toEqual({ x: 0, y: 0, zoom: 1, cut: true });
  expect(Math.abs(places[9]!.x + 12)).toBeLessThan(0.5);
});

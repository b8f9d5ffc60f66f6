import { type EngineOptions, openPainter } from '#src/engine/open.js';
import type { Frame } from '#src/frame.js';
import type { Style } from '#src/model/style.js';

const NOW = { value: 0, timeBase: { num: 1, den: 25 } };

/** A frame of given pixels. */
export function frameOf(data: Uint8Array, width: number, height: number): Frame {
  return { data: new Uint8Array(data) as Uint8Array<ArrayBuffer>, width, height, pts: NOW };
}

/** Every pixel another colour, without symmetry: any exchange of rows, columns or channels shows. */
export function noise(width: number, height: number): Uint8Array {
  let state = width * 7919 + height;
  return Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** Something like a photograph: large shapes, edges and a little texture, different in every corner. */
export function scene(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sky = 200 - (120 * y) / height + (40 * x) / width;
      const hill = y > height * (0.5 + 0.2 * Math.sin(x / (width / 7))) ? -70 : 0;
      const disc = Math.hypot(x - width * 0.7, y - height * 0.3) < height * 0.15 ? 60 : 0;
      const texture = 12 * Math.sin(x * 0.2 + y * 0.1) * Math.sin(y * 0.15);
      for (let c = 0; c < 3; c++) {
        data[(y * width + x) * 3 + c] = Math.max(
          0,
          Math.min(255, sky + hill * (1 - 0.3 * c) + disc * (c === 2 ? -1 : 1) + texture),
        );
      }
    }
  }
  return data;
}

/** Noise without the finest details: its motion can be followed, and shows at every pixel. */
export function texture(width: number, height: number): Uint8Array {
  let result = noise(width, height);
  for (let times = 0; times < 2; times++) {
    const from = result;
    result = from.map((_, i) => {
      const near = [-3, 0, 3].flatMap((x) => [-1, 0, 1].map((y) => from[i + x + y * width * 3] ?? 128));
      return Math.min(255, Math.max(0, 128 + 1.6 * (near.reduce((a, b) => a + b, 0) / 9 - 128)));
    });
  }
  return result;
}

/** A part of a picture that is `wide` pixels wide, from a corner on. */
export function part(data: Uint8Array, wide: number, left: number, top: number, width: number, height: number) {
  const result = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * wide + left) * 3;
    result.set(data.subarray(from, from + width * 3), y * width * 3);
  }
  return result;
}

/** What a style makes of one picture. */
export async function painted(
  style: Style,
  data: Uint8Array,
  width: number,
  height: number,
  options: EngineOptions = {},
): Promise<{ data: Uint8Array; width: number; height: number; tiles: number; notes: readonly string[] }> {
  const { painter, tiles, notes } = await openPainter(
    style,
    { width, height },
    { threads: 1, device: 'cpu', ...options },
  );
  try {
    const frame = await painter.paint(frameOf(data, width, height));
    return { data: frame.data, width: frame.width, height: frame.height, tiles, notes };
  } finally {
    await painter.close();
  }
}

/** The largest and the mean absolute difference of two pictures, in levels. */
export function difference(a: Uint8Array, b: ArrayLike<number>): { max: number; mean: number } {
  if (a.length !== b.length) throw new Error(`pictures of ${a.length} and ${b.length} bytes`);
  let max = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    max = Math.max(max, d);
    sum += d;
  }
  return { max, mean: sum / a.length };
}

/** Code, message and hint of what a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  const error = await promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (reason) => reason,
  );
  return { code: error.code, message: error.message, hint: error.hint };
}

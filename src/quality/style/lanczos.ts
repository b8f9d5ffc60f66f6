import type { Picture } from '../motion/warping.js';

/** Lobes of the kernel to each side. */
const LOBES = 3;

/**
 * Resizes a picture, up or down, with the Lanczos kernel of three lobes (Duchon 1979). Crispness depends on how the style
 * picture is resized, and image libraries enlarge with softer kernels.
 */
export function lanczos(picture: Picture, width: number, height: number): Picture {
  const across = alongRows(picture, width);
  const down = alongRows(transposed(across), height);
  return transposed(down);
}

/** Resizes every row. */
function alongRows({ data, width, height }: Picture, length: number): Picture {
  const result = new Uint8ClampedArray(length * height * 3);
  const scale = Math.max(1, width / length);
  for (let x = 0; x < length; x++) {
    const centre = ((x + 0.5) * width) / length;
    const first = Math.max(0, Math.round(centre - LOBES * scale));
    const last = Math.min(width, Math.round(centre + LOBES * scale));
    const weights = Array.from({ length: last - first }, (_, i) => kernel((first + i + 0.5 - centre) / scale));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let y = 0; y < height; y++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (const [i, weight] of weights.entries()) sum += weight * data[(y * width + first + i) * 3 + c]!;
        result[(y * length + x) * 3 + c] = sum / total;
      }
    }
  }
  return { data: new Uint8Array(result.buffer), width: length, height };
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/** Swaps rows and columns. */
function transposed({ data, width, height }: Picture): Picture {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      result.set(data.subarray(from, from + 3), (x * height + y) * 3);
    }
  }
  return { data: result, width: height, height: width };
}

import type { Picture } from './motion/warping.js';

/** Standard deviation of synthetic sensor noise relative to the range: that of a webcam in a dim room. */
export const NOISE = 0.025;

/**
 * A still picture with the sensor noise of one frame: independent normal noise on every pixel and colour, rounded and
 * clipped to bytes.
 *
 * @param frame index of the frame; the same seed and frame give the same noise.
 * @param deviation of the noise as a share of the range 0–255.
 */
export function noisy({ data, width, height }: Picture, seed: number, frame: number, deviation = NOISE): Picture {
  const result = new Uint8ClampedArray(data.length);
  let state = (Math.imul(seed, 0x9e3779b1) + Math.imul(frame, 0x85ebca6b)) >>> 0;
  // mulberry32
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < data.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())) * deviation * 255;
    const angle = 2 * Math.PI * uniform();
    result[i] = data[i]! + radius * Math.cos(angle);
    if (i + 1 < data.length) result[i + 1] = data[i + 1]! + radius * Math.sin(angle);
  }
  return { data: new Uint8Array(result.buffer), width, height };
}

/** The mean absolute difference of two pictures of one size, values counting from 0 to 1. */
export function meanChange(a: Picture, b: Picture): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / (a.data.length * 255);
}

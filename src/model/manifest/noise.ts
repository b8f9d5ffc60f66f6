import { createCipheriv, createHash } from 'node:crypto';
import type { FurtherInput, Manifest } from './types.js';

/** Number of smoothing passes, for features of about three cells. */
const PASSES = 2;

/** The noise input of a network, if any. */
export function noiseInputOf({ inputs, modulation }: Manifest): FurtherInput | undefined {
  return inputs.find(({ name }) => name === modulation?.noise);
}

/**
 * A smooth random field that tiles seamlessly, by rows and columns of each channel.
 *
 * @param dims [channels, rows, columns]. @param seed seed of the field, the same on every machine.
 * @param deviation standard deviation of its numbers, whose mean is 0
 */
export function smoothNoise(dims: readonly number[], seed: number, deviation: number): number[] {
  const [channels, rows, columns] = dims as [number, number, number];
  let field = normal(seed, channels * rows * columns);
  for (let pass = 0; pass < PASSES; pass++) {
    field = mixed(mixed(field, columns, 1), rows, columns);
  }
  const own = Math.sqrt(field.reduce((sum, value) => sum + value ** 2, 0) / field.length);
  return Array.from(field, (value) => (value * deviation) / own);
}

/** Circular smoothing along an axis with [1 2 1]. */
function mixed(field: Float64Array, length: number, step: number): Float64Array {
  const along = length * step;
  return field.map((value, i) => {
    const place = i % along;
    const start = i - place;
    const [before, after] = [start + ((place - step + along) % along), start + ((place + step) % along)];
    return (field[before]! + 2 * value + field[after]!) / 4;
  });
}

/** Normally distributed numbers for a seed (Box and Muller 1958). */
function normal(seed: number, count: number): Float64Array {
  const key = createHash('sha256').update(String(seed)).digest();
  const bytes = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(8 * count));
  const uniform = (at: number) => (bytes.readUInt32LE(at) + 1) / 2 ** 32;
  return Float64Array.from({ length: count }, (_, i) => {
    return Math.sqrt(-2 * Math.log(uniform(8 * i))) * Math.cos(2 * Math.PI * uniform(8 * i + 4));
  });
}

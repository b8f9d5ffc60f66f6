import { sharp } from '../../media/sharp.js';
import { Random } from '../../nets/parameters/random.js';
import type { CropSource } from './synthetic-pictures.js';

/** Shares of the crops that are darkened, blurred and lowered in contrast, and of all crops that get noise. */
const [DARK, BLURRED, PALE, NOISY] = [0.12, 0.08, 0.08, 0.15];

/** How a crop is degraded. */
export interface Degradation {
  /** Standard deviation of a Gaussian blur in pixels; 0 for none. */
  readonly blur: number;
  /** Levels from 0 to 1 become gain · level^gamma + offset. */
  readonly gain: number;
  readonly gamma: number;
  readonly offset: number;
  /** Standard deviation of the noise of each pixel and colour; 0 for none. */
  readonly noise: number;
}

/**
 * The same crops, some of them degraded as by a camera in bad light: a network trained on good photographs alone does
 * not paint dark or misty scenes legibly. The degradation depends only on the seed and the step.
 */
export function degraded(pictures: CropSource): CropSource {
  return {
    count: pictures.count,
    broken: pictures.broken,
    crops: async (seed, step, count, size) => {
      const bytes = await pictures.crops(seed, step, count, size);
      const length = size * size * 3;
      for (let i = 0; i < count; i++) {
        const random = new Random(seed, step * count + i, 11);
        const crop = bytes.subarray(i * length, (i + 1) * length);
        crop.set(await degrade(crop, size, randomDegradation(random), random));
      }
      return bytes;
    },
  };
}

/** A random degradation; none for most crops. */
export function randomDegradation(random: Random): Degradation {
  const kind = random.between(0, 1);
  const noise = random.chance(NOISY) ? random.between(0.01, 0.05) : 0;
  const none = { blur: 0, gain: 1, gamma: 1, offset: 0, noise };
  if (kind < DARK) {
    const gamma = random.between(0.9, 1.3);
    return { ...none, gain: random.between(0.15, 0.6) ** gamma, gamma };
  }
  if (kind < DARK + BLURRED) return { ...none, blur: random.between(0.8, 3) };
  if (kind >= DARK + BLURRED + PALE) return none;
  const gain = random.between(0.25, 0.6);
  return { ...none, gain, offset: random.between(0.1, 0.9 - gain) };
}

/** Degrades a crop. @param crop RGB bytes [size, size, 3]. @param random source of the noise. */
export async function degrade(
  crop: Uint8Array,
  size: number,
  { blur, gain, gamma, offset, noise }: Degradation,
  random: Random,
): Promise<Uint8ClampedArray> {
  const raw = { width: size, height: size, channels: 3 } as const;
  const soft = blur > 0 ? await sharp(crop, { raw }).blur(blur).raw().toBuffer() : crop;
  const levels = Float64Array.from({ length: 256 }, (_, level) => 255 * (gain * (level / 255) ** gamma + offset));
  const result = Float64Array.from(soft, (level) => levels[level]!);
  if (noise > 0) for (let i = 0; i < result.length; i++) result[i]! += 255 * noise * random.normal();
  // Rounds and clamps to 0 … 255.
  return Uint8ClampedArray.from(result);
}

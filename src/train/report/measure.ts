import { GraphSession } from '../../engine/threads/graph-session.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { shift } from '../../quality/motion/motion.js';
import { type Picture, warpingError } from '../../quality/motion/warping.js';
import { ssim } from '../../quality/ssim.js';
import { distanceModel } from '../../quality/style/distance.js';
import type { StyleTarget } from '../../quality/style/target.js';
import type { CropSource } from '../data/synthetic-pictures.js';

/** Measurements of a finished network, as means over photographs. */
export interface NetworkMeasurement {
  /** Distance of the Gram matrices that training compares; that of the photographs for comparison. */
  readonly style: number;
  readonly photographStyle: number;
  /** For a domain as style: distance from it; that of the photographs for comparison. */
  readonly domain?: number;
  readonly photographDomain?: number;
  /** For painted frames: mean difference of levels, 0 to 1, from what was painted; that of the frames for comparison. */
  readonly painted?: number;
  readonly photographPainted?: number;
  /** Distance of the content features relative to the photograph's own energy. */
  readonly content: number;
  /** Structural similarity of painting and photograph. */
  readonly ssim: number;
  /** Warping error for camera motion of 1, 2 and 4 pixels. */
  readonly warping: Readonly<Record<string, number>>;
  /** Number of photographs. */
  readonly photographs: number;
}

const COUNT = 8;
/** Motions measured, in whole pixels, so that the photograph itself has no error. */
const SHIFTS = [1, 2, 4];

/** Measures an exported network on crops of photographs that were not used by any training step of this seed. */
export async function measureNetwork(
  model: Model,
  network: LossNetwork,
  target: StyleTarget,
  photographs: CropSource,
  { size, seed, threads }: { size: number; seed: number; threads: number },
): Promise<NetworkMeasurement> {
  const painter = await GraphSession.open(model, { threads });
  const judge = await GraphSession.open(distanceModel(network, target, size, size), { threads });
  const margin = Math.max(...SHIFTS);
  const sums = { style: 0, photographStyle: 0, content: 0, ssim: 0 };
  const warping = Object.fromEntries(SHIFTS.map((pixels) => [`${pixels} px`, 0]));
  try {
    for (let i = 0; i < COUNT; i++) {
      const large = size + margin;
      const scene = { data: await photographs.crops(seed + 3, i, 1, large), width: large, height: large };
      const paint = async (offset: number) => {
        const photograph = cut(scene, offset, size);
        const tensor = toTensor(photograph);
        const { stylized } = await painter.run({ image: tensor }, ['stylized']);
        return { photograph, tensor, painted: stylized!, picture: toPicture(stylized!.data as Float32Array, size) };
      };
      const first = await paint(0);
      const judged = await judge.run({ painted: first.painted, photograph: first.tensor }, ['style', 'content']);
      const plain = await judge.run({ painted: first.tensor, photograph: first.tensor }, ['style']);
      sums.style += number(judged.style);
      sums.content += number(judged.content);
      sums.photographStyle += number(plain.style);
      sums.ssim += ssim(first.picture, first.photograph);
      for (const pixels of SHIFTS) {
        const moved = await paint(pixels);
        warping[`${pixels} px`]! += warpingError(first.picture, moved.picture, shift(-pixels, -pixels)) / COUNT;
      }
    }
  } finally {
    await Promise.all([painter.close(), judge.close()]);
  }
  const mean = (sum: number) => sum / COUNT;
  return {
    style: mean(sums.style),
    photographStyle: mean(sums.photographStyle),
    content: mean(sums.content),
    ssim: mean(sums.ssim),
    warping,
    photographs: COUNT,
  };
}

/** The mean of several measurements. */
export function meanMeasurement(all: readonly NetworkMeasurement[]): NetworkMeasurement {
  const mean = (of: (each: NetworkMeasurement) => number) => all.reduce((sum, each) => sum + of(each), 0) / all.length;
  return {
    style: mean(({ style }) => style),
    photographStyle: mean(({ photographStyle }) => photographStyle),
    content: mean(({ content }) => content),
    ssim: mean(({ ssim }) => ssim),
    warping: Object.fromEntries(
      Object.keys(all[0]!.warping).map((motion) => [motion, mean(({ warping }) => warping[motion]!)]),
    ),
    photographs: all[0]!.photographs,
  };
}

function number(tensor: { data: unknown } | undefined): number {
  return (tensor!.data as Float32Array)[0]!;
}

/** The square of a picture that starts `offset` pixels from its upper left corner, along both axes. */
function cut({ data, width }: Picture, offset: number, size: number): Picture {
  const rows = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const start = ((y + offset) * width + offset) * 3;
    rows.set(data.subarray(start, start + size * 3), y * size * 3);
  }
  return { data: rows, width: size, height: size };
}

/** A picture as a tensor, float32 [1, 3, h, w], RGB in [0, 1]. */
export function toTensor({ data, width, height }: Picture) {
  const area = width * height;
  const values = Float32Array.from({ length: 3 * area }, (_, i) => data[(i % area) * 3 + Math.floor(i / area)]! / 255);
  return { type: 'float32' as const, dims: [1, 3, height, width], data: values };
}

/** A square tensor [1, 3, size, size] in [0, 1] as a picture. */
export function toPicture(values: Float32Array, size: number): Picture {
  const area = size * size;
  const data = Uint8Array.from({ length: 3 * area }, (_, i) =>
    Math.round(values[(i % 3) * area + Math.floor(i / 3)]! * 255),
  );
  return { data, width: size, height: size };
}

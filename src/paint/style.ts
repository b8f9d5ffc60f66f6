import type { Tensor } from '../graph/types.js';
import type { LossNetwork } from '../losses/networks/network.js';
import type { StyleTarget } from '../train/data/style-picture.js';
import { styleTarget, targetName } from '../train/objective/target.js';
import { TrainingSession } from '../train/session/session.js';
import { bytesOf, type PlanarPicture } from './pictures/pixels.js';

/**
 * The style of several pictures: the mean of their Gram matrices by weight, by scale and layer, [1, c, c].
 *
 * @param pictures sides are multiples of 4 · 2^(scales − 1).
 * @throws TrainError TRAIN_SESSION.
 */
export async function blendedStyle(
  pictures: readonly { readonly planes: PlanarPicture; readonly weight: number }[],
  network: LossNetwork,
  { scales, threads }: { scales: number; threads: number },
): Promise<StyleTarget> {
  const whole = pictures.reduce((sum, { weight }) => sum + weight, 0);
  const target: StyleTarget = Array.from({ length: scales }, () => new Map());
  for (const { planes, weight } of pictures) {
    const { data, width, height } = bytesOf(planes);
    const layers = Array.from({ length: scales }, () => network.styleLayers);
    const session = await TrainingSession.open(styleTarget(network, width, height, layers), { threads });
    try {
      const names = target.flatMap((_, scale) => network.styleLayers.map((layer) => targetName(scale, layer)));
      const found = await session.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, names);
      for (const [scale, layers] of target.entries()) {
        for (const layer of network.styleLayers) {
          const { dims, data: gram } = found[targetName(scale, layer)]!;
          layers.set(layer, blended(layers.get(layer), [...dims], gram as Float32Array, weight / whole));
        }
      }
    } finally {
      await session.close();
    }
  }
  return target;
}

function blended(sum: Tensor | undefined, dims: number[], gram: Float32Array, share: number): Tensor {
  const before = sum?.data as Float32Array | undefined;
  return { type: 'float32', dims, data: gram.map((value, i) => value * share + (before?.[i] ?? 0)) };
}

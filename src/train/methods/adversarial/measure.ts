import { GraphSession } from '../../../engine/threads/graph-session.js';
import type { Model } from '../../../graph/types.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import type { Picture } from '../../../quality/motion/warping.js';
import { domainDistance } from '../../../quality/style/frechet.js';
import { PatchStatistics } from '../../../quality/style/patches.js';
import type { CropSource } from '../../data/synthetic-pictures.js';
import { toPicture, toTensor } from '../../report/measure.js';

/** Crops of each kind whose patches are compared. */
const COUNT = 48;

/**
 * Distance of paintings and of photographs from a domain, on crops that were not used by any training step of this
 * seed.
 */
export async function measureDomain(
  model: Model,
  network: LossNetwork,
  photographs: CropSource,
  domain: CropSource,
  { size, seed, threads }: { size: number; seed: number; threads: number },
): Promise<{ readonly domain: number; readonly photographDomain: number }> {
  const painter = await GraphSession.open(model, { threads });
  const statistics = new PatchStatistics(network, threads);
  const crop = async (pictures: CropSource, i: number): Promise<Picture> => {
    return { data: await pictures.crops(seed + 3, i, 1, size), width: size, height: size };
  };
  async function* seen(pictures: CropSource, made: (picture: Picture) => Picture | Promise<Picture>) {
    for (let i = 0; i < COUNT; i++) yield await made(await crop(pictures, i));
  }
  const paint = async (photograph: Picture) => {
    const { stylized } = await painter.run({ image: toTensor(photograph) }, ['stylized']);
    return toPicture(stylized!.data as Float32Array, size);
  };
  try {
    const wanted = await statistics.gaussian(seen(domain, (picture) => picture));
    const distance = async (made: (picture: Picture) => Picture | Promise<Picture>) =>
      domainDistance(await statistics.gaussian(seen(photographs, made)), wanted);
    return { domain: await distance(paint), photographDomain: await distance((photograph) => photograph) };
  } finally {
    await Promise.all([painter.close(), statistics.close()]);
  }
}

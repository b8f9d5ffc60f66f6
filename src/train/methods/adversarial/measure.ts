import type { Model } from '../../../graph/types.js';
import type { LossNetwork } from '../../../losses/networks/network.js';
import type { Picture } from '../../../quality/motion/warping.js';
import { domainDistance } from '../../../quality/style/frechet.js';
import type { Pictures } from '../../data/made-pictures.js';
import { bytes, planes } from '../../report/measure.js';
import { PatchStatistics } from '../../report/patch-statistics.js';
import { Session } from '../../session/session.js';

/** Crops of each kind whose patches are compared. */
const COUNT = 48;

/** How far paintings, and photographs, are from a domain, on crops that no step of this seed has seen in this form. */
export async function measureDomain(
  model: Model,
  network: LossNetwork,
  photographs: Pictures,
  domain: Pictures,
  { size, seed, threads }: { size: number; seed: number; threads: number },
): Promise<{ readonly domain: number; readonly photographDomain: number }> {
  const painter = await Session.open(model, { threads });
  const statistics = new PatchStatistics(network, threads);
  const crop = async (pictures: Pictures, i: number): Promise<Picture> => {
    return { data: await pictures.crops(seed + 3, i, 1, size), width: size, height: size };
  };
  async function* seen(pictures: Pictures, made: (picture: Picture) => Picture | Promise<Picture>) {
    for (let i = 0; i < COUNT; i++) yield await made(await crop(pictures, i));
  }
  const paint = async (photograph: Picture) => {
    const { stylized } = await painter.run({ image: planes(photograph) }, ['stylized']);
    return bytes(stylized!.data as Float32Array, size);
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

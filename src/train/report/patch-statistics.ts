import type { LossNetwork } from '../../losses/networks/network.js';
import { middle } from '../../quality/middle.js';
import type { Picture } from '../../quality/motion/warping.js';
import { type Gaussian, SampleStatistics } from '../../quality/style/frechet.js';
import { PATCH_SIDE, patchModel } from '../../quality/style/patches.js';
import { SizedSession } from '../session/sized-session.js';

/** Computes statistics of the patches of pictures. */
export class PatchStatistics {
  private readonly session: SizedSession;

  constructor(network: LossNetwork, threads: number) {
    this.session = new SizedSession(({ width, height }) => patchModel(network, width, height), threads);
  }

  /** Features of a picture's patches, [patches, c], in its central part of whole patches. */
  async patches(picture: Picture): Promise<{ readonly rows: Float32Array; readonly size: number }> {
    const { data, width, height } = middle(picture, PATCH_SIDE);
    const runs = await this.session.sessionFor({ width, height });
    const found = await runs.run({ picture: { type: 'uint8', dims: [1, height, width, 3], data } }, ['patches']);
    const { dims, data: rows } = found.patches!;
    return { rows: rows as Float32Array, size: dims[1]! };
  }

  /** The distribution of the patches of pictures. */
  async gaussian(pictures: AsyncIterable<Picture>): Promise<Gaussian> {
    let samples: SampleStatistics | undefined;
    for await (const picture of pictures) {
      const { rows, size } = await this.patches(picture);
      samples ??= new SampleStatistics(size);
      samples.add(rows);
    }
    return (samples ?? new SampleStatistics(1)).gaussian();
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.close();
  }
}

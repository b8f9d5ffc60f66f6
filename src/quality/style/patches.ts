import { SizedSession } from '../../engine/threads/sized-session.js';
import { GraphBuilder } from '../../graph/builder.js';
import type { Model } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { pictureOf } from '../../losses/terms/picture.js';
import { middle } from '../middle.js';
import type { Picture } from '../motion/warping.js';
import { type Gaussian, SampleStatistics } from './frechet.js';

/** Side of a patch in pixels; sizes of pictures must be multiples of it. */
const PATCH_SIDE = 32;

/**
 * A model that computes features of a picture's patches: the deepest content features of the loss network (relu3_1 of
 * VGG-19), averaged over 32×32 pixels, 16 apart.
 *
 * Input `picture` uint8 [1, height, width, 3]. Output `patches` float32 [(height/16 − 1) · (width/16 − 1), c].
 */
function patchModel(network: LossNetwork, width: number, height: number): Model {
  const b = new GraphBuilder('patches');
  const image = pictureOf(b, b.input('picture', 'uint8', [1, height, width, 3]));
  const layer = network.contentLayers.at(-1)!;
  const features = network.features(b, image, [layer]).get(layer)!;
  const side = (PATCH_SIDE * Number(features.dims[3])) / width;
  const means = b.op('AveragePool', [features], { kernel_shape: [side, side], strides: [side / 2, side / 2] });
  const rows = b.op('Transpose', [means], { perm: [0, 2, 3, 1] });
  b.output('patches', b.op('Reshape', [rows, b.ints([-1, Number(features.dims[1])])]));
  return b.build();
}

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

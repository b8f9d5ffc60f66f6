import { GraphSession } from '../../../engine/threads/graph-session.js';
import type { Model } from '../../../graph/types.js';
import { sharp } from '../../../media/sharp.js';
import type { Picture } from '../../../quality/motion/warping.js';
import type { CropSource } from '../../data/synthetic-pictures.js';
import { toPicture, toTensor } from '../../report/measure.js';
import { fixedStyle } from './export.js';

/** A style vector before and after learning. */
export interface JoinedVector {
  readonly start: Float32Array;
  readonly learned: Float32Array;
}

/**
 * One row per learned style, of squares of `size` pixels: a photograph, its painting with the initial vector, and
 * with the learned one.
 *
 * @returns a PNG. @throws TrainError TRAIN_SESSION, TRAIN_NO_PHOTOS.
 */
export async function joinStrip(
  network: Model,
  styles: readonly JoinedVector[],
  photographs: CropSource,
  { size, seed, threads }: { readonly size: number; readonly seed: number; readonly threads: number },
): Promise<Uint8Array> {
  const crops = await photographs.crops(seed + 1, 0, styles.length, size);
  const squares: Buffer[] = [];
  for (const [i, { start, learned }] of styles.entries()) {
    const photograph = {
      data: crops.subarray(i * size * size * 3, (i + 1) * size * size * 3),
      width: size,
      height: size,
    };
    squares.push(await png(photograph));
    for (const vector of [start, learned]) {
      const session = await GraphSession.open(fixedStyle(network, vector), { threads });
      try {
        const { stylized } = await session.run({ image: toTensor(photograph) }, ['stylized']);
        squares.push(await png(toPicture(stylized!.data as Float32Array, size)));
      } finally {
        await session.close();
      }
    }
  }
  return sharp(squares, { join: { across: 3 } })
    .png()
    .toBuffer();
}

function png({ data, width, height }: Picture): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

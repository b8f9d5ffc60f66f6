import { GraphSession } from '../../../engine/threads/graph-session.js';
import type { Model } from '../../../graph/types.js';
import { NETWORK_MULTIPLE } from '../../../nets/network.js';
import type { Picture } from '../../../quality/motion/warping.js';
import type { PaintedPairs } from '../../data/clip/painted-pairs.js';
import { toTensor } from '../../report/measure.js';

/**
 * Mean absolute difference of levels, from 0 to 1, of paintings from what the network paints of their frames, and from the
 * frames themselves.
 */
export async function measurePairs(
  model: Model,
  { pairs }: PaintedPairs,
  threads: number,
): Promise<{ readonly painted: number; readonly photographPainted: number }> {
  const session = await GraphSession.open(model, { threads });
  let [painted, photographPainted] = [0, 0];
  try {
    for (const pair of pairs) {
      const [frame, painting] = [pair.frame, pair.painting].map((each) => toTensor(wholeCells(each, NETWORK_MULTIPLE)));
      const { stylized } = await session.run({ image: frame! }, ['stylized']);
      painted += difference(stylized!.data as Float32Array, painting!.data) / pairs.length;
      photographPainted += difference(frame!.data, painting!.data) / pairs.length;
    }
  } finally {
    await session.close();
  }
  return { painted, photographPainted };
}

function difference(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / one.length;
}

/** The upper left part of a picture whose sides are multiples of `multiple`. */
export function wholeCells({ data, width, height }: Picture, multiple: number): Picture {
  const [w, h] = [width - (width % multiple), height - (height % multiple)];
  const rows = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) rows.set(data.subarray(y * width * 3, (y * width + w) * 3), y * w * 3);
  return { data: rows, width: w, height: h };
}

import type { Picture } from '../../quality/motion/warping.js';

/** Reach of the filter in pixels, and the standard deviations of its weights: in pixels, and in levels of 255. */
const [REACH, NEAR, ALIKE] = [3, 2, 13];
/** Weights by squared difference of two pixels over all channels; differences beyond weigh nothing. */
const alike = Float64Array.from({ length: (4 * ALIKE) ** 2 }, (_, square) => Math.exp(-square / (2 * ALIKE * ALIKE)));

/** Weights by distance along one direction. */
const near = Array.from({ length: 2 * REACH + 1 }, (_, i) => Math.exp(-((i - REACH) ** 2) / (2 * NEAR * NEAR)));

/**
 * A picture without the grain of its paper or canvas: a bilateral filter (Tomasi and Manduchi 1998,
 * doi:10.1109/ICCV.1998.710815), twice, which leaves lines and the edges of strokes as they are. A network that is to
 * reproduce grain, which has no place in what it paints, reproduces it as a mesh.
 *
 * @param picture RGB bytes, rows top to bottom.
 */
export function withoutGrain(picture: Picture): Picture {
  return filtered(filtered(picture));
}

function filtered({ data, width, height }: Picture): Picture {
  const result = new Uint8Array(data.length);
  const inside = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = (y * width + x) * 3;
      const [r, g, b] = [data[here]!, data[here + 1]!, data[here + 2]!];
      let [weights, red, green, blue] = [0, 0, 0, 0];
      for (let dy = -REACH; dy <= REACH; dy++) {
        const row = inside(y + dy, height) * width;
        for (let dx = -REACH; dx <= REACH; dx++) {
          const there = (row + inside(x + dx, width)) * 3;
          const [s, t, u] = [data[there]!, data[there + 1]!, data[there + 2]!];
          const weight =
            (alike[(s - r) ** 2 + (t - g) ** 2 + (u - b) ** 2] ?? 0) * near[dy + REACH]! * near[dx + REACH]!;
          weights += weight;
          red += weight * s;
          green += weight * t;
          blue += weight * u;
        }
      }
      result.set([Math.round(red / weights), Math.round(green / weights), Math.round(blue / weights)], here);
    }
  }
  return { data: result, width, height };
}

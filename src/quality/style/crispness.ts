import type { Picture } from '../motion/warping.js';

/**
 * How crisp a picture is: the mean of |Laplacian| of its Rec. 601 luma, in levels of 255, over all pixels but the border.
 * The ratio to the style picture's own says whether strokes are as sharp as the painter's.
 */
export function crispness({ data, width, height }: Picture): number {
  const luma = new Float64Array(width * height);
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * data[i * 3]! + 0.587 * data[i * 3 + 1]! + 0.114 * data[i * 3 + 2]!;
  }
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      sum += Math.abs(luma[at - 1]! + luma[at + 1]! + luma[at - width]! + luma[at + width]! - 4 * luma[at]!);
    }
  }
  return sum / ((width - 2) * (height - 2));
}

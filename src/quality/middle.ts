import type { Picture } from './motion/warping.js';

/** The central part of a picture, both sides cropped to a multiple of `unit`. */
export function middle({ data, width, height }: Picture, unit: number): Picture {
  const [columns, rows] = [width - (width % unit), height - (height % unit)];
  const [left, top] = [(width - columns) >> 1, (height - rows) >> 1];
  const cut = new Uint8Array(columns * rows * 3);
  for (let y = 0; y < rows; y++) {
    const start = ((y + top) * width + left) * 3;
    cut.set(data.subarray(start, start + columns * 3), y * columns * 3);
  }
  return { data: cut, width: columns, height: rows };
}

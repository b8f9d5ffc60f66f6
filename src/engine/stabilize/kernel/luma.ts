// AssemblyScript, compiled to WebAssembly: the luma of a picture, and its pyramid.

/** The approximate luma of a picture, 5/8 G + 1/4 R + 1/8 B. @param mirror exchanges left and right */
export function luma(from: usize, to: usize, stride: i32, width: i32, height: i32, mirror: bool): void {
  for (let y: i32 = 0; y < height; y++) {
    const row = to + y * stride;
    for (let x: i32 = 0; x < width; x += 16) {
      // The last vector may overlap the one before.
      const place = min(x, width - 16);
      const at = from + (y * width + place) * 3;
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const r = i8x16.shuffle(
        i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0),
        c,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        17,
        20,
        23,
        26,
        29,
      );
      const g = i8x16.shuffle(
        i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0),
        c,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        18,
        21,
        24,
        27,
        30,
      );
      const blue = i8x16.shuffle(
        i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0),
        c,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        16,
        19,
        22,
        25,
        28,
        31,
      );
      const levels = i8x16.avgr_u(g, i8x16.avgr_u(r, i8x16.avgr_u(g, blue)));
      if (!mirror) v128.store(row + place, levels);
      else {
        const turned = i8x16.shuffle(levels, levels, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        v128.store(row + width - 16 - place, turned);
      }
    }
  }
}

/** Halves a picture of one byte a pixel: means of 2×2 pixels, rounded up. Rows may be written up to whole vectors. */
export function halve(from: usize, fromStride: i32, to: usize, toStride: i32, width: i32, height: i32): void {
  for (let y: i32 = 0; y < height; y++) {
    const upper = from + 2 * y * fromStride;
    for (let x: i32 = 0; x < width; x += 16) {
      const at = upper + 2 * x;
      const left = i8x16.avgr_u(v128.load(at), v128.load(at + fromStride));
      const right = i8x16.avgr_u(v128.load(at, 16), v128.load(at + fromStride, 16));
      const even = i8x16.shuffle(left, right, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      const odd = i8x16.shuffle(left, right, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
      v128.store(to + y * toStride + x, i8x16.avgr_u(even, odd));
    }
  }
}

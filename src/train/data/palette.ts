import { OPPONENT } from '../../losses/colour/opponent.js';
import { type Palette, TONES } from '../../losses/colour/palette.js';
import { readPicture, STYLE_SIDE, type StylePicture } from '../../quality/style/style-picture.js';

/** Side of the cells of a style picture whose colours are averaged, in pixels: about a brush. */
const CELL = 4;
/** How far apart in light the cells may be that tell the colour at a step of light (standard deviation). */
const NEAR = 0.06;
/** Where no cell is near, farther ones tell it: their deviation, and what they count. */
const [FAR, FAR_SHARE] = [0.3, 1e-4];

/** Measures the colours of a style, of all its pictures together. @throws TrainError TRAIN_PICTURE. */
export async function measurePalette(pictures: readonly StylePicture[]): Promise<Palette> {
  const cells: number[][] = [];
  for (const picture of pictures) {
    const { data, width, height } = await readPicture(picture, STYLE_SIDE, CELL);
    cells.push(...cellsOf(data, width, height));
  }
  const mean = [0, 1, 2].map((i) => cells.reduce((sum, cell) => sum + cell[i]!, 0) / cells.length);
  const tones = Array.from({ length: TONES }, (_, step) => colourAt(cells, step / (TONES - 1)));
  return { mean: Float32Array.from(mean), tones: Float32Array.from(tones.flat()) };
}

/** Mean Cb and Cr of the cells about as light as `light`. */
function colourAt(cells: readonly number[][], light: number): [cb: number, cr: number] {
  let [weights, cb, cr] = [0, 0, 0];
  for (const cell of cells) {
    const away = cell[0]! - light;
    const weight = Math.exp(-((away / NEAR) ** 2) / 2) + FAR_SHARE * Math.exp(-((away / FAR) ** 2) / 2);
    weights += weight;
    cb += weight * cell[1]!;
    cr += weight * cell[2]!;
  }
  return [cb / weights, cr / weights];
}

/** Mean Y, Cb and Cr of each cell of a picture, RGB bytes [height, width, 3]. */
function cellsOf(data: Uint8Array, width: number, height: number): number[][] {
  const cells: number[][] = [];
  for (let top = 0; top < height; top += CELL) {
    for (let left = 0; left < width; left += CELL) {
      const rgb = [0, 0, 0];
      for (let i = 0; i < CELL * CELL; i++) {
        const at = ((top + Math.floor(i / CELL)) * width + left + (i % CELL)) * 3;
        for (let c = 0; c < 3; c++) rgb[c]! += data[at + c]! / (255 * CELL * CELL);
      }
      cells.push([0, 1, 2].map((row) => rgb.reduce((sum, value, c) => sum + OPPONENT[row * 3 + c]! * value, 0)));
    }
  }
  return cells;
}

import { sharp } from '../../media/sharp.js';
import type { Picture } from '../../quality/motion/warping.js';
import { lanczos } from '../../quality/style/lanczos.js';

/** Levels of change (of 255) that a map shows as white. */
const WHITE = 16;

/** The picture of a style, its longer side as given. */
export async function stylePictureAt(file: string, side: number): Promise<Picture> {
  const { data, info } = await sharp(file, { failOn: 'error' })
    .rotate()
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const scale = side / Math.max(width, height);
  const picture = { data: new Uint8Array(data), width, height };
  return scale === 1 ? picture : lanczos(picture, Math.round(width * scale), Math.round(height * scale));
}

/** A picture as a JPEG. */
export async function jpeg({ data, width, height }: Picture): Promise<Uint8Array> {
  const raw = { width, height, channels: 3 } as const;
  return sharp(data, { raw }).jpeg({ quality: 84, mozjpeg: true }).toBuffer();
}

/** A map of changes in frames of a still scene, as a JPEG: black for none, white from {@link WHITE} levels on. */
export async function changeMap(frames: readonly Picture[]): Promise<Uint8Array> {
  const { width, height } = frames[0]!;
  const sums = new Float64Array(width * height);
  frames.slice(1).forEach((later, i) => {
    const earlier = frames[i]!;
    for (let at = 0; at < later.data.length; at++) {
      sums[Math.floor(at / 3)]! += Math.abs(later.data[at]! - earlier.data[at]!) / 3;
    }
  });
  const scale = 255 / (WHITE * (frames.length - 1));
  const map = Uint8Array.from(sums, (sum) => Math.min(255, sum * scale));
  return sharp(map, { raw: { width, height, channels: 1 } })
    .jpeg({ quality: 84 })
    .toBuffer();
}

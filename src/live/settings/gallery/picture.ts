import { MediaError, messageOf } from '../../../errors.js';
import { withProfile } from '../../../media/files/pictures/png-gamma.js';
import { type Sharp, sharp } from '../../../media/sharp.js';

/** Bytes of a picture from outside, at most. */
export const PICTURE_BYTES = 16 * 2 ** 20;
/** Pixels of one, at most, and of its shorter side, at least. */
const MOST_PIXELS = 64e6;
const LEAST_SIDE = 64;
/** Longer side that is kept of it: more than any network looks at. */
const KEPT_SIDE = 1600;
/** Size of its small picture. */
const SMALL = { width: 360, height: 240 };

/** What is taken, by the format that the bytes are in, whatever the file is called. */
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp']);

/** A picture as it is kept, and small: JPEGs in sRGB, upright, without what else the file held. */
export interface KeptPicture {
  readonly picture: Buffer;
  readonly small: Buffer;
}

/**
 * Decodes a picture from outside and encodes it anew, so that nothing but its pixels is kept.
 *
 * @throws MediaError `STYLE_PICTURE` for what is no JPEG, PNG or WebP, and for too many or too few pixels
 */
export async function keptPicture(bytes: Uint8Array): Promise<KeptPicture> {
  try {
    const head = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { format, width, height } = head;
    if (!FORMATS.has(format)) throw new Error(`it is of the format ${format}`);
    if (width * height > MOST_PIXELS || Math.min(width, height) < LEAST_SIDE)
      throw new Error(`it has ${width}x${height} pixels`);
    const upright = sharp(await withProfile(bytes), { limitInputPixels: MOST_PIXELS, autoOrient: true });
    const solid = upright.flatten({ background: '#fff' }).toColourspace('srgb');
    const fitted = solid.clone().resize(KEPT_SIDE, KEPT_SIDE, { fit: 'inside', withoutEnlargement: true });
    const picture = await jpeg(fitted, 92);
    return { picture, small: await jpeg(sharp(picture).resize({ ...SMALL, fit: 'cover' }), 82) };
  } catch (cause) {
    const expected = `a JPEG, PNG or WebP of at most ${MOST_PIXELS / 1e6} megapixels and at least ${LEAST_SIDE} pixels each way`;
    throw new MediaError(
      'STYLE_PICTURE',
      `This is no picture for a style: ${messageOf(cause)}; expected ${expected}.`,
      {
        hint: 'Save it as a JPEG of a usual size, then add it again.',
        cause,
      },
    );
  }
}

function jpeg(image: Sharp, quality: number): Promise<Buffer> {
  return image.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
}

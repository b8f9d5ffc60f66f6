import { messageOf, TrainError } from '../../errors.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import type { StyleLayers } from '../../losses/terms/style.js';
import { sharp } from '../../media/sharp.js';
import type { Picture } from '../motion/warping.js';
import { meanStyle, type StyleTarget } from './target.js';

/** Longer side of a style picture in pixels, for a style scale of 1. */
export const STYLE_SIDE = 640;
/** A style picture must have this many pixels along its shorter side. */
const SMALLEST = 64;

/** A picture of a style: its file, or its bytes with a name. */
export type StylePicture = string | { readonly name: string; readonly bytes: Uint8Array };

/**
 * Measures the style of pictures.
 *
 * @param scale enlarges the pictures and thus the strokes. @param layers by scale. @param prepare what is
 * done to a picture before; nothing where absent.
 * @throws TrainError TRAIN_PICTURE when a picture cannot be read or is too small.
 */
export async function measureStyle(
  pictures: readonly StylePicture[],
  network: LossNetwork,
  {
    scale,
    layers,
    threads,
    prepare = (picture) => picture,
  }: {
    scale: number;
    layers: StyleLayers;
    threads: number;
    prepare?: (picture: Picture) => Picture;
  },
): Promise<StyleTarget> {
  const shares = async function* () {
    for (const file of pictures) {
      const picture = await readPicture(file, Math.round(STYLE_SIDE * scale), unitOf(layers));
      yield { picture: prepare(picture), share: 1 / pictures.length };
    }
  };
  return meanStyle(shares(), network, { layers, threads });
}

/** The multiple of both sides of a picture that allows every scale to be halved twice. */
function unitOf(layers: StyleLayers): number {
  return 4 * 2 ** (layers.length - 1);
}

/**
 * A picture as RGB bytes, scaled to a longer side, with both sides cropped to a multiple.
 *
 * @throws TrainError TRAIN_PICTURE.
 */
export async function readPicture(picture: StylePicture, side: number, multiple: number) {
  const [file, source] = typeof picture === 'string' ? [picture, picture] : [picture.name, picture.bytes];
  try {
    const { width, height } = await sharp(source).metadata();
    if (Math.min(width, height) < SMALLEST) {
      throw new TrainError(
        'TRAIN_PICTURE',
        `${file} has ${width}×${height} pixels; expected at least ${SMALLEST} along each side`,
        {
          hint: 'Give a larger picture of the style.',
        },
      );
    }
    const whole = sharp(source, { failOn: 'error' }).rotate().flatten({ background: 'white' }).toColourspace('srgb');
    const scaled = await whole.resize(side, side, { fit: 'inside' }).raw().toBuffer({ resolveWithObject: true });
    const cut = (size: number) => Math.max(multiple, size - (size % multiple));
    const [w, h] = [cut(scaled.info.width), cut(scaled.info.height)];
    const raw = { width: scaled.info.width, height: scaled.info.height, channels: scaled.info.channels } as const;
    const fitted = sharp(scaled.data, { raw }).resize(w, h, { fit: 'cover' }).raw();
    return { data: new Uint8Array(await fitted.toBuffer()), width: w, height: h };
  } catch (error) {
    if (error instanceof TrainError) throw error;
    throw unreadable(file, error);
  }
}

/** The error for an unreadable style picture. */
export function unreadable(file: string, cause: unknown): TrainError {
  return new TrainError('TRAIN_PICTURE', `could not read the style picture ${file}: ${messageOf(cause)}`, {
    hint: 'Give a JPEG, PNG or WebP picture.',
    cause,
  });
}

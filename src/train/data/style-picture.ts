import { messageOf, TrainError } from '../../errors.js';
import type { Tensor } from '../../graph/types.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import type { StyleLayers } from '../../losses/terms/style.js';
import { sharp } from '../../media/sharp.js';
import { styleTarget, targetName } from '../objective/target.js';
import { TrainingSession } from '../session/session.js';

/** Longer side of a style picture in pixels, for a style scale of 1. */
export const STYLE_SIDE = 640;
/** A style picture must have this many pixels along its shorter side. */
const SMALLEST = 64;

/** A picture of a style: its file, or its bytes with a name. */
export type StylePicture = string | { readonly name: string; readonly bytes: Uint8Array };

/** Gram matrices of a style by scale and layer, [1, c, c]: the mean over its pictures. */
export type StyleTarget = Map<string, Tensor>[];

/**
 * Measures the style of pictures.
 *
 * @param scale enlarges the pictures and thus the strokes. @param layers by scale.
 * @throws TrainError TRAIN_PICTURE when a picture cannot be read or is too small.
 */
export async function measureStyle(
  pictures: readonly StylePicture[],
  network: LossNetwork,
  { scale, layers, threads }: { scale: number; layers: StyleLayers; threads: number },
): Promise<StyleTarget> {
  const target: StyleTarget = [];
  for (const file of pictures) {
    const { data, width, height } = await readPicture(file, Math.round(STYLE_SIDE * scale), unitOf(layers));
    const session = await TrainingSession.open(styleTarget(network, width, height, layers), { threads });
    try {
      const names = layers.map((each, level) => each.map((layer) => targetName(level, layer)));
      const picture = { type: 'uint8' as const, dims: [1, height, width, 3], data };
      const found = await session.run({ picture }, names.flat());
      for (const [level, wanted] of layers.entries()) {
        const grams = target[level] ?? new Map<string, Tensor>();
        target[level] = grams;
        for (const layer of wanted) {
          const { dims, data: gram } = found[targetName(level, layer)]!;
          const sum = grams.get(layer)?.data as Float32Array | undefined;
          const share = (gram as Float32Array).map((value, i) => value / pictures.length + (sum?.[i] ?? 0));
          grams.set(layer, { type: 'float32', dims: [...dims], data: share });
        }
      }
    } finally {
      await session.close();
    }
  }
  return target;
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

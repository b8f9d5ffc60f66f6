import { OptionError } from '../../errors.js';
import { readImage, type Still } from '../../media/files/pictures/image.js';
import { sharp } from '../../media/sharp.js';
import { type Level, MARGIN, paintedSide } from './levels.js';
import { type BytePicture, type PlanarPicture, planesOf } from './pixels.js';

/** A style picture must have this many pixels along its shorter side. */
const SMALLEST = 32;

/**
 * The photograph, scaled to the requested size, and the slightly larger size that is painted, with reflected margins.
 */
export interface PaintCanvas {
  readonly still: Still;
  /** Size of the painting as it is written. */
  readonly width: number;
  readonly height: number;
  /** Size that is painted: multiples of what the scales need. */
  readonly painted: { readonly width: number; readonly height: number };
}

/**
 * Reads the photograph, its longer side scaled to `size`.
 *
 * @throws MediaError MEDIA_NOT_FOUND, IMAGE_UNREADABLE.
 */
export async function readCanvas(path: string, size: number, scales: number): Promise<PaintCanvas> {
  const { frame } = await readImage(path);
  const scale = size / Math.max(frame.width, frame.height);
  const [width, height] = [frame.width, frame.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  const still = await readImage(path, { width, height });
  return { still, width, height, painted: { width: paintedSide(width, scales), height: paintedSide(height, scales) } };
}

/** A picture of the canvas's size, padded by reflection and scaled to a level. */
export async function onCanvas(
  { data, width, height }: BytePicture,
  { painted }: PaintCanvas,
  level: Level,
): Promise<PlanarPicture> {
  const raw = { width, height, channels: 3 } as const;
  const [right, bottom] = [painted.width - width - MARGIN, painted.height - height - MARGIN];
  const around = { left: MARGIN, top: MARGIN, right, bottom, extendWith: 'mirror' } as const;
  const whole = await sharp(data, { raw }).extend(around).raw().toBuffer();
  const wide = { width: painted.width, height: painted.height, channels: 3 } as const;
  const size = { width: level.width, height: level.height };
  const scaled = await sharp(whole, { raw: wide })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer();
  return planesOf({ data: new Uint8Array(scaled), ...size });
}

/** Crops a painted picture to the canvas. */
export async function offCanvas({ data, width, height }: BytePicture, canvas: PaintCanvas): Promise<BytePicture> {
  const raw = { width, height, channels: 3 } as const;
  const size = { width: canvas.width, height: canvas.height };
  const cut = await sharp(data, { raw })
    .extract({ left: MARGIN, top: MARGIN, ...size })
    .raw()
    .toBuffer();
  return { data: new Uint8Array(cut), ...size };
}

/** A style picture with its longer side scaled to `side` and both sides cut to a multiple. */
export interface ScaledStylePicture {
  readonly planes: PlanarPicture;
  /** Enlargement factor; below 1 it was shrunk. */
  readonly enlarged: number;
}

/**
 * Reads a style picture.
 *
 * @throws MediaError MEDIA_NOT_FOUND, IMAGE_UNREADABLE; OptionError OPTION_VALUE when it is too small.
 */
export async function readStyle(path: string, side: number, multiple: number): Promise<ScaledStylePicture> {
  const { frame } = await readImage(path);
  if (Math.min(frame.width, frame.height) < SMALLEST) {
    throw new OptionError(
      'OPTION_VALUE',
      `style: expected a picture of at least ${SMALLEST} pixels along each side, got ${path} of ${frame.width}×${frame.height}`,
      { hint: 'Give a larger picture of the style.' },
    );
  }
  const enlarged = side / Math.max(frame.width, frame.height);
  const multipleIn = (length: number) => Math.max(multiple, Math.floor((length * enlarged) / multiple) * multiple);
  const size = { width: multipleIn(frame.width), height: multipleIn(frame.height) };
  const raw = { width: frame.width, height: frame.height, channels: 3 } as const;
  const scaled = await sharp(frame.data, { raw })
    .resize({ ...size, fit: 'cover' })
    .raw()
    .toBuffer();
  return { planes: planesOf({ data: new Uint8Array(scaled), ...size }), enlarged };
}

import { promises as fs } from 'node:fs';
import { extname } from 'node:path';
import { MediaError, messageOf, OptionError } from '../../../errors.js';
import type { Frame, Size } from '../../../frame.js';
import { type Sharp, sharp } from '../../sharp.js';
import { withProfile } from './png-gamma.js';

/** A still picture: its colours as a frame, and the file it came from. */
export interface Still {
  readonly frame: Frame;
  /** The file, its colours told by a profile, for its transparency and EXIF data. */
  readonly source: Uint8Array;
  /** How many pictures are in it: an animation has more than the one that is read. */
  readonly pictures: number;
}

/** Picture formats that can be written, by extension. */
const FORMATS: Readonly<Record<string, 'jpeg' | 'png' | 'webp'>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
};

/** The first four bytes of a PNG. */
const PNG = 0x89504e47;
const NOW = { value: 0, timeBase: { num: 1, den: 1 } };

/**
 * Reads a JPEG, PNG or WebP as RGB24 in sRGB: upright (EXIF orientation applied), its colour profile or gamma converted.
 *
 * @param size the size to scale to in pixels; with one side missing, the other follows; default: the picture's own
 * @throws MediaError `MEDIA_NOT_FOUND`, `IMAGE_UNREADABLE`
 */
export async function readImage(path: string, size: Partial<Size> = {}): Promise<Still> {
  const bytes = await fs.readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === 'ENOENT';
    throw new MediaError(
      missing ? 'MEDIA_NOT_FOUND' : 'IMAGE_UNREADABLE',
      missing ? `${path} does not exist.` : `${path} cannot be read: ${cause.message}`,
      { hint: 'Check the path.', cause },
    );
  });
  try {
    const source = await withProfile(bytes);
    const { data, info } = await upright(source, size)
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels`);
    const rgb = new Uint8Array(data) as Uint8Array<ArrayBuffer>;
    const frame = { data: rgb, width: info.width, height: info.height, pts: NOW };
    return { frame, source, pictures: await countPictures(source) };
  } catch (cause) {
    throw new MediaError('IMAGE_UNREADABLE', `${path} is not a picture that can be read: ${messageOf(cause)}`, {
      hint: 'Expected a whole JPEG, PNG or WebP file.',
      cause,
    });
  }
}

/** How many pictures move in a GIF, a WebP or a PNG, of whose animation libvips knows nothing. */
async function countPictures(source: Uint8Array): Promise<number> {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.length);
  const control = bytes.readUInt32BE(0) === PNG ? bytes.subarray(0, bytes.indexOf('IDAT')).indexOf('acTL') : -1;
  if (control >= 0) return bytes.readUInt32BE(control + 4);
  return (await sharp(source).metadata()).pages ?? 1;
}

function upright(source: Uint8Array, size: Partial<Size>): Sharp {
  const image = sharp(source, { autoOrient: true });
  // With one side missing, `fill` would leave that side unscaled.
  if (size.width && size.height) return image.resize(size.width, size.height, { fit: 'fill' });
  return size.width || size.height ? image.resize(size.width ?? null, size.height ?? null) : image;
}

/** The upright picture with its EXIF data in 8-bit sRGB, like the picture that is composited over it. */
function eightBit(source: Uint8Array, size: Size): Promise<Buffer> {
  const solid = upright(source, size).removeAlpha().toColourspace('srgb');
  return solid.keepExif().keepXmp().png({ compressionLevel: 0 }).toBuffer();
}

/** Whether a file is a picture that can be read and written, by its name: JPEG, PNG or WebP. */
export function isPicture(name: string): boolean {
  return Object.hasOwn(FORMATS, extname(name).toLowerCase());
}

/**
 * Checks that a file name has an extension that `writeImage` knows.
 *
 * @throws OptionError `OUTPUT_FORMAT`
 */
export function imageFormat(path: string): 'jpeg' | 'png' | 'webp' {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format) return format;
  throw new OptionError(
    'OUTPUT_FORMAT',
    `${path} has no picture extension that is known; expected ${Object.keys(FORMATS).join(', ')}.`,
    {
      hint: 'Name the output for example stylized.jpg.',
    },
  );
}

/**
 * Writes a picture in the format of `path`'s extension (JPEG quality 92 in 4:4:4, WebP quality 90), tagged as sRGB.
 * Where `still` is given and has the same size, its transparency and EXIF data (less the orientation) are kept.
 *
 * @throws MediaError `MEDIA_DISK_FULL`, `OUTPUT_NOT_WRITABLE`
 */
export async function writeImage(frame: Frame, to: string, still?: Still, format = imageFormat(to)): Promise<void> {
  const { width, height } = frame;
  const raw = { width, height, channels: 3 } as const;
  const pixels = Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.length);
  let image = sharp(pixels, { raw });
  if (still) {
    // Composited over the original to inherit its EXIF data; transparency needs a second pass because compositing
    // would apply it to the colours.
    image = sharp(await eightBit(still.source, { width, height }))
      .composite([{ input: pixels, raw }])
      .removeAlpha()
      .keepExif()
      .keepXmp();
    const { hasAlpha } = await sharp(still.source).metadata();
    if (hasAlpha) {
      const alpha = await upright(still.source, { width, height }).extractChannel('alpha').png().toBuffer();
      const solid = await image.png({ compressionLevel: 0 }).toBuffer();
      image = sharp(solid).joinChannel(alpha).keepExif().keepXmp();
      // In a separate pass: within one pass, sharp flattens before it joins channels.
      if (format === 'jpeg')
        image = sharp(await image.png().toBuffer())
          .flatten({ background: '#fff' })
          .keepExif()
          .keepXmp();
    }
  }
  image = image.withIccProfile('srgb');
  if (format === 'jpeg') image = image.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
  else if (format === 'webp') image = image.webp({ quality: 90 });
  else image = image.png();
  try {
    await fs.writeFile(to, await image.toBuffer());
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new MediaError(
      full ? 'MEDIA_DISK_FULL' : 'OUTPUT_NOT_WRITABLE',
      `${to} cannot be written: ${messageOf(cause)}`,
      {
        hint: full ? 'Free some space, or write to another disk with -o.' : 'Choose a folder that you may write to.',
        cause,
      },
    );
  }
}

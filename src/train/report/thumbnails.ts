import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPainter } from '../../engine/open.js';
import type { Size } from '../../frame.js';
import { readImage } from '../../media/files/pictures/image.js';
import { sharp } from '../../media/sharp.js';
import { namedStyle } from '../../model/blend.js';
import type { Manifest } from '../../model/manifest/types.js';
import { manifestFile, type Style } from '../../model/style.js';
import { writeRunFile } from '../../write-file.js';

/** The photograph shown by all presets, and the size at which it is painted. */
const PHOTOGRAPH = fileURLToPath(new URL('../../../presets/photographs/portrait.jpg', import.meta.url));
const PAINTED: Size = { width: 640, height: 360 };
/** Size of a preset's thumbnail. */
const PRESET: Size = { width: 320, height: 180 };
/** Size of the thumbnail of one of its many styles, which can be dozens. */
const STYLE: Size = { width: 224, height: 126 };

/** Options of `addThumbnails`. */
export interface ThumbnailOptions {
  /** Styles of a network of many that get a thumbnail; default: all. */
  readonly names?: readonly string[];
  readonly threads?: number;
}

/**
 * Paints a photograph with a preset, and with each style of a network of many, on the CPU. The thumbnails are written
 * beside the manifest, which names them: JPEG, 320×180 pixels, those of styles 224×126.
 *
 * @param style a preset in a folder.
 * @throws EngineError as `openPainter` does; TrainError TRAIN_CHECKPOINT when they cannot be written.
 */
export async function addThumbnails(style: Style, { names, threads }: ThumbnailOptions = {}): Promise<void> {
  const folder = style.folder!;
  const keep = async (one: Style, size: Size, file: string) => {
    await writeRunFile(join(folder, file), await thumbnailOf(one, size, threads));
    return file;
  };
  // The raw file, because the parser fills in defaults that are not the preset's own.
  const manifest: Manifest = JSON.parse(await readFile(join(folder, manifestFile), 'utf8'));
  const thumbnail = await keep(style, PRESET, 'thumbnail.jpg');
  const { modulation } = manifest;
  if (!modulation) return write(folder, { ...manifest, thumbnail });
  const styles = [];
  for (const one of modulation.styles) {
    const wanted = names?.includes(one.name) ?? true;
    const picture = wanted && (await keep(namedStyle(style, one.name), STYLE, `thumbnail-${one.name}.jpg`));
    styles.push(picture ? { ...one, thumbnail: picture } : one);
  }
  return write(folder, { ...manifest, thumbnail, modulation: { ...modulation, styles } });
}

function write(folder: string, manifest: Manifest): Promise<void> {
  return writeRunFile(join(folder, manifestFile), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** The photograph painted with a style and scaled down, as a JPEG. */
async function thumbnailOf(style: Style, size: Size, threads?: number): Promise<Buffer> {
  const { frame } = await readImage(PHOTOGRAPH, PAINTED);
  const limit = threads === undefined ? {} : { threads };
  const { painter } = await openPainter(style, PAINTED, { mode: 'latency', device: 'cpu', ...limit });
  try {
    const { data, width, height } = await painter.paint(frame);
    const painted = sharp(data, { raw: { width, height, channels: 3 } });
    return await painted.resize(size).jpeg({ quality: 82, mozjpeg: true }).toBuffer();
  } finally {
    await painter.close();
  }
}

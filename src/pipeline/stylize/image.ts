import type { RealDevice } from '../../engine/open.js';
import type { Frame } from '../../frame.js';
import { OutputFile } from '../../media/files/output.js';
import { imageFormat, readImage, writeImage } from '../../media/files/pictures/image.js';
import { APPEARANCE_SIZE } from '../auto/appearance.js';
import { openPainting } from '../painting.js';
import { checkRegions } from '../region-painter.js';
import { checkNumbers, checkOneSize, filesRead, type StyleOptions, workingSize } from '../style.js';

/** Options of `stylizeImage`. */
export interface ImageOptions extends Omit<StyleOptions, 'steady'> {
  /** A JPEG, PNG or WebP file. */
  readonly input: string;
  /** A .jpg, .png or .webp file. */
  readonly output: string;
  /** Aborting leaves no file. */
  readonly signal?: AbortSignal;
}

/** The result. */
export interface ImageResult {
  /** The file that was written; undefined when the signal ended it before. */
  readonly output: string | undefined;
  /** True when the signal ended it early. */
  readonly interrupted: boolean;
  /** Size of the written picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** Where the network ran. */
  readonly device: RealDevice;
  /** Wall time in seconds. */
  readonly seconds: number;
  /** Notes to the user. */
  readonly notes: readonly string[];
}

/**
 * Stylizes a JPEG, PNG or WebP. EXIF orientation and colour profile are applied, EXIF data and transparency kept; the
 * result is sRGB.
 *
 * @throws OptionError, MediaError, PresetError or EngineError, each with a code and a hint
 */
export async function stylizeImage(options: ImageOptions): Promise<ImageResult> {
  const began = performance.now();
  checkNumbers(options);
  checkRegions(options);
  const format = imageFormat(options.output);
  const file = await OutputFile.plan(options.output, [options.input, ...filesRead(options)], options.overwrite);
  checkOneSize(options);
  if (options.size) workingSize(options.size, options);
  const wanted = options.size ?? (options.height === undefined ? {} : { height: options.height });
  const still = await readImage(options.input, wanted);
  const size = workingSize(still.frame, {});
  const {
    painter,
    device,
    notes: told,
  } = await openPainting({ ...options, mode: 'latency', pictures: 1 }, size, {
    shape: size,
    readSmallFrames: () => glance(options.input),
  });
  const notes = still.pictures > 1 ? [...told, moves(options.input, still.pictures)] : told;
  try {
    const painted = options.signal?.aborted ? undefined : await painter.paint(still.frame);
    const interrupted = options.signal?.aborted ?? false;
    if (painted && !interrupted) await writeImage(painted, file.partial, still, format);
    if (interrupted) await file.discard();
    const output = interrupted ? undefined : await file.commit();
    const { width, height } = painted ?? size;
    return { output, interrupted, width, height, device, seconds: (performance.now() - began) / 1000, notes };
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    await painter.close();
  }
}

function moves(input: string, pictures: number): string {
  return `${input} has ${pictures} pictures: only the first is painted. "stylecast video" paints them all.`;
}

async function* glance(input: string): AsyncGenerator<Frame> {
  yield (await readImage(input, APPEARANCE_SIZE)).frame;
}

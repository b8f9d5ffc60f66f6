import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MediaError } from '../errors.js';
import type { Frame, Size } from '../frame.js';
import { VideoSource } from '../media/decode.js';
import { readImage } from '../media/image.js';
import { probe } from '../media/probe.js';
import { isPicture } from '../train/photographs.js';
import { mostPhotographs } from './options.js';

/** A clip at the size it is compared at. */
export interface Clip {
  /** File name without extension. */
  readonly name: string;
  readonly size: Size;
  /** The first frames; each reading decodes them anew. */
  frames(): AsyncIterable<Frame>;
}

/** A photograph at the size it is compared at. */
export interface Photograph {
  readonly name: string;
  readonly frame: Frame;
}

/** @throws MediaError when it cannot be read. */
export async function openClip(file: string, frames: number, height: number, denoise: boolean): Promise<Clip> {
  const info = await probe(file);
  const size = fitted(info.video, height);
  return {
    name: basename(file, extname(file)),
    size,
    frames: async function* () {
      let count = 0;
      for await (const frame of new VideoSource(info, { size, denoise })) {
        yield frame;
        if (++count === frames) return;
      }
    },
  };
}

/**
 * Photographs of a folder, at most {@link mostPhotographs}, evenly by name.
 *
 * @throws MediaError `EVAL_NO_SCENES` when there are none; as `readImage`.
 */
export async function openPhotographs(folder: string, height: number): Promise<Photograph[]> {
  const names = await readdir(folder).catch(() => []);
  const pictures = names.filter(isPicture).sort();
  if (pictures.length === 0) {
    throw new MediaError('EVAL_NO_SCENES', `${folder} holds no photographs; expected JPEG, PNG or WebP files.`, {
      hint: 'Name a folder of photographs with --photos, or leave it out.',
    });
  }
  const count = Math.min(mostPhotographs, pictures.length);
  const chosen = Array.from({ length: count }, (_, i) => pictures[Math.floor((i * pictures.length) / count)]!);
  return Promise.all(
    chosen.map(async (name) => {
      return { name: basename(name, extname(name)), frame: await readScaled(join(folder, name), height) };
    }),
  );
}

/** A picture, scaled down if it is higher than that. @throws MediaError as `readImage`; `EVAL_TOO_SMALL`. */
export async function readScaled(path: string, height: number): Promise<Frame> {
  const whole = await readImage(path);
  const size = fitted(whole.frame, height);
  return size.height === whole.frame.height ? whole.frame : (await readImage(path, size)).frame;
}

/** The first frame of each clip as a photograph. */
export async function firstFrames(clips: readonly Clip[]): Promise<Photograph[]> {
  const photographs: Photograph[] = [];
  for (const { name, frames } of clips) {
    for await (const frame of frames()) {
      photographs.push({ name, frame });
      break;
    }
  }
  return photographs;
}

/**
 * The clips in the folder `samples` of stylecast itself.
 *
 * @throws MediaError `EVAL_NO_SCENES` when there are none, as in an installed package.
 */
export async function sampleClips(): Promise<string[]> {
  const folder = fileURLToPath(new URL('../../samples', import.meta.url));
  const names = await readdir(folder).catch(() => []);
  const clips = names.filter((name) => name.endsWith('.mp4')).sort();
  if (clips.length > 0) return clips.map((name) => join(folder, name));
  throw new MediaError('EVAL_NO_SCENES', 'There are no sample clips here; expected something to measure on.', {
    hint: 'Give clips with --clips, or a folder of photographs with --photos.',
  });
}

/** Smallest side that the loss network and the structural similarity can judge. */
const SMALLEST = 64;

/** Scaled down to a height, never up; the width follows and is even. */
function fitted({ width, height }: Size, most: number): Size {
  const scale = Math.min(1, most / height);
  const size = scale < 1 ? { width: Math.round((width * scale) / 2) * 2, height: most } : { width, height };
  if (Math.min(size.width, size.height) >= SMALLEST) return size;
  throw new MediaError(
    'EVAL_TOO_SMALL',
    `A picture has ${size.width}×${size.height} pixels; expected at least ${SMALLEST} along each side.`,
    { hint: 'Give larger clips and photographs.' },
  );
}

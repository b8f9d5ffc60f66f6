import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MediaError } from '../../errors.js';
import type { Frame, Size } from '../../frame.js';
import { VideoSource } from '../../media/files/decode.js';
import { isPicture, readImage } from '../../media/files/pictures/image.js';
import { probe } from '../../media/probe/probe.js';

/** A clip at the size of evaluation. */
export interface Clip {
  /** File name without extension. */
  readonly name: string;
  readonly size: Size;
  /** Number of frames, as far as known before reading. */
  readonly count: number;
  /** The first frames; decoded again for each reading. */
  frames(): AsyncIterable<Frame>;
}

/** A photograph at the size of evaluation. */
export interface EvaluationPhotograph {
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
    count: Math.min(frames, info.video.frames ?? frames),
    frames: async function* () {
      let count = 0;
      for await (const frame of new VideoSource(info, { size, denoise })) {
        yield frame;
        if (++count === frames) return;
      }
    },
  };
}

/** Which photographs are taken, and how. */
export interface PhotographOptions {
  /** Height in pixels that higher ones are scaled down to. */
  readonly height: number;
  /** How many at most. */
  readonly most: number;
}

/**
 * Photographs of a folder, evenly by name. Files that cannot be read are left out.
 *
 * @param onNote called with each of them and why.
 * @throws MediaError `EVAL_NO_SCENES` when there are none; as `readImage` when none can be read.
 */
export async function openPhotographs(
  folder: string,
  { height, most }: PhotographOptions,
  onNote?: OnNote,
): Promise<EvaluationPhotograph[]> {
  const names = await readdir(folder).catch(() => []);
  const pictures = names.filter(isPicture).sort();
  if (pictures.length === 0) {
    throw new MediaError('EVAL_NO_SCENES', `${folder} holds no photographs; expected JPEG, PNG or WebP files.`, {
      hint: 'Name a folder of photographs with --photos, or leave it out.',
    });
  }
  const count = Math.min(most, pictures.length);
  const chosen = Array.from({ length: count }, (_, i) => pictures[Math.floor((i * pictures.length) / count)]!);
  const photographs: EvaluationPhotograph[] = [];
  for await (const [name, frame] of readAll(folder, chosen, height, onNote))
    photographs.push({ name: basename(name, extname(name)), frame });
  return photographs;
}

/** Called with a note to the user. */
export type OnNote = (note: string) => void;

/** Readable pictures of a folder, by name. @throws MediaError when none can be. */
export async function* readAll(
  folder: string,
  names: readonly string[],
  height: number,
  onNote?: OnNote,
): AsyncGenerator<[name: string, frame: Frame]> {
  let read = 0;
  let failed: unknown;
  for (const name of names) {
    try {
      const frame = await readScaled(join(folder, name), height);
      read += 1;
      yield [name, frame];
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      failed = error;
      onNote?.(`left out: ${error.message}`);
    }
  }
  if (read === 0) throw failed;
}

/** A picture, scaled down if it is higher than that. @throws MediaError as `readImage`; `EVAL_TOO_SMALL`. */
export async function readScaled(path: string, height: number): Promise<Frame> {
  const whole = await readImage(path);
  const size = fitted(whole.frame, height);
  return size.height === whole.frame.height ? whole.frame : (await readImage(path, size)).frame;
}

/** The first frame of each clip as a photograph. */
export async function firstFrames(clips: readonly Clip[]): Promise<EvaluationPhotograph[]> {
  const photographs: EvaluationPhotograph[] = [];
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
  const folder = fileURLToPath(new URL('../../../samples', import.meta.url));
  const names = await readdir(folder).catch(() => []);
  const clips = names.filter((name) => name.endsWith('.mp4')).sort();
  if (clips.length > 0) return clips.map((name) => join(folder, name));
  throw new MediaError('EVAL_NO_SCENES', 'There are no sample clips here; expected something to measure on.', {
    hint: 'Give clips with --clips, or a folder of photographs with --photos.',
  });
}

/** Smallest side that the loss network and the structural similarity can compare. */
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

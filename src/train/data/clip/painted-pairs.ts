import { basename } from 'node:path';
import { TrainError } from '../../../errors.js';
import { type Frame, seconds } from '../../../frame.js';
import { readImage } from '../../../media/files/pictures/image.js';
import { Random } from '../../../nets/parameters/random.js';
import { type ClipFrames, type CropPlace, randomCorner } from './clip-frames.js';
import { mirroredCrop } from './mirrored-crop.js';
import type { PaintedFile } from './painted-files.js';

/** A frame and what was painted over it, of the same size. */
export interface PaintedPair {
  readonly frame: Frame;
  readonly painting: Frame;
  /** Time of the frame in seconds of the clip's clock. */
  readonly time: number;
}

/** Painted frames as a source of crops. */
export class PaintedPairs {
  private constructor(
    /** In order of time. */
    readonly pairs: readonly PaintedPair[],
  ) {}

  /**
   * Reads the paintings.
   *
   * @throws MediaError IMAGE_UNREADABLE, MEDIA_NOT_FOUND; TrainError TRAIN_PICTURE when one has not the size of its frame.
   */
  static async read(files: readonly PaintedFile[], clip: ClipFrames, path: string): Promise<PaintedPairs> {
    const pairs: PaintedPair[] = [];
    for (const { file, frame: number } of files) {
      const frame = clip.frame(number);
      const painting = (await readImage(file)).frame;
      if (painting.width !== frame.width || painting.height !== frame.height)
        throw otherSize(file, painting, frame, `frame ${number} of ${basename(path)}`);
      pairs.push({ frame, painting, time: seconds(frame.pts) });
    }
    return new PaintedPairs(pairs);
  }

  /** Crops of frames and of the same places of their paintings, RGB bytes [count, size, size, 3] each. */
  crops(seed: number, step: number, count: number, size: number) {
    const [frames, paintings] = [0, 1].map(() => new Uint8Array(count * size * size * 3));
    for (let i = 0; i < count; i++) {
      const index = step * count + i;
      const random = new Random(seed, index, 15);
      const order = new Random(seed, Math.floor(index / this.pairs.length), 16).permutation(this.pairs.length);
      const { frame, painting } = this.pairs[order[index % this.pairs.length]!]!;
      const corner = randomCorner(random, frame, size);
      mirroredCrop(frame, corner, size, frames!, i * size * size * 3);
      mirroredCrop(painting, corner, size, paintings!, i * size * size * 3);
    }
    return { frames: frames!, paintings: paintings! };
  }

  /**
   * A crop of a painting at the place of a crop of any frame. Of two paintings before and after it, the nearer one in time
   * is shown the more often, in proportion.
   */
  beside({ time, left, top }: CropPlace, random: Random, size: number): Uint8Array<ArrayBuffer> {
    const { pairs } = this;
    const past = pairs.filter((pair) => pair.time <= time).length;
    const [earlier, later] = [pairs[Math.max(0, past - 1)]!, pairs[Math.min(past, pairs.length - 1)]!];
    const span = later.time - earlier.time;
    const { painting } = span > 0 && random.chance((time - earlier.time) / span) ? later : earlier;
    const bytes = new Uint8Array(size * size * 3);
    mirroredCrop(painting, { left, top }, size, bytes, 0);
    return bytes;
  }
}

function otherSize(file: string, painting: Frame, frame: Frame, which: string): TrainError {
  const [got, wanted] = [painting, frame].map(({ width, height }) => `${width}×${height}`);
  return new TrainError('TRAIN_PICTURE', `${file} has ${got} pixels; expected ${wanted}, the size of ${which}`, {
    hint: 'Paint over the picture that "stylecast frame" writes, and keep its size: what is painted must lie over what it shows.',
  });
}

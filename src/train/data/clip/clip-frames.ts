import { basename } from 'node:path';
import { type Frame, frameBytes, seconds } from '../../../frame.js';
import { VideoSource } from '../../../media/files/decode.js';
import { inspectVideo } from '../../../media/files/inspect.js';
import { removeCopy } from '../../../media/files/pictures/animated-webp.js';
import { noSuchFrame } from '../../../media/files/video-frame.js';
import { Random } from '../../../nets/parameters/random.js';
import type { CropSource } from '../synthetic-pictures.js';
import { MARGIN, mirroredCrop } from './mirrored-crop.js';

/** Most frames that are kept, and most memory for them in bytes. */
const MOST = 96;
const MEMORY = 256 * 2 ** 20;
/** Fewest frames that are kept, however large they are. */
const FEWEST = 8;

/** Where a crop lies: a frame and its upper left corner, which may lie up to `MARGIN` pixels outside. */
export interface CropPlace {
  /** Time of the frame in seconds of the clip's clock. */
  readonly time: number;
  readonly left: number;
  readonly top: number;
}

/** The frames of a clip as a source of crops: up to 96 of them, evenly spread. */
export class ClipFrames implements CropSource {
  readonly broken: ReadonlyMap<string, string> = new Map();

  private constructor(
    /** What they are, for records. */
    readonly called: string,
    private readonly frames: readonly Frame[],
    private readonly painted: ReadonlyMap<number, Frame>,
  ) {}

  /**
   * Reads a clip once, and keeps frames of it.
   *
   * @param painted numbers of frames, counted from 0, that are kept in any case.
   * @throws MediaError MEDIA_NO_FRAMES when the clip has no such frame, and as `VideoSource` does; the signal's reason.
   */
  static async read(path: string, painted: readonly number[], signal?: AbortSignal): Promise<ClipFrames> {
    const info = await inspectVideo(path);
    const wanted = new Set(painted);
    const [kept, keyframes] = [[] as Frame[], new Map<number, Frame>()];
    const { width, height } = info.video;
    const most = Math.max(FEWEST, Math.min(MOST, Math.floor(MEMORY / frameBytes(width, height))));
    let [count, stride] = [0, 1];
    try {
      for await (const frame of new VideoSource(info, signal ? { signal } : {})) {
        if (wanted.has(count)) keyframes.set(count, frame);
        if (count % stride === 0) kept.push(frame);
        count += 1;
        if (kept.length <= most) continue;
        // How many there are is known only at the end: from now on every other one of those so far.
        kept.splice(0, kept.length, ...kept.filter((_, i) => i % 2 === 0));
        stride *= 2;
      }
    } finally {
      if (info.copy) await removeCopy({ path: info.copy });
    }
    signal?.throwIfAborted();
    const missing = painted.find((number) => !keyframes.has(number));
    if (missing !== undefined) throw noSuchFrame(path, count, missing);
    return new ClipFrames(`${count} frames of ${basename(path)}`, kept, keyframes);
  }

  /** Number of frames that are kept. */
  get count(): number {
    return this.frames.length;
  }

  /** A painted frame. */
  frame(number: number): Frame {
    return this.painted.get(number)!;
  }

  /** Where the `index`-th crop of a seed lies. */
  place(seed: number, index: number, size: number): CropPlace {
    return this.#choose(seed, index, size).place;
  }

  /** Random square crops, RGB bytes [count, size, size, 3], which depend only on the seed and the step. */
  async crops(seed: number, step: number, count: number, size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count * size * size * 3);
    for (let i = 0; i < count; i++) {
      const { frame, place } = this.#choose(seed, step * count + i, size);
      mirroredCrop(frame, place, size, bytes, i * size * size * 3);
    }
    return bytes;
  }

  #choose(seed: number, index: number, size: number): { readonly frame: Frame; readonly place: CropPlace } {
    const random = new Random(seed, index, 13);
    const order = new Random(seed, Math.floor(index / this.count), 14).permutation(this.count);
    const frame = this.frames[order[index % this.count]!]!;
    return { frame, place: { ...randomCorner(random, frame, size), time: seconds(frame.pts) } };
  }
}

/** A random corner of a crop: all of it lies in the picture and `MARGIN` pixels around, where it fits. */
export function randomCorner(
  random: Random,
  { width, height }: { readonly width: number; readonly height: number },
  size: number,
): { readonly left: number; readonly top: number } {
  const along = (side: number) => {
    const room = side + 2 * MARGIN - size;
    return room >= 0 ? random.below(room + 1) - MARGIN : Math.round(room / 2) - MARGIN;
  };
  return { left: along(width), top: along(height) };
}

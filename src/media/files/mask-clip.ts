import { MediaError, OptionError } from '../../errors.js';
import { type Frame, frameBytes, type Size, seconds } from '../../frame.js';
import type { MediaInfo } from '../probe/info.js';
import { probe } from '../probe/probe.js';
import { VideoSource } from './decode.js';

/** Relative difference allowed between the aspect ratios of mask and picture: sizes are whole numbers of pixels. */
const SAME_SHAPE = 0.01;
/** Width of a Gaussian-blurred step between 10 % and 90 %, in standard deviations. */
const EDGE = 2.563;
/** Time stamps in different time bases count as equal below this difference, in seconds. */
const SAME_TIME = 5e-4;

/** Error codes of files that are neither a picture nor a clip. */
const NO_MASK: ReadonlySet<string> = new Set(['MEDIA_NO_VIDEO', 'MEDIA_UNREADABLE', 'MEDIA_EMPTY', 'MEDIA_IS_FOLDER']);

/** Options of `MaskClip`. */
export interface MaskClipOptions {
  /** Size in pixels of the frames to be masked; the mask is scaled to it. */
  readonly size: Size;
  /** Size of the frames before scaling; the mask must have its aspect ratio; default: `size`. */
  readonly shape?: Size;
  /** Width of the soft edge in pixels of `size`; default 0. */
  readonly feather?: number;
}

/**
 * A mask from a picture, which does not change, or from a clip, which follows the time stamps and holds its last frame.
 */
export class MaskClip {
  private readonly frames: AsyncIterator<Frame>;
  private current: Frame | undefined;
  private next: Frame | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly info: MediaInfo,
    { size, feather = 0 }: MaskClipOptions,
  ) {
    const filters = ['format=gray', ...(feather > 0 ? [`gblur=sigma=${(feather / EDGE).toFixed(3)}`] : [])];
    this.frames = new VideoSource(info, { size, filters: [...filters, 'format=rgb24'] })[Symbol.asyncIterator]();
  }

  /**
   * Opens a picture or clip with the aspect ratio of the frames to be masked.
   *
   * @throws OptionError `MASK_SHAPE`; MediaError `MASK_UNREADABLE`, or as `probe` does
   */
  static async open(path: string, options: MaskClipOptions): Promise<MaskClip> {
    const info = await probe(path).catch((error) => {
      throw error instanceof MediaError && NO_MASK.has(error.code) ? unreadable(path, error) : error;
    });
    checkShape(path, info.video, options.shape ?? options.size);
    const clip = new MaskClip(info, options);
    clip.current = await clip.read();
    clip.next = await clip.read();
    return clip;
  }

  /**
   * The mask at a time, in grey: RGB24, white inside. Times must not decrease.
   *
   * @param time seconds from the beginning
   */
  at(time: number): Promise<Uint8Array<ArrayBuffer>> {
    const found = this.turn.then(async () => {
      while (this.next && seconds(this.next.pts) - this.info.startTime <= time + SAME_TIME) {
        this.current = this.next;
        this.next = await this.read();
      }
      return this.current!.data;
    });
    this.turn = found.catch(() => undefined);
    return found;
  }

  /** Stops decoding; frames not yet read are discarded. */
  async close(): Promise<void> {
    await this.turn;
    await this.frames.return?.();
  }

  private async read(): Promise<Frame | undefined> {
    const { done, value } = await this.frames.next();
    return done ? undefined : value;
  }
}

/** Uniform masks: all outside, all inside. */
export function uniformMasks({ width, height }: Size): {
  readonly nothing: Uint8Array<ArrayBuffer>;
  readonly everything: Uint8Array<ArrayBuffer>;
} {
  const bytes = frameBytes(width, height);
  return { nothing: new Uint8Array(bytes), everything: new Uint8Array(bytes).fill(255) };
}

function checkShape(path: string, mask: Size, shape: Size): void {
  const ratio = (mask.width * shape.height) / (mask.height * shape.width);
  if (Math.abs(ratio - 1) <= SAME_SHAPE) return;
  const [has, expected] = [mask, shape].map(({ width, height }) => `${width}x${height}`);
  throw new OptionError('MASK_SHAPE', `The mask ${path} has ${has} pixels; expected the shape of ${expected}.`, {
    hint: 'Crop or extend the mask to the proportions of the picture; any size will do then.',
  });
}

function unreadable(path: string, cause: MediaError): MediaError {
  return new MediaError('MASK_UNREADABLE', `The mask ${path} is neither a picture nor a clip that can be read.`, {
    hint: 'Give a picture or a clip, white where the style is to be.',
    cause,
  });
}

import { MediaError, OptionError } from '../../errors.js';
import { type Frame, frameBytes, type Size, seconds } from '../../frame.js';
import { type MediaInfo, probe } from '../ffmpeg/probe.js';
import { VideoSource } from './decode.js';

/** Share by which the shapes of a mask and of the picture may differ: sizes are whole numbers of pixels. */
const SAME_SHAPE = 0.01;
/** Between a tenth and nine tenths a step that was blurred by a Gaussian takes so many of its deviations. */
const EDGE = 2.563;
/** Time stamps in different time bases that mean the same time differ by less than this, in seconds. */
const SAME_TIME = 5e-4;

/** Codes of files that are neither a picture nor a clip. */
const NO_MASK: ReadonlySet<string> = new Set(['MEDIA_NO_VIDEO', 'MEDIA_UNREADABLE', 'MEDIA_EMPTY', 'MEDIA_IS_FOLDER']);

/** How a mask is read. */
export interface MaskClipOptions {
  /** Size of the pictures in pixels that it is for: the mask is scaled to it. */
  readonly size: Size;
  /** Size of the pictures before they were scaled, whose shape the mask must have; default: `size`. */
  readonly shape?: Size;
  /** Width of the soft edge in pixels of `size`; default 0. */
  readonly feather?: number;
}

/** A mask from a picture, which stays, or from a clip, which runs along by time and whose last frame stays. */
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
   * Opens a picture or a clip whose shape is that of the pictures.
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
   * The mask at a time, in grey: RGB24, white inside. Times must not go back.
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

  /** Lets go of the frames that nobody will read. */
  async close(): Promise<void> {
    await this.turn;
    await this.frames.return?.();
  }

  private async read(): Promise<Frame | undefined> {
    const { done, value } = await this.frames.next();
    return done ? undefined : value;
  }
}

/** Masks that are the same everywhere: all outside, all inside. */
export function plainMasks({ width, height }: Size): {
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

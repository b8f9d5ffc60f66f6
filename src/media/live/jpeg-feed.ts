import type { Size } from '../../frame.js';
import { wallClock } from '../live-frame.js';
import { sharp } from '../sharp.js';
import { QUIET_MS } from './connection.js';
import type { Feed, LiveSourceOptions, SourceState } from './feed.js';
import { FrameQueue } from './frame-queue.js';
import { LatestSlot } from './latest-slot.js';

/** Aspect ratio assumed before the first picture arrives. */
const SHAPE = 16 / 9;
const DEFAULT_HEIGHT = 720;
const DEFAULT_FPS = 30;
/** Most pixels of a picture to decode, so that a small file cannot exhaust memory. */
const MAX_PIXELS = 4096 * 4096;
/** Time stamps that differ from the clock of this machine by more milliseconds are replaced. */
const BELIEVABLE_MS = 2000;

/** Frames of a browser's camera, passed in as JPEG files. Only the newest is decoded; undecodable ones are dropped. */
export class JpegFeed implements Feed {
  readonly frames: FrameQueue;
  readonly fps: number;
  readonly audio = undefined;
  state: SourceState = 'connecting';
  private readonly newest = new LatestSlot<{ jpeg: Uint8Array; capturedAt: number }>();
  private readonly running: Promise<void>;
  private began: number | undefined;
  private watchdog: NodeJS.Timeout | undefined;
  private reason = '';

  /** @param size of all frames; pictures of another aspect ratio are letterboxed */
  constructor(
    size: Size | undefined,
    private readonly options: LiveSourceOptions,
  ) {
    this.frames = new FrameQueue(size ?? wide(options.height ?? DEFAULT_HEIGHT));
    this.fps = options.fps ?? DEFAULT_FPS;
    this.running = this.run();
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** Passes in a picture; returns at once. */
  feed(jpeg: Uint8Array, capturedAt: number): void {
    const now = wallClock();
    const believable = capturedAt <= now && capturedAt > now - BELIEVABLE_MS;
    if (this.newest.put({ jpeg, capturedAt: believable ? capturedAt : now })) this.frames.dropped++;
  }

  async close(): Promise<void> {
    clearTimeout(this.watchdog);
    this.newest.end();
    await this.running;
    this.frames.end();
  }

  private async run(): Promise<void> {
    for (;;) {
      const picture = await this.newest.take();
      if (!picture) return;
      try {
        const data = await this.decode(picture.jpeg);
        this.began ??= picture.capturedAt;
        this.frames.put(data, (picture.capturedAt - this.began) / 1000, picture.capturedAt);
        this.setState('live');
        clearTimeout(this.watchdog);
        this.watchdog = setTimeout(
          () => this.setState('lost', this.reason || 'The browser sends no more pictures.'),
          QUIET_MS,
        );
        this.watchdog.unref();
      } catch (error) {
        this.frames.dropped++;
        this.reason = `The browser's pictures cannot be read: ${(error as Error).message}.`;
      }
    }
  }

  private async decode(jpeg: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { width, height } = this.frames.size;
    const pixels = await sharp(jpeg, { limitInputPixels: MAX_PIXELS, failOn: 'error', autoOrient: true })
      .resize(width, height, { fit: 'contain', background: '#000' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer();
    const data = this.frames.allocate();
    data.set(pixels);
    return data;
  }

  private setState(state: SourceState, reason?: string): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state, reason);
  }
}

function wide(height: number): Size {
  return { width: Math.round((height * SHAPE) / 2) * 2, height };
}

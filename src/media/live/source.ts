import { OptionError } from '../../errors.js';
import type { Size } from '../../frame.js';
import type { LiveFrame } from '../live-frame.js';
import type { AudioTap } from './audio-tap.js';
import type { Feed, LiveSourceOptions, SourceState } from './feed.js';
import type { SourceSpec } from './input.js';
import { JpegFeed } from './jpeg-feed.js';
import { StreamFeed } from './stream-feed.js';

export type { LiveSourceOptions, SourceSpec, SourceState };

/**
 * A camera, stream, file, screen, pattern or browser as RGB24 frames of one size. Only the newest frame waits for its
 * reader. A source that fails or delivers nothing for 10 s is reopened, after 0.5 s at first and 5 s at most, and
 * continues in the same size and on the same clock; a file that does not loop ends.
 */
export class LiveSource {
  private closed = false;

  private constructor(private readonly from: Feed) {}

  /**
   * Opens a source; resolves with its first frame, or for a browser at once.
   *
   * @throws OptionError for wrong options, `DENOISE_BROWSER`; MediaError `LIVE_…` or `MEDIA_…` when no frame comes,
   * `SOURCE_CLOSED` when it was aborted
   */
  static async open(spec: SourceSpec, options: LiveSourceOptions = {}): Promise<LiveSource> {
    check('height', options.height, 16, 4320);
    check('fps', options.fps, 1, 240);
    if (spec.kind === 'browser' && options.denoise) {
      throw new OptionError('DENOISE_BROWSER', "The pictures of a browser's camera are not denoised.", {
        hint: 'Leave out --denoise, or take the camera with --camera where it is on this machine.',
      });
    }
    const from = spec.kind === 'browser' ? new JpegFeed(spec.size, options) : await StreamFeed.open(spec, options);
    return new LiveSource(from);
  }

  /** Size of all frames in pixels; never changes. */
  get size(): Size {
    return this.from.frames.size;
  }

  /** Frames per second as declared by the source, or 30. */
  get fps(): number {
    return this.from.fps;
  }

  /** Frames that arrived and were not taken in time. */
  get dropped(): number {
    return this.from.frames.dropped;
  }

  get state(): SourceState {
    return this.from.state;
  }

  /** The sound, if requested and present. */
  get audio(): AudioTap | undefined {
    return this.from.audio;
  }

  /** The newest frame not yet taken; waits for one; undefined when the source has ended for good or was closed. */
  async next(): Promise<LiveFrame | undefined> {
    const frame = await this.from.frames.take();
    return this.closed ? undefined : frame;
  }

  /** Returns the buffer of a frame that is no longer read, for reuse. */
  release(data: Uint8Array<ArrayBuffer>): void {
    this.from.frames.release(data);
  }

  /**
   * Takes a JPEG of a browser's camera; undefined for other sources. `capturedAt` is in milliseconds since 1970; the
   * present is taken instead of a time that is more than 2 s off.
   */
  get feed(): ((jpeg: Uint8Array, capturedAt: number) => void) | undefined {
    const { from } = this;
    return from.feed && ((jpeg, capturedAt) => from.feed?.(jpeg, capturedAt));
  }

  /** Ends everything. */
  close(): Promise<void> {
    this.closed = true;
    return this.from.close();
  }

  /** The frames as they come, as `next` gives them. Leaving the loop closes the source. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LiveFrame, void, undefined> {
    try {
      for (let frame = await this.next(); frame; frame = await this.next()) yield frame;
    } finally {
      await this.close();
    }
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function check(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw new OptionError('LIVE_OPTION', `${name} is ${value}; expected a number from ${least} to ${most}.`, {
    hint: `Correct ${name} or leave it out.`,
  });
}

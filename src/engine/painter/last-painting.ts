import type { PictureBytes } from './protocol.js';

/**
 * The last frame and what it became, for frames that repeat it: in screen recordings, slides and animation on twos the
 * network need not run again.
 */
export class LastPainting {
  private readonly source: Uint8Array;
  private known = false;
  private painting: Uint8Array | undefined;

  /** @param bytes of a frame */
  constructor(bytes: number) {
    this.source = new Uint8Array(bytes);
  }

  /** Whether a frame is the same as the last one, byte for byte; it becomes the last one. */
  repeats(frame: Uint8Array): boolean {
    // Frames that differ do so within the first rows as a rule: this takes no time there.
    const same = this.known && Buffer.compare(this.source, frame) === 0;
    if (!same) this.source.set(frame);
    this.known = true;
    return same;
  }

  /** Remembers what the last frame became. */
  keep(painting: Uint8Array): void {
    if (this.painting?.length !== painting.length) this.painting = Uint8Array.from(painting);
    else this.painting.set(painting);
  }

  /** A copy of what was kept, in the buffer of the frame where it fits. */
  copyInto(frame: PictureBytes): PictureBytes {
    const { painting } = this;
    const copy = frame.length === painting!.length ? frame : new Uint8Array(painting!.length);
    copy.set(painting!);
    return copy;
  }

  /** The next frame is another one, whatever it is. */
  forget(): void {
    this.known = false;
  }
}

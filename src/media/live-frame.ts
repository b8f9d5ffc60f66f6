import type { Frame } from '../frame.js';

/** A frame on its way through the live pipeline: RGB24, or RGBA where a person was cut out. */
export interface LiveFrame extends Omit<Frame, 'pts'> {
  /** Bytes a pixel: 3 for RGB, 4 for RGBA with straight (not premultiplied) alpha. */
  readonly channels: 3 | 4;
  /** Counts up from 0 over a source's life; gaps are frames that were dropped. */
  readonly sequence: number;
  /** Presentation time in seconds since the source began. */
  readonly pts: number;
  /**
   * When the frame was captured, in milliseconds since 1970 with fractions (`performance.timeOrigin +
   * performance.now()`).
   */
  readonly capturedAt: number;
}

/** The present time on the clock of `capturedAt`. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

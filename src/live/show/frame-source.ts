import type { Size } from '../../frame.js';
import type { LiveFrame } from './types.js';

/** A source of frames: a `LiveSource`, or anything else that yields the newest frame. */
export interface FrameSource {
  readonly size: Size;
  /** Number of frames not taken in time. */
  readonly dropped: number;
  readonly state: string;
  /** The newest frame not yet taken; waits for one; undefined when there will be no more. */
  next(): Promise<LiveFrame | undefined>;
  /** Accepts a picture of a browser's camera; undefined for other sources. */
  readonly feed?: ((jpeg: Uint8Array, capturedAt: number) => void) | undefined;
}

import type { Size } from '../../frame.js';
import type { LiveFrame } from './types.js';

/** Where frames come from: a `LiveSource`, or anything that gives the newest frame when asked. */
export interface FrameSource {
  readonly size: Size;
  /** Frames that were not taken in time. */
  readonly dropped: number;
  readonly state: string;
  /** The newest frame not yet taken; waits for one; undefined when there will be none any more. */
  next(): Promise<LiveFrame | undefined>;
  /** Takes a picture of a browser's camera; undefined where they come from elsewhere. */
  readonly feed?: ((jpeg: Uint8Array, capturedAt: number) => void) | undefined;
}

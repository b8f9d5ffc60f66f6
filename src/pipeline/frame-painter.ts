import type { ShotState } from '../engine/painter/painter.js';
import type { Frame } from '../frame.js';

/** Paints frames of one size; a `Painter` is one. */
export interface FramePainter {
  /** Number of pictures that are painted at the same time. */
  readonly sessions: number;
  /** Paints a frame, whose buffer is taken over. Frames come in order, possibly before earlier ones are done. */
  paint(frame: Frame): Promise<Frame>;
  /** Where it has got to in a shot, before the next frame; absent where that cannot be said. */
  shotState?(): Promise<ShotState>;
  /** Goes on with a shot; to be called before the first frame. */
  continueShot?(state: ShotState): void;
  /** Waits for running work and releases everything. */
  close(): Promise<void>;
}

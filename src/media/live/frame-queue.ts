import type { Size } from '../../frame.js';
import { frameBytes } from '../../frame.js';
import type { LiveFrame } from '../live-frame.js';
import { LatestSlot } from './latest-slot.js';

/** Buffers kept for reuse: one being filled, one waiting, one being returned. */
const SPARE = 3;

/** Passes frames of one size to one reader: only the newest waits, and buffers are recycled. */
export class FrameQueue {
  /** Number of frames that a newer one replaced. */
  dropped = 0;
  private sequence = 0;
  private readonly newest = new LatestSlot<LiveFrame>();
  private readonly spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(readonly size: Size) {}

  /** Time of the newest frame in seconds; undefined before the first. */
  lastTime: number | undefined;

  /** A buffer for one frame. */
  allocate(): Uint8Array<ArrayBuffer> {
    return this.spare.pop() ?? new Uint8Array(frameBytes(this.size.width, this.size.height));
  }

  /** Returns a buffer for reuse; foreign and detached buffers are left to the garbage collector. */
  release(data: Uint8Array<ArrayBuffer>): void {
    const fits =
      data.length === frameBytes(this.size.width, this.size.height) && data.length === data.buffer.byteLength;
    if (fits && this.spare.length < SPARE && !this.spare.includes(data)) this.spare.push(data);
  }

  /**
   * Adds a frame.
   *
   * @param pts seconds since the source began; raised above that of the previous frame where it is not
   * @param capturedAt milliseconds since 1970
   */
  put(data: Uint8Array<ArrayBuffer>, pts: number, capturedAt: number): void {
    const time = this.lastTime === undefined ? pts : Math.max(pts, this.lastTime + 0.001);
    this.lastTime = time;
    const displaced = this.newest.put({
      ...{ data, ...this.size, channels: 3, sequence: this.sequence++ },
      ...{ pts: time, capturedAt },
    });
    if (!displaced) return;
    this.dropped++;
    this.release(displaced.data);
  }

  /** Resolves with the newest frame, or the next to come; undefined at the end. */
  take(): Promise<LiveFrame | undefined> {
    return this.newest.take();
  }

  /** No more frames will come. */
  end(): void {
    this.newest.end();
  }
}

import type { Size } from '../../frame.js';
import { frameBytes } from '../../frame.js';
import type { LiveFrame } from '../live-frame.js';
import { Newest } from './latest-slot.js';

/** Buffers that are kept for reuse: one being filled, one waiting, one on its way back. */
const SPARE = 3;

/** Frames of one size on their way to one reader: only the newest waits, and buffers go round. */
export class FrameQueue {
  /** Frames that a newer one displaced. */
  dropped = 0;
  private sequence = 0;
  private readonly newest = new Newest<LiveFrame>();
  private readonly spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(readonly size: Size) {}

  /** Time of the newest frame in seconds; undefined before the first. */
  lastTime: number | undefined;

  /** A buffer for one frame. */
  allocate(): Uint8Array<ArrayBuffer> {
    return this.spare.pop() ?? new Uint8Array(frameBytes(this.size.width, this.size.height));
  }

  /** Takes back a buffer that nobody reads any more; others than its own, and detached ones, are left to the collector. */
  release(data: Uint8Array<ArrayBuffer>): void {
    const fits =
      data.length === frameBytes(this.size.width, this.size.height) && data.length === data.buffer.byteLength;
    if (fits && this.spare.length < SPARE && !this.spare.includes(data)) this.spare.push(data);
  }

  /**
   * Takes a frame.
   *
   * @param pts seconds since the source began; moved behind the one before where it is not
   * @param capturedAt milliseconds since 1970
   */
  offer(data: Uint8Array<ArrayBuffer>, pts: number, capturedAt: number): void {
    const time = this.lastTime === undefined ? pts : Math.max(pts, this.lastTime + 0.001);
    this.lastTime = time;
    const displaced = this.newest.offer({
      ...{ data, ...this.size, channels: 3, sequence: this.sequence++ },
      ...{ pts: time, capturedAt },
    });
    if (!displaced) return;
    this.dropped++;
    this.release(displaced.data);
  }

  /** The newest frame, or the next one; undefined at the end. */
  take(): Promise<LiveFrame | undefined> {
    return this.newest.take();
  }

  /** Nothing more will come. */
  end(): void {
    this.newest.end();
  }
}

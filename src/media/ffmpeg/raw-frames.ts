import { Writable } from 'node:stream';
import { deferred } from '../../deferred.js';
import { wallClock } from '../live-frame.js';

/** Provides the buffers that frames are assembled in. */
export interface FrameStore {
  /** A buffer as long as a frame. */
  allocate(): Uint8Array<ArrayBuffer>;
}

/** Splits a stream of raw bytes into frames as they arrive, each with the time of its last byte. */
export class RawFrames extends Writable {
  private readonly store = deferred<FrameStore>();
  private frames: FrameStore | undefined;
  private buffer: Uint8Array<ArrayBuffer> | undefined;
  private filled = 0;

  /** @param onFrame takes the buffer over; milliseconds since 1970 */
  constructor(private readonly onFrame: (data: Uint8Array<ArrayBuffer>, capturedAt: number) => void) {
    // Without emitClose: fluent-ffmpeg takes a closed output for a failure if ffmpeg is not gone 20 ms later.
    super({ highWaterMark: 1, autoDestroy: false, emitClose: false });
  }

  /** Sets the length of a frame; bytes are buffered until then. */
  begin(store: FrameStore): void {
    this.store.resolve(store);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.frames) {
      this.cut(chunk, this.frames);
      done();
      return;
    }
    void this.store.promise.then((store) => {
      this.frames = store;
      this.cut(chunk, store);
      done();
    });
  }

  private cut(chunk: Buffer, store: FrameStore): void {
    let offset = 0;
    while (offset < chunk.length) {
      this.buffer ??= store.allocate();
      const length = Math.min(chunk.length - offset, this.buffer.length - this.filled);
      this.buffer.set(chunk.subarray(offset, offset + length), this.filled);
      offset += length;
      this.filled += length;
      if (this.filled < this.buffer.length) continue;
      const whole = this.buffer;
      this.buffer = undefined;
      this.filled = 0;
      this.onFrame(whole, wallClock());
    }
  }
}

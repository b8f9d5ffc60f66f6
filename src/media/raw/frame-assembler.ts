import { Writable } from 'node:stream';

/** Where the bytes of frames go. */
export interface FrameStore {
  /** A buffer as long as a frame. */
  allocate(): Uint8Array<ArrayBuffer>;
}

/** Cuts a stream of raw bytes into frames. */
export class FrameAssembler extends Writable {
  private frames: FrameStore | undefined;
  private buffer: Uint8Array<ArrayBuffer> | undefined;
  private filled = 0;

  /**
   * @param store says how long frames are; bytes wait until then
   * @param onFrame takes the buffer over; no more is read until what it returns has settled
   */
  constructor(
    private readonly store: Promise<FrameStore>,
    private readonly onFrame: (data: Uint8Array<ArrayBuffer>) => Promise<void> | undefined | void,
  ) {
    // Without emitClose: fluent-ffmpeg takes a closed output for a failure if ffmpeg is not gone 20 ms later.
    super({ highWaterMark: 1, autoDestroy: false, emitClose: false });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.frames) {
      this.fill(chunk, 0, this.frames, done);
      return;
    }
    void this.store.then((store) => {
      this.frames = store;
      this.fill(chunk, 0, store, done);
    });
  }

  private fill(chunk: Buffer, from: number, store: FrameStore, done: () => void): void {
    let offset = from;
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
      const taken = this.onFrame(whole);
      if (taken) {
        const rest = offset;
        void taken.then(() => this.fill(chunk, rest, store, done));
        return;
      }
    }
    done();
  }
}

import { wallClock } from '../../media/live-frame.js';
import { listen } from './listen.js';
import type { LiveFrame } from './types.js';

/** Gives out the finished frames of a show, each later than the one before and with a higher number. */
export class FrameOutlet {
  private readonly listeners = new Set<(frame: LiveFrame) => void>();
  private shown: LiveFrame | undefined;
  private shownAt = 0;
  private repeats = 0;

  /** @param onSend told of each frame that goes out */
  constructor(private readonly onSend: () => void) {}

  /** The frame that went out last. */
  get newest(): LiveFrame | undefined {
    return this.shown;
  }

  /** Calls a listener with each frame. Returns how to stop listening. */
  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return listen(this.listeners, listener);
  }

  /** Gives out a frame of the source. Numbers go on where repeated pictures were put in between; times are the source's. */
  emit(frame: LiveFrame): void {
    if (this.shown && frame.pts <= this.shown.pts) return;
    this.send({ ...frame, sequence: frame.sequence + this.repeats });
  }

  /** Gives out the last picture again, as if it were a new frame. */
  repeat(): void {
    if (!this.shown) return;
    this.repeats++;
    const elapsed = (performance.now() - this.shownAt) / 1000;
    const { sequence, pts } = this.shown;
    this.send({ ...this.shown, sequence: sequence + 1, pts: pts + elapsed, capturedAt: wallClock() });
  }

  private send(frame: LiveFrame): void {
    this.shown = frame;
    this.shownAt = performance.now();
    this.onSend();
    for (const listener of this.listeners) listener(frame);
  }
}

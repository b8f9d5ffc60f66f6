import { wallClock } from '../../media/live-frame.js';
import type { FrameSource } from './frame-source.js';
import { listen } from './listen.js';
import type { LiveFrame } from './types.js';

/** Milliseconds between repeats of the last picture while the source is lost. */
const REPEAT_MS = 200;

/** Gives out the finished frames of a show, each later than the one before and with a higher number. */
export class FrameOutlet {
  private readonly listeners = new Set<(frame: LiveFrame) => void>();
  private shown: LiveFrame | undefined;
  private shownAt = 0;
  private repeats = 0;

  /** @param onSend called for each frame that goes out */
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

  /** Gives out the last picture in the place of a frame of the source. */
  emitAgain(frame: LiveFrame): void {
    const { data, width, height, channels } = this.shown ?? frame;
    this.emit({ ...frame, data, width, height, channels });
  }

  /** Gives out the last picture again, as if it were a new frame. */
  repeat(): void {
    if (!this.shown) return;
    this.repeats++;
    const elapsed = (performance.now() - this.shownAt) / 1000;
    const { sequence, pts } = this.shown;
    this.send({ ...this.shown, sequence: sequence + 1, pts: pts + elapsed, capturedAt: wallClock() });
  }

  /**
   * The next frame of a source. While it is lost, the last picture is repeated, so that outputs keep receiving frames.
   */
  async next(source: FrameSource): Promise<LiveFrame | undefined> {
    const timer = setInterval(() => {
      if (source.state === 'lost') this.repeat();
    }, REPEAT_MS);
    try {
      return await source.next();
    } finally {
      clearInterval(timer);
    }
  }

  private send(frame: LiveFrame): void {
    this.shown = frame;
    this.shownAt = performance.now();
    this.onSend();
    for (const listener of this.listeners) listener(frame);
  }
}

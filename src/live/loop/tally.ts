import { Window } from '../show/figures.js';
import type { LiveStats } from '../show/types.js';

/** What a show has to say of its own pace; the way to the viewers is the server's to tell. */
export type Pace = Pick<LiveStats, 'fpsIn' | 'fpsOut' | 'latency'>;

/** Counts the frames of a show and what they took, over the last second. */
export class Tally {
  private readonly waits = new Window();
  private readonly paints = new Window();
  private readonly masks = new Window();
  private readonly out = new Window();
  private droppedBefore = 0;

  /** A frame was taken from the source, so many milliseconds after it was captured. */
  taken(waitMs: number): void {
    this.waits.add(waitMs);
  }

  /** A frame was painted; `maskMs` is the part of it that finding a person took. */
  painted(ms: number, maskMs: number | undefined): void {
    this.paints.add(ms);
    if (maskMs !== undefined) this.masks.add(maskMs);
  }

  /** A frame went out. */
  sent(): void {
    this.out.add(1);
  }

  /** Painting changes from here on: what it took before tells nothing any more. */
  forgetPainting(): void {
    this.paints.clear();
  }

  /** The median time of painting in milliseconds; undefined where nothing was painted. */
  get paintMs(): number | undefined {
    return this.paints.count() > 0 ? this.paints.median() : undefined;
  }

  /** To be asked once a second. @param dropped frames that the source has dropped since it began */
  pace(dropped: number): Pace {
    const fpsIn = this.waits.rate() + dropped - this.droppedBefore;
    this.droppedBefore = dropped;
    const mask = this.masks.count() > 0 ? { mask: this.masks.median() } : {};
    const latency = { wait: this.waits.median(), paint: this.paints.median(), ...mask };
    return { fpsIn, fpsOut: this.out.rate(), latency: { ...latency, encode: 0, total: 0, delivery: 0 } };
  }
}

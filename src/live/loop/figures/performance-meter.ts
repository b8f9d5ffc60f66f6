import { RollingWindow } from '../../show/rolling-window.js';
import type { ShowStats } from '../../show/types.js';

/** How fast a show is. */
export type PerformanceStats = Pick<ShowStats, 'fpsIn' | 'fpsOut' | 'latency' | 'dropped'>;

/** Measures frame rates and latencies of a show over the last second. */
export class PerformanceMeter {
  private readonly waits = new RollingWindow();
  private readonly paints = new RollingWindow();
  private readonly masks = new RollingWindow();
  private readonly out = new RollingWindow();
  private droppedBefore = 0;

  /** Records a frame taken from the source, `waitMs` after it was captured. */
  taken(waitMs: number): void {
    this.waits.add(waitMs);
  }

  /** Records a painted frame; `maskMs` is the part spent on finding a person. */
  painted(ms: number, maskMs: number | undefined): void {
    this.paints.add(ms);
    if (maskMs !== undefined) this.masks.add(maskMs);
  }

  /** Records a frame sent out. */
  sent(): void {
    this.out.add(1);
  }

  /** Discards measured painting times, after a change that makes them meaningless. */
  resetPainting(): void {
    this.paints.clear();
  }

  /** Median painting time in milliseconds; undefined where nothing was painted. */
  get paintMs(): number | undefined {
    return this.paints.count() > 0 ? this.paints.median() : undefined;
  }

  /** Must be called once a second. @param dropped frames that the source has dropped since it began */
  stats(dropped: number): PerformanceStats {
    const fpsIn = this.waits.rate() + dropped - this.droppedBefore;
    this.droppedBefore = dropped;
    const mask = this.masks.count() > 0 ? { mask: this.masks.median() } : {};
    const latency = { wait: this.waits.median(), paint: this.paints.median(), ...mask };
    return { fpsIn, fpsOut: this.out.rate(), latency, dropped };
  }
}

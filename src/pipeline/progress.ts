import type { Stage } from './ordered.js';

/** How far the work is. */
export interface Progress {
  /** Frames written. */
  readonly frames: number;
  /** Frames there will be, if known; an estimate for files that do not count theirs. */
  readonly total: number | undefined;
  /** Frames a second: the mean of the last seconds. */
  readonly fps: number;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Seconds left, if the total is known. */
  readonly left: number | undefined;
  /** The stage that the others wait for. */
  readonly bottleneck: Stage;
}

/** Seconds over which the speed is averaged. */
const WINDOW = 5;

/** Counts frames and waiting times and tells a listener ten times a second at most. */
export class Meter {
  private readonly began = performance.now();
  private readonly waits: Record<Stage, number> = { decode: 0, network: 0, encode: 0 };
  private readonly recent: { at: number; frames: number }[] = [{ at: this.began, frames: 0 }];
  private told = 0;
  private frames = 0;

  constructor(
    private readonly total: number | undefined,
    private readonly listener: ((progress: Progress) => void) | undefined,
  ) {}

  /** Notes that the end of the line waited for a stage. */
  readonly wait = (stage: Stage, milliseconds: number): void => {
    this.waits[stage] += milliseconds;
  };

  /** Notes that a frame is written. */
  count(): void {
    this.frames++;
    const now = performance.now();
    if (!this.listener || now - this.told < 100) return;
    this.told = now;
    this.recent.push({ at: now, frames: this.frames });
    while (this.recent.length > 2 && now - this.recent[1]!.at > WINDOW * 1000) this.recent.shift();
    this.listener(this.progress());
  }

  /** The state of things now. */
  progress(): Progress {
    const now = performance.now();
    const since = this.recent[0]!;
    const fps = now > since.at ? ((this.frames - since.frames) * 1000) / (now - since.at) : 0;
    const total = this.total === undefined ? undefined : Math.max(this.total, this.frames);
    return {
      frames: this.frames,
      total,
      fps,
      elapsed: (now - this.began) / 1000,
      left: total === undefined || fps === 0 ? undefined : (total - this.frames) / fps,
      bottleneck: (Object.keys(this.waits) as Stage[]).reduce((a, b) => (this.waits[b] > this.waits[a] ? b : a)),
    };
  }
}

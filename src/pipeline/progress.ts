import type { PipelineStage } from './ordered.js';

/** Progress of the work. */
export interface Progress {
  /** Frames written. */
  readonly frames: number;
  /** Total number of frames, if known; an estimate for files that do not store it. */
  readonly total: number | undefined;
  /** Frames a second: the mean of the last seconds. */
  readonly fps: number;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Seconds left, if the total is known. */
  readonly left: number | undefined;
  /** The slowest stage. */
  readonly bottleneck: PipelineStage;
}

/** Seconds over which the speed is averaged. */
const WINDOW = 5;

/** Counts frames and waiting times, and reports them at most ten times a second. */
export class ProgressMeter {
  private readonly began = performance.now();
  private readonly waits: Record<PipelineStage, number> = { decode: 0, network: 0, encode: 0 };
  private readonly recent: { at: number; frames: number }[];
  private told = 0;

  /** @param frames that were written before */
  constructor(
    private readonly total: number | undefined,
    private readonly listener: ((progress: Progress) => void) | undefined,
    private frames = 0,
  ) {
    this.recent = [{ at: this.began, frames }];
  }

  /** Records that the last stage waited for another. */
  readonly wait = (stage: PipelineStage, milliseconds: number): void => {
    this.waits[stage] += milliseconds;
  };

  /** Records written frames. */
  count(frames = 1): void {
    this.frames += frames;
    const now = performance.now();
    if (!this.listener || now - this.told < 100) return;
    this.told = now;
    this.recent.push({ at: now, frames: this.frames });
    while (this.recent.length > 2 && now - this.recent[1]!.at > WINDOW * 1000) this.recent.shift();
    this.listener(this.progress());
  }

  /** Records how many frames there are, where others write them. */
  reach(frames: number): void {
    if (frames > this.frames) this.count(frames - this.frames);
    else if (frames < this.frames) this.takeBack(this.frames - frames);
  }

  /** Takes frames back that are lost, or done again. */
  takeBack(frames: number): void {
    this.frames -= frames;
    this.recent.splice(0, this.recent.length, { at: performance.now(), frames: this.frames });
  }

  /** The current progress. */
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
      bottleneck: (Object.keys(this.waits) as PipelineStage[]).reduce((a, b) =>
        this.waits[b] > this.waits[a] ? b : a,
      ),
    };
  }
}

/** The stage of a training: learning the style, or temporal consistency on pairs of frames. */
export type StageName = 'first' | 'second';

/**
 * Losses of one step: the unweighted terms of the objective, the total, the gradient's norm, and the balance, which is
 * the weight of content and structure.
 */
export type StepLosses = Readonly<Record<string, number>>;

/** Progress of a training. */
export interface TrainProgress {
  readonly stage: StageName;
  /** Steps done, over both stages. */
  readonly step: number;
  /** Total number of steps; an estimate when training by time. */
  readonly steps: number;
  readonly losses: StepLosses;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
  /** Photographs that could not be read so far. */
  readonly brokenPhotos: number;
  /** Path of the preview strip, when this step has updated it. */
  readonly preview?: string;
  /** A note caused by this step. */
  readonly note?: string;
}

/** Schedule of a training: a number of steps, or a time. */
export class TrainingSchedule {
  readonly #steps: number | undefined;
  readonly #milliseconds: number;
  readonly #firstShare: number;
  #elapsed: number;
  #last = performance.now();
  #rate = 0;

  constructor(limit: { steps: number | undefined; minutes: number | undefined; firstShare: number; elapsed: number }) {
    this.#steps = limit.steps;
    this.#milliseconds = (limit.minutes ?? 0) * 60_000;
    this.#firstShare = limit.firstShare;
    this.#elapsed = limit.elapsed;
  }

  /** Time spent in steps so far, over all runs, in milliseconds. */
  get elapsed(): number {
    return this.#elapsed;
  }

  get stepsPerSecond(): number {
    return this.#rate;
  }

  /** Starts the clock, also after a pause that does not count. */
  resume(): void {
    this.#last = performance.now();
  }

  /** Counts a step. */
  tick(): void {
    const now = performance.now();
    const took = now - this.#last;
    this.#last = now;
    this.#elapsed += took;
    this.#rate = this.#rate === 0 ? 1000 / took : this.#rate * 0.95 + (0.05 * 1000) / took;
  }

  /** Total steps of a stage after `done` of them; when training by time, an estimate. */
  stageSteps(stage: StageName, done: number, before: number): number {
    const share = stage === 'first' ? this.#firstShare : 1 - this.#firstShare;
    if (this.#steps !== undefined) {
      const first = Math.round(this.#steps * this.#firstShare);
      return stage === 'first' ? first : this.#steps - first;
    }
    const pace = this.#elapsed / Math.max(done + before, 1);
    if (pace === 0) return 1000;
    const left = this.#milliseconds * (stage === 'first' ? share : 1) - this.#elapsed;
    return Math.max(done + Math.ceil(left / pace), done);
  }
}

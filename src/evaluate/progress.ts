/** Progress of an evaluation. */
export interface EvaluationProgress {
  /** Current work, such as `the-wave: basketball`. */
  readonly doing: string;
  /** Share of the work done, 0 to 1. */
  readonly share: number;
  /** Seconds left at the pace so far. */
  readonly secondsLeft: number;
}

/** Rough cost of kinds of work in seconds at 640×360 on two cores; only ratios matter. */
const COSTS = { flow: 0.4, paint: 0.1, compare: 2 } as const;

/** A kind of work. */
export type EvaluationWork = keyof typeof COSTS;

/** Counts work done against work to do. */
export class ProgressCounter {
  private done = 0;
  private total = 0;
  private readonly began = performance.now();

  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly tell: ((progress: EvaluationProgress) => void) | undefined,
  ) {}

  /** Announces work. */
  expect(work: EvaluationWork, count: number): void {
    this.total += COSTS[work] * count;
  }

  /** Counts work as done; throws the signal's reason once it is aborted. */
  count(work: EvaluationWork, doing: string): void {
    this.signal?.throwIfAborted();
    this.done += COSTS[work];
    const share = Math.min(1, this.done / this.total);
    const elapsed = (performance.now() - this.began) / 1000;
    this.tell?.({ doing, share, secondsLeft: (elapsed * (1 - share)) / share });
  }
}

/** How far an evaluation is. */
export interface EvaluationProgress {
  /** What is under way, such as `the-wave: basketball`. */
  readonly doing: string;
  /** Share of the work done, 0 to 1. */
  readonly share: number;
  /** Seconds left at the pace so far. */
  readonly secondsLeft: number;
}

/** What the kinds of work cost, roughly, in seconds at 640×360 on two cores: only their ratios matter. */
const COSTS = { flow: 0.4, paint: 0.1, judge: 2 } as const;

/** A kind of work that is counted. */
export type Work = keyof typeof COSTS;

/** Counts work done against work to do. */
export class Counter {
  private done = 0;
  private total = 0;
  private readonly began = performance.now();

  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly tell: ((progress: EvaluationProgress) => void) | undefined,
  ) {}

  /** Announces work. */
  expect(work: Work, count: number): void {
    this.total += COSTS[work] * count;
  }

  /** Counts work as done; throws the signal's reason once it is aborted. */
  count(work: Work, doing: string): void {
    this.signal?.throwIfAborted();
    this.done += COSTS[work];
    const share = Math.min(1, this.done / this.total);
    const elapsed = (performance.now() - this.began) / 1000;
    this.tell?.({ doing, share, secondsLeft: (elapsed * (1 - share)) / share });
  }
}

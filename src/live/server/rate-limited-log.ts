/** Writes at most one line per second for each kind of problem, with the number of lines left out. */
export class RateLimitedLog {
  private readonly kinds = new Map<string, { until: number; kept: number }>();

  constructor(
    private readonly write: (line: string) => void,
    private readonly span = 1000,
  ) {}

  /** @param kind category of the problem, one of a few */
  log(kind: string, line: string, now = performance.now()): void {
    const last = this.kinds.get(kind);
    if (last && now < last.until) {
      last.kept++;
      return;
    }
    this.kinds.set(kind, { until: now + this.span, kept: 0 });
    this.write(last?.kept ? `${line} (and ${last.kept} more like it)` : line);
  }
}

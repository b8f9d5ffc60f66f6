/** Writes at most one line a second for each kind of trouble, and says how many it kept back. */
export class TroubleLog {
  private readonly kinds = new Map<string, { until: number; kept: number }>();

  constructor(
    private readonly write: (line: string) => void,
    private readonly span = 1000,
  ) {}

  /** @param kind what goes wrong, one of a few; at most as many lines are remembered */
  say(kind: string, line: string, now = performance.now()): void {
    const last = this.kinds.get(kind);
    if (last && now < last.until) {
      last.kept++;
      return;
    }
    this.kinds.set(kind, { until: now + this.span, kept: 0 });
    this.write(last?.kept ? `${line} (and ${last.kept} more like it)` : line);
  }
}

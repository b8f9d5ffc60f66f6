/** A rolling window of numbers over time. */
export class RollingWindow {
  private readonly entries: { readonly at: number; readonly value: number }[] = [];

  /** @param span length of the window in milliseconds */
  constructor(private readonly span = 1000) {}

  /** @param at milliseconds of `performance.now()`, never less than before */
  add(value: number, at = performance.now()): void {
    this.entries.push({ at, value });
    this.forget(at);
  }

  /** The median; 0 where the window is empty. */
  median(at = performance.now()): number {
    this.forget(at);
    const sorted = this.entries.map(({ value }) => value).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  /** Numbers per second. */
  rate(at = performance.now()): number {
    this.forget(at);
    return (this.entries.length * 1000) / this.span;
  }

  /** Numbers in it. */
  count(at = performance.now()): number {
    this.forget(at);
    return this.entries.length;
  }

  clear(): void {
    this.entries.length = 0;
  }

  private forget(at: number): void {
    let old = 0;
    while (old < this.entries.length && this.entries[old]!.at <= at - this.span) old++;
    this.entries.splice(0, old);
  }
}

/** Pauses between attempts, each twice as long as the one before. */
export class BackOff {
  /** Milliseconds of the next pause. */
  delay: number;
  private end: (() => void) | undefined;

  /** @param first @param longest milliseconds */
  constructor(
    private readonly first: number,
    private readonly longest: number,
  ) {
    this.delay = first;
  }

  /** The next pause is as short as the first: an attempt has succeeded. */
  reset(): void {
    this.delay = this.first;
  }

  /** Waits for one pause. */
  async wait(): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, this.delay);
      this.end = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.end = undefined;
    this.delay = Math.min(this.longest, 2 * this.delay);
  }

  /** Ends the pause. */
  wake(): void {
    this.end?.();
  }
}

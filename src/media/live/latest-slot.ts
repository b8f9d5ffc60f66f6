import { deferred } from '../../deferred.js';

/** A place for one thing that waits: a newer one takes its place. */
export class Newest<T> {
  private waiting: { readonly value: T } | undefined;
  private wake = deferred<void>();
  private ended = false;

  /** Puts a thing there; returns the one that it displaced. */
  offer(value: T): T | undefined {
    const displaced = this.waiting?.value;
    if (!this.ended) this.waiting = { value };
    this.rouse();
    return displaced;
  }

  /**
   * Takes the thing that waits, or the next that comes; undefined once it has ended and nothing waits.
   *
   * @param enough stops waiting where it is true; asked again after `rouse`
   */
  async take(enough = () => false): Promise<T | undefined> {
    while (!this.waiting) {
      if (this.ended || enough()) return undefined;
      await this.wake.promise;
    }
    const { value } = this.waiting;
    this.waiting = undefined;
    return value;
  }

  /** Nothing more will come; what waits can still be taken. */
  end(): void {
    this.ended = true;
    this.rouse();
  }

  /** Lets those who wait look again. */
  rouse(): void {
    this.wake.resolve();
    this.wake = deferred();
  }
}

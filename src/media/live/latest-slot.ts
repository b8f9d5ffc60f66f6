import { deferred } from '../../deferred.js';

/** A mailbox of one slot: a newer value replaces one that has not been taken. */
export class LatestSlot<T> {
  private waiting: { readonly value: T } | undefined;
  private wake = deferred<void>();
  private ended = false;

  /** Stores a value; returns the value that it replaced. */
  put(value: T): T | undefined {
    const displaced = this.waiting?.value;
    if (!this.ended) this.waiting = { value };
    this.notify();
    return displaced;
  }

  /**
   * Takes the waiting value, or the next one; undefined once it has ended and is empty.
   *
   * @param enough stops waiting when it returns true; checked again after `notify`
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

  /** No more values will come; a waiting one can still be taken. */
  end(): void {
    this.ended = true;
    this.notify();
  }

  /** Wakes waiting readers to check again. */
  notify(): void {
    this.wake.resolve();
    this.wake = deferred();
  }
}

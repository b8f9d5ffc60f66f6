/** Cleans up what is still open when the process exits. There is no exit listener while nothing is open. */
export class ExitCleanup<T> {
  readonly #living = new Set<T>();
  readonly #exit = (): void => {
    for (const each of this.#living) this.clean(each);
  };

  /** @param clean must be done when it returns: the process waits for nothing more */
  constructor(private readonly clean: (each: T) => void) {}

  /** From now on it is cleaned up. */
  add(each: T): void {
    if (this.#living.size === 0) process.on('exit', this.#exit);
    this.#living.add(each);
  }

  /** It needs no cleaning up any more; false where it did not. */
  delete(each: T): boolean {
    const lived = this.#living.delete(each);
    if (this.#living.size === 0) process.off('exit', this.#exit);
    return lived;
  }
}

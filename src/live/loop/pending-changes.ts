import { type Deferred, deferred } from '../../deferred.js';
import { OptionError } from '../../errors.js';
import type { LiveSettings } from '../show/types.js';

/** What changes are made on. */
export interface ChangeTarget {
  /** Names of the styles that settings need and that are not loaded. */
  missing(wanted: Partial<LiveSettings>): readonly string[];
  /** Loads a style. May be given up when the signal is aborted. */
  load(name: string, signal: AbortSignal): Promise<void>;
  /** Puts settings into force. @param lasts milliseconds that the styles take to fade */
  commit(wanted: Partial<LiveSettings>, lasts: number): void;
}

interface Waiting {
  wanted: Partial<LiveSettings>;
  readonly lasts: number;
  readonly done: Deferred<void>;
}

/**
 * Changes of settings, some of which wait for styles to be loaded.
 *
 * The last change wins, field by field: a newer value takes the place of one that still waits. What needs no loading is
 * in force at once. One style is loaded at a time, and given up as soon as nobody waits for it.
 */
export class PendingChanges {
  private waiting: Waiting[] = [];
  private loading: { readonly name: string; readonly abort: AbortController } | undefined;
  private closed = false;

  constructor(private readonly target: ChangeTarget) {}

  /** The values that wait for styles. */
  get wanted(): Partial<LiveSettings> {
    return Object.assign({}, ...this.waiting.map(({ wanted }) => wanted));
  }

  /**
   * Makes a change. Resolves when it is in force, or when newer ones took the place of all of it.
   *
   * @param lasts milliseconds that the styles take to fade
   * @throws what loading throws; nothing of the change is in force then
   */
  change(wanted: Partial<LiveSettings>, lasts: number): Promise<void> {
    if (this.closed) return Promise.reject(ended());
    for (const older of this.waiting) {
      older.wanted = Object.fromEntries(Object.entries(older.wanted).filter(([name]) => !Object.hasOwn(wanted, name)));
    }
    const done = deferred<void>();
    this.waiting.push({ wanted, lasts, done });
    this.settle();
    return done.promise;
  }

  /** Gives up what waits. */
  close(): void {
    this.closed = true;
    for (const { done } of this.waiting.splice(0)) done.reject(ended());
    this.loading?.abort.abort();
  }

  /** Puts into force what needs no style any more, and loads what the rest needs. */
  private settle(): void {
    for (;;) {
      const at = this.waiting.findIndex(({ wanted }) => this.target.missing(wanted).length === 0);
      const [ready] = at < 0 ? [] : this.waiting.splice(at, 1);
      if (!ready) break;
      if (Object.keys(ready.wanted).length > 0) this.target.commit(ready.wanted, ready.lasts);
      ready.done.resolve();
    }
    const names = this.waiting.flatMap(({ wanted }) => this.target.missing(wanted));
    if (this.loading) {
      if (!names.includes(this.loading.name)) this.loading.abort.abort();
    } else if (names[0] !== undefined) void this.load(names[0]);
  }

  private async load(name: string): Promise<void> {
    const abort = new AbortController();
    this.loading = { name, abort };
    try {
      await this.target.load(name, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.fail(name, error);
    }
    this.loading = undefined;
    this.settle();
  }

  private fail(name: string, error: unknown): void {
    const failed = this.waiting.filter(({ wanted }) => this.target.missing(wanted).includes(name));
    this.waiting = this.waiting.filter((one) => !failed.includes(one));
    for (const { done } of failed) done.reject(error);
  }
}

function ended(): OptionError {
  return new OptionError('LIVE_ENDED', 'The show has ended; nothing can be changed any more.', {
    hint: 'Start it again.',
  });
}

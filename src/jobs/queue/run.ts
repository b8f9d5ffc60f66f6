import { rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, messageOf, StylecastError } from '../../errors.js';
import { jobFolder } from '../folder.js';
import type { LongVideoOptions, LongVideoResult, Machines } from '../options.js';
import { stylizeLongVideo } from '../video.js';
import type { QueueEntry } from './entry.js';
import type { QueuedOptions } from './options.js';
import type { Queue } from './queue.js';

/** Milliseconds between two looks at the queue, and between two notes of how far an entry is. */
const LOOK = 1000;

/** Options of `runQueue`. */
export interface QueueRunOptions {
  /** Videos that are painted at the same time, which share the threads; default 1. */
  readonly parallel?: number;
  /** CPU threads for all of them together; default: as they were added with, else all. */
  readonly threads?: number;
  /** Other machines, which paint the segments of each. */
  readonly machines?: Machines;
  /** Whether to wait for more when nothing is left. */
  readonly wait?: boolean;
  /** Ends it: what is being painted waits again, and goes on where it was. */
  readonly signal?: AbortSignal;
  /** Called when an entry begins, once a second while it runs, and when it ends. */
  readonly onEntry?: (entry: QueueEntry) => void;
  /** Called with notes of an entry. */
  readonly onNote?: (note: string, entry: QueueEntry) => void;
}

/** Paints what waits in a queue. One that fails does not stop the others. @returns how many were done, and failed */
export async function runQueue(queue: Queue, options: QueueRunOptions = {}): Promise<{ done: number; failed: number }> {
  const { parallel = 1, signal } = options;
  const counts = { done: 0, failed: 0 };
  const worker = async () => {
    while (!signal?.aborted) {
      const entry = await queue.take();
      if (entry) {
        const ended = await new QueuedWork(queue, entry, options).finish();
        if (ended?.state === 'done') counts.done++;
        if (ended?.state === 'failed') counts.failed++;
      } else if (options.wait) await pause(LOOK, undefined, { signal }).catch(() => undefined);
      else return;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return counts;
}

/** An entry that this process works on. */
class QueuedWork {
  private readonly stop = new AbortController();
  private reached: Partial<QueueEntry> = {};

  constructor(
    private readonly queue: Queue,
    private readonly entry: QueueEntry,
    private readonly options: QueueRunOptions,
  ) {}

  /** Paints it, and writes down what came of it; undefined where it was taken away. */
  async finish(): Promise<QueueEntry | undefined> {
    const { queue, entry } = this;
    const { signal, onEntry } = this.options;
    const end = () => this.stop.abort();
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end);
    onEntry?.(entry);
    const look = setInterval(() => this.look().catch((error) => this.note(messageOf(error))), LOOK);
    const outcome = await this.paint().then(
      (result) => result,
      (error) => this.failure(error),
    );
    clearInterval(look);
    signal?.removeEventListener('abort', end);
    const ended = await queue.update(entry.id, ({ by: _, left: __, ...now }) => ({
      ...now,
      ...outcome,
      // What was paused or cancelled meanwhile stays so, unless it came to an end.
      state: outcome.state ?? (now.state === 'running' ? 'waiting' : now.state),
    }));
    if (ended?.state === 'cancelled') await rm(jobFolder(entry.output), { recursive: true, force: true });
    if (ended) onEntry?.(ended);
    return ended;
  }

  /** Notes how far it is, and stops where the entry was paused, cancelled or taken away. */
  private async look(): Promise<void> {
    const now = await this.queue.update(this.entry.id, (before) => ({ ...before, ...this.reached }));
    if (now?.state !== 'running') this.stop.abort();
    else this.options.onEntry?.(now);
  }

  /** @returns what changes in the entry; without a state where it was interrupted */
  private async paint(): Promise<Partial<QueueEntry>> {
    const { input, output } = this.entry;
    const given = this.entry.options as unknown as QueuedOptions;
    const { parallel = 1, threads: all = given.threads, machines } = this.options;
    const threads = Math.max(1, Math.floor((all ?? availableParallelism()) / parallel));
    const video: LongVideoOptions = {
      ...given,
      ...((parallel > 1 || all !== undefined) && { threads }),
      input,
      output,
      ...(machines && { machines }),
      signal: this.stop.signal,
      onProgress: ({ frames, total, left }) => {
        this.reached = { frames, ...(total !== undefined && { total }), ...(left !== undefined && { left }) };
      },
      onNote: this.note,
    };
    return this.ended(await stylizeLongVideo(video));
  }

  private async ended({ interrupted, frames, output, kept }: LongVideoResult): Promise<Partial<QueueEntry>> {
    if (!interrupted) return { state: 'done', frames };
    // It is painted anew: what was done in one piece cannot be gone on with.
    if (output !== undefined) await rm(output, { force: true });
    return { frames: kept ? frames : 0 };
  }

  private async failure(error: unknown): Promise<Partial<QueueEntry>> {
    const { output, taken = 0 } = this.entry;
    if (codeOf(error) === 'OUTPUT_EXISTS') {
      // A process may have been killed when the file was whole, before that was written down.
      const made = await stat(output).catch(() => undefined);
      if (made && made.mtimeMs > taken) return { state: 'done' };
    }
    const hint = error instanceof StylecastError && error.hint !== undefined ? { hint: error.hint } : {};
    return { state: 'failed', error: { code: codeOf(error), message: messageOf(error), ...hint } };
  }

  private readonly note = (text: string): void => this.options.onNote?.(text, this.entry);
}

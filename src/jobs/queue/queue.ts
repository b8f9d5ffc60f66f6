import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OptionError } from '../../errors.js';
import { userFolder } from '../../model/folders.js';
import { jobFolder } from '../folder.js';
import { FolderLock } from '../job/lock.js';
import { type ProcessName, thisProcess } from '../job/process.js';
import { isOver, isWorkedOnBy, newEntry, type QueueEntry, readEntries, removeEntry, writeEntry } from './entry.js';
import { type QueuedOptions, toBeQueued } from './options.js';

/** Milliseconds between two tries to change the queue while another process does, and after which it is given up. */
const TURN = { every: 20, most: 60_000 } as const;

/** States from which an entry may come into another, and which. */
const CHANGES = {
  pause: { from: ['waiting', 'running'], to: 'paused' },
  resume: { from: ['paused'], to: 'waiting' },
  cancel: { from: ['waiting', 'running', 'paused', 'failed'], to: 'cancelled' },
  retry: { from: ['failed', 'cancelled'], to: 'waiting' },
} as const satisfies Record<string, { from: readonly QueueEntry['state'][]; to: QueueEntry['state'] }>;

/** What can be done with entries. */
export type QueueChange = keyof typeof CHANGES;

/**
 * Videos that are painted one after another, in files of a folder: any number of processes may add to it, change it and
 * work on it, and each video is taken by one of them. A process that was killed leaves nothing behind but what it had
 * done.
 */
export class Queue {
  private readonly me: ProcessName = thisProcess();

  /** @param folder is there; see {@link openQueue} */
  constructor(readonly folder: string) {}

  /** All entries in their order. */
  entries(): Promise<QueueEntry[]> {
    return readEntries(this.folder);
  }

  /** Adds a video at the end. @throws OptionError `QUEUE_OUTPUT` where another entry will write the same file */
  async add(options: QueuedOptions): Promise<QueueEntry> {
    const video = await toBeQueued(options);
    return this.change((entries) => {
      const other = entries.find((entry) => entry.output === video.output && !isOver(entry));
      if (other) {
        throw new OptionError(
          'QUEUE_OUTPUT',
          `${other.input}, number ${other.id}, will become ${other.output} already.`,
          {
            hint: 'Choose another -o, or cancel that one.',
          },
        );
      }
      const entry = newEntry(Math.max(0, ...entries.map(({ id }) => id)) + 1, video);
      return { changed: [entry], result: entry };
    });
  }

  /**
   * Pauses entries, lets them go on, cancels them or tries them again; those that run end within seconds. What is done
   * of a cancelled one is removed.
   *
   * @param ids default: all that it can be done with
   * @throws OptionError `QUEUE_NUMBER` for one that is not there, or that it cannot be done with
   */
  async apply(change: QueueChange, ids?: readonly number[]): Promise<readonly QueueEntry[]> {
    const { from, to } = CHANGES[change];
    const can = ({ state }: QueueEntry) => (from as readonly string[]).includes(state);
    // By its number, one is taken from another machine: whether that is gone only the user knows.
    const takesOver = (entry: Pick<QueueEntry, 'by'>) => change === 'retry' && ids !== undefined && isElsewhere(entry);
    const changed = await this.change((entries) => {
      const chosen = ids === undefined ? entries.filter(can) : ids.map((id) => find(entries, id));
      const wrong = chosen.find((entry) => !can(entry) && !takesOver(entry));
      if (wrong) {
        throw new OptionError('QUEUE_NUMBER', `Number ${wrong.id} is ${wrong.state}; expected ${from.join(' or ')}.`, {
          hint: 'See "stylecast queue list".',
        });
      }
      const all = chosen.map(({ error: _, left: __, by, ...entry }): QueueEntry => {
        const { taken, ...anew } = entry;
        const kept = change === 'retry' || taken === undefined ? anew : entry;
        return { ...kept, ...(by && !takesOver({ by }) && { by }), state: to };
      });
      return { changed: all, result: all };
    });
    if (change === 'cancel') await removeWork(changed);
    return changed;
  }

  /** Removes entries that are done, failed or cancelled, and what was done of the latter. Results stay. */
  async clear(): Promise<readonly QueueEntry[]> {
    return this.change(async (entries) => {
      const over = entries.filter((entry) => isOver(entry) && !entry.by);
      await removeWork(over.filter(({ state }) => state === 'cancelled'));
      for (const { id } of over) await removeEntry(this.folder, id);
      return { changed: [], result: over };
    });
  }

  /** Takes the next entry that waits, for this process; undefined where none does. */
  async take(): Promise<QueueEntry | undefined> {
    return this.change((entries) => {
      const next = entries.find(({ state, by }) => state === 'waiting' && !by);
      if (!next) return { changed: [], result: undefined };
      const taken: QueueEntry = { ...next, state: 'running', by: this.me, taken: next.taken ?? Date.now() };
      return { changed: [taken], result: taken };
    });
  }

  /** Changes an entry that this process works on. @returns as it is then; undefined where it was taken away */
  async update(id: number, next: (entry: QueueEntry) => QueueEntry): Promise<QueueEntry | undefined> {
    return this.change((entries) => {
      const now = entries.find((entry) => entry.id === id && isWorkedOnBy(entry, this.me));
      if (!now) return { changed: [], result: undefined };
      const entry = next(now);
      return { changed: [entry], result: entry };
    });
  }

  /** Changes entries while no other process does. */
  private async change<Result>(
    work: (entries: readonly QueueEntry[]) => Changed<Result> | Promise<Changed<Result>>,
  ): Promise<Result> {
    const lock = await this.lock();
    try {
      const { changed, result } = await work(await this.entries());
      for (const entry of changed) await writeEntry(this.folder, entry);
      return result;
    } finally {
      await lock.release();
    }
  }

  /** @throws OptionError `QUEUE_BUSY` where another process does not give it back */
  private async lock(): Promise<FolderLock> {
    const began = performance.now();
    for (;;) {
      const lock = await FolderLock.take(this.folder);
      if (lock instanceof FolderLock) return lock;
      if (performance.now() - began > TURN.most) {
        const { pid, host } = lock;
        throw new OptionError('QUEUE_BUSY', `${this.folder} is held by process ${pid} of ${host || 'this machine'}.`, {
          hint: 'End that process. If it is gone with its machine, remove the newest lock in that folder.',
        });
      }
      await pause(TURN.every);
    }
  }
}

/** Opens the queue of a folder, which is made where it is missing; default: `queue` in the user's folder. */
export async function openQueue(folder: string = join(userFolder(), 'queue')): Promise<Queue> {
  await mkdir(folder, { recursive: true });
  return new Queue(folder);
}

/** Entries to write, and what came of it. */
interface Changed<Result> {
  readonly changed: readonly QueueEntry[];
  readonly result: Result;
}

/** Whether a process of another machine works on an entry: whether it still does cannot be seen from here. */
function isElsewhere({ by }: Pick<QueueEntry, 'by'>): boolean {
  return by !== undefined && by.host !== hostname();
}

/** Removes what is done of entries that nobody works on. */
async function removeWork(entries: readonly QueueEntry[]): Promise<void> {
  for (const { output, by } of entries) if (!by) await rm(jobFolder(output), { recursive: true, force: true });
}

function find(entries: readonly QueueEntry[], id: number): QueueEntry {
  const found = entries.find((entry) => entry.id === id);
  if (found) return found;
  throw new OptionError('QUEUE_NUMBER', `The queue has no number ${id}.`, { hint: 'See "stylecast queue list".' });
}

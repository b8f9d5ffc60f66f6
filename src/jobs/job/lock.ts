import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, type ProcessName, thisProcess } from './process.js';

/** Milliseconds in which whoever has made a lock has also written its name into it. */
const WRITING = 5000;

const NAME = /^lock-(\d+)$/;
const FREE = 'free';

/**
 * A folder that one process at a time works on. A process that was killed leaves its lock behind, which is seen by its
 * number and the time when it began.
 *
 * Locks are numbered: whoever finds the newest free, or its holder gone, makes the next, which only one can. A lock is
 * never taken away while it is the newest, so that nobody can take one over that is new in the meantime.
 */
export class FolderLock {
  private constructor(
    private readonly folder: string,
    private readonly number: number,
  ) {}

  /**
   * Takes the lock of a folder, which is made where it is missing.
   *
   * @returns the lock, or who has it
   */
  static async take(folder: string): Promise<FolderLock | ProcessName> {
    await mkdir(folder, { recursive: true });
    for (;;) {
      const newest = Math.max(0, ...(await numbersIn(folder)));
      const holder = newest === 0 ? FREE : await holderOf(folder, newest);
      if (holder !== FREE) return holder;
      const lock = new FolderLock(folder, newest + 1);
      if (await lock.make()) return lock;
    }
  }

  /** Gives it back. Where the folder is gone, nothing is to be done. */
  async release(): Promise<void> {
    await writeFile(this.path(this.number), FREE, { flag: 'r+' }).catch(() => undefined);
  }

  private path(number: number): string {
    return join(this.folder, `lock-${number}`);
  }

  /** Makes the lock; false where another was faster. */
  private async make(): Promise<boolean> {
    const file = await open(this.path(this.number), 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (!file) return false;
    await file.writeFile(JSON.stringify(thisProcess())).finally(() => file.close());
    const others = await numbersIn(this.folder);
    const mine = Math.max(...others) === this.number;
    const old = mine ? others.filter((number) => number < this.number) : [this.number];
    for (const number of old) await rm(this.path(number), { force: true });
    return mine;
  }
}

async function numbersIn(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => Number(NAME.exec(name)?.[1] ?? []));
}

/** Who has a lock, or that nobody has. */
async function holderOf(folder: string, number: number): Promise<ProcessName | typeof FREE> {
  const path = join(folder, `lock-${number}`);
  const text = await readFile(path, 'utf8').catch(() => FREE);
  // What is shorter than what it had before keeps the rest.
  if (text.startsWith(FREE)) return FREE;
  try {
    const holder = JSON.parse(text) as ProcessName;
    return isRunning(holder) === false ? FREE : holder;
  } catch {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    return Date.now() - mtimeMs > WRITING ? FREE : { host: '', pid: 0, began: '' };
  }
}

import { stat } from 'node:fs/promises';
import { isUrl } from '../ffmpeg/path.js';

/** Files of which something is kept, at most. */
const MOST = 16;

/** Keeps what was read of a few files for as long as they stay as they are: each reading starts a process. */
export class FileCache<T> {
  private readonly kept = new Map<string, T>();

  /**
   * What `read` gives, or gave for the same file. Failures are not kept, and nothing of URLs.
   *
   * @param by what else decides what is read
   */
  async get(path: string, by: string, read: () => Promise<T>): Promise<T> {
    const before = await stampOf(path);
    if (before === undefined) return read();
    const key = JSON.stringify([path, by, before]);
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const value = await read();
    // A file that was written meanwhile was read neither as it was nor as it is.
    if ((await stampOf(path)) === before) this.kept.set(key, value);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST) break;
      this.kept.delete(oldest);
    }
    return value;
  }
}

/** What changes whenever a file is written or replaced; undefined where there is no such file. */
async function stampOf(path: string): Promise<string | undefined> {
  if (isUrl(path)) return undefined;
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  return facts?.isFile() ? [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join() : undefined;
}

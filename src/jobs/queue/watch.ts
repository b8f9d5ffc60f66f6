import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MediaError, messageOf } from '../../errors.js';
import { exists } from '../../media/ffmpeg/path.js';
import type { QueueEntry } from './entry.js';
import type { QueuedOptions } from './options.js';
import type { Queue } from './queue.js';

/** Options of `watchFolder`. */
export interface WatchOptions {
  /** Names of files that are taken. */
  readonly names: RegExp;
  /** What is made of a file. */
  readonly make: (path: string) => QueuedOptions;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; default 2000. */
  readonly every?: number;
  /** Called with each video that was added, or is tried again. */
  readonly onAdded?: (entry: QueueEntry) => void;
  /** Called with notes to the user. */
  readonly onNote?: (note: string) => void;
}

/**
 * Adds videos that appear in a folder to a queue, once they are complete: as long, and changed as long ago, in two looks
 * one after the other. What has its result already, or is in the queue, is not added again; what failed is tried again
 * when the file has changed since.
 *
 * @throws MediaError `QUEUE_WATCH` where the folder cannot be read
 */
export async function watchFolder(queue: Queue, folder: string, options: WatchOptions): Promise<void> {
  const { names, signal, every = 2000 } = options;
  /** What each file was at the last look, and whether it was dealt with as it is. */
  const seen = new Map<string, { readonly facts: string; settled: boolean }>();
  while (!signal.aborted) {
    for (const name of (await namesIn(folder)).filter((each) => names.test(each)).sort()) {
      const path = resolve(join(folder, name));
      const there = await stat(path).catch(() => undefined);
      const facts = `${there?.size} ${there?.mtimeMs}`;
      const before = seen.get(path);
      if (before?.facts !== facts) seen.set(path, { facts, settled: false });
      else if (!before.settled && there?.isFile() && there.size > 0) {
        before.settled = true;
        await addOnce(queue, path, there.mtimeMs, options).catch((error) => {
          options.onNote?.(`${path} is not added: ${messageOf(error)}`);
        });
      }
    }
    await pause(every, undefined, { signal }).catch(() => undefined);
  }
}

/** Adds a file that is complete. */
async function addOnce(queue: Queue, path: string, modified: number, options: WatchOptions): Promise<void> {
  const { make, onAdded, onNote } = options;
  const video = make(path);
  const known = (await queue.entries()).findLast(({ input }) => input === path);
  if (known?.state === 'failed' && modified > (known.taken ?? 0)) {
    for (const entry of await queue.apply('retry', [known.id])) onAdded?.(entry);
  } else if (!known && (await exists(video.output))) onNote?.(`${path} has its result already: ${video.output}`);
  else if (!known) {
    const entry = await queue.add(video);
    onAdded?.(entry);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause) => {
    throw new MediaError('QUEUE_WATCH', `The folder ${folder} cannot be watched: ${messageOf(cause)}`, {
      hint: 'Name a folder that is there and that you may read.',
      cause,
    });
  });
}

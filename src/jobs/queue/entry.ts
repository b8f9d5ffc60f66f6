import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MediaError } from '../../errors.js';
import { writeFileAtomically } from '../../write-file.js';
import { isRunning, type ProcessName } from '../job/process.js';

/** The format that this version reads and writes. */
const FORMAT = 1;

const entry = z.strictObject({
  format: z.literal(FORMAT),
  /** Its place in the queue, from 1 on. */
  id: z.int().min(1),
  input: z.string(),
  output: z.string(),
  /** Of `stylizeLongVideo`. */
  options: z.record(z.string(), z.unknown()),
  state: z.enum(['waiting', 'running', 'paused', 'done', 'failed', 'cancelled']),
  /** The process that works on it. It may still do so for a moment after the entry was paused or cancelled. */
  by: z.strictObject({ host: z.string(), pid: z.int(), began: z.string() }).optional(),
  /** When it was taken first, in milliseconds. */
  taken: z.number().optional(),
  frames: z.int().min(0),
  total: z.int().min(0).optional(),
  /** Seconds left, as long as it runs. */
  left: z.number().optional(),
  /** Why it failed. */
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
});

/** A video in a queue. */
export type QueueEntry = Readonly<z.infer<typeof entry>>;

/** What is said of an entry when it is added. */
export type QueuedVideo = Pick<QueueEntry, 'input' | 'output' | 'options'>;

/** An entry that nobody has worked on. */
export function newEntry(id: number, video: QueuedVideo): QueueEntry {
  return { format: FORMAT, id, ...video, state: 'waiting', frames: 0 };
}

/** Whether nothing more happens to an entry by itself. */
export function isOver({ state }: QueueEntry): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** Whether a process works on an entry. */
export function isWorkedOnBy({ by }: QueueEntry, { host, pid, began }: ProcessName): boolean {
  return by?.host === host && by.pid === pid && by.began === began;
}

/** The file of an entry. */
function fileOf(folder: string, id: number): string {
  return join(folder, `${String(id).padStart(6, '0')}.json`);
}

/** Writes an entry, whole or not at all. */
export async function writeEntry(folder: string, value: QueueEntry): Promise<void> {
  await writeFileAtomically(fileOf(folder, value.id), `${JSON.stringify(value, undefined, 1)}\n`);
}

/** Removes an entry. */
export async function removeEntry(folder: string, id: number): Promise<void> {
  await rm(fileOf(folder, id), { force: true });
}

/**
 * All entries in their order. One whose process is gone waits again: what is done of it is kept beside its output.
 *
 * @throws MediaError `QUEUE_ENTRY` for one that cannot be read
 */
export async function readEntries(folder: string): Promise<QueueEntry[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{6,}\.json$/.test(name)).sort();
  const found = await Promise.all(names.map((name) => readEntry(join(folder, name))));
  return found.flatMap((value) => (value ? [withoutDead(value)] : []));
}

/** An entry; undefined for one that was removed meanwhile. */
async function readEntry(path: string): Promise<QueueEntry | undefined> {
  try {
    return entry.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new MediaError('QUEUE_ENTRY', `${path} cannot be read: another version made it, or it is damaged.`, {
      hint: 'Move it out of that folder, and add the video again.',
      cause,
    });
  }
}

function withoutDead(value: QueueEntry): QueueEntry {
  if (!value.by || isRunning(value.by) !== false) return value;
  const { by: _, left: __, ...rest } = value;
  return rest.state === 'running' ? { ...rest, state: 'waiting' } : rest;
}

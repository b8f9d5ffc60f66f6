import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Gives a file its name, once what it holds is on the disk: after a loss of power it is whole or not there. */
export async function keepFile(made: string, path: string): Promise<void> {
  const file = await open(made, 'r+');
  await file.sync().finally(() => file.close());
  await rename(made, path);
  await syncFolder(dirname(path));
}

/** Writes a folder's names to the disk, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (!handle) return;
  await handle
    .sync()
    .catch(() => undefined)
    .finally(() => handle.close());
}

/** Removes what is in a folder, but for names that are to be kept. */
export async function clearFolder(folder: string, keep: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!keep(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Whether an error says that the disk is full. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'MEDIA_DISK_FULL'].includes((error as NodeJS.ErrnoException).code ?? '');
}

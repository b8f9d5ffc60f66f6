import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, TrainError } from './errors.js';

/**
 * Writes a file so that whoever reads it, also after a crash, finds all of the old or all of the new. Its folder is made;
 * nothing is left behind when it fails.
 */
export async function writeFileAtomically(path: string, contents: Uint8Array | string): Promise<void> {
  const making = `${path}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(making, 'w');
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await replaceFile(making, path);
  } catch (error) {
    await rm(making, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Gives a file another name in its folder in one step, again for a second where a virus scanner still holds it. */
export async function replaceFile(from: string, to: string): Promise<void> {
  for (let wait = 10; ; wait *= 3) {
    try {
      return await rename(from, to);
    } catch (error) {
      const held = ['EPERM', 'EBUSY', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (process.platform !== 'win32' || !held || wait > 1000) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Writes a file of a training or painting, which can be resumed, atomically. @throws TrainError TRAIN_CHECKPOINT. */
export async function writeRunFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomically(path, bytes);
  } catch (error) {
    throw new TrainError('TRAIN_CHECKPOINT', `could not write ${path}: ${messageOf(error)}`, {
      hint: `Make room on the disk of ${dirname(path)}, then go on with --resume.`,
      cause: error,
    });
  }
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes files that only the user can read (mode 0600 in a folder of mode 0700); failures are ignored. */
export async function writePrivateFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  } catch {
    // A full or read-only disk must not prevent a show: the files are made again next time.
  }
}

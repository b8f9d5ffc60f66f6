import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes files that only the user may read, by name, into a folder of that kind; where it cannot, it lets be. */
export async function keep(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  } catch {
    // A disk that is full or read-only is no reason not to go live: they are made anew the next time.
  }
}

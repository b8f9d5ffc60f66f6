import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files of a folder and its folders, by their paths inside it, and when they were written. */
function writtenAt(folder: string): Map<string, number> {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [relative(folder, file), statSync(file).mtimeMs]));
}

/** Why what is built is not what the sources say; undefined where it is. Tests run what is built. */
export function staleness(src: string, dist: string): string | undefined {
  const built = writtenAt(dist);
  const sources = new Map(
    [...writtenAt(src)].flatMap(([file, time]) => {
      if (!/(?<!\.d)\.ts$/.test(file)) return [];
      return [[file.replace(/ts$/, /\bkernel\b/.test(file) ? 'wasm' : 'js'), time] as const];
    }),
  );
  if (built.size === 0) return 'nothing is built';
  for (const [file, time] of sources) {
    const then = built.get(file);
    if (then === undefined) return `${file} is not built`;
    if (then < time) return `${file} is older than its source`;
  }
  for (const file of built.keys()) {
    if (/\.(js|wasm)$/.test(file) && !sources.has(file)) return `${file} has no source any more`;
  }
  return undefined;
}

/** Refuses to test an old build. */
export default function setup(): void {
  const stale = staleness(join(root, 'src'), join(root, 'dist'));
  if (stale === undefined) return;
  const error = new Error(`Tests run what is built, and ${stale}. Run: npm run build (npm test does it itself)`);
  // Where it was thrown is of no use to who reads it.
  error.stack = '';
  throw error;
}

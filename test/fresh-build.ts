import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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
  if (built.size === 0) return 'nothing is built';
  const sources = [...writtenAt(src)].filter(([file]) => /(?<!\.d)\.ts$/.test(file));
  const scripts = new Map<string, number>();
  const kernels = new Map<string, number>();
  for (const [file, time] of sources) {
    // All files of such a folder become one.
    if (/\bkernel\b/.test(file)) kernels.set(dirname(file), Math.max(time, kernels.get(dirname(file)) ?? 0));
    else scripts.set(file.replace(/ts$/, 'js'), time);
  }
  for (const [file, time] of scripts) {
    const then = built.get(file);
    if (then === undefined) return `${file} is not built`;
    if (then < time) return `${file} is older than its source`;
  }
  for (const [folder, time] of kernels) {
    const then = [...built].find(([file]) => dirname(file) === folder && file.endsWith('.wasm'))?.[1];
    if (then === undefined) return `${folder} is not built`;
    if (then < time) return `${folder} is older than its sources`;
  }
  for (const file of built.keys()) {
    // A chunk is of many.
    if (file.endsWith('.js') && !file.startsWith('chunks') && !scripts.has(file))
      return `${file} has no source any more`;
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

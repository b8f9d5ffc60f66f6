// Puts together what a process, a thread or a program starts from, in place in dist/: to read 350 small files takes
// longer than to run what is in them. The other files of dist/ stay for the tests, which import them one by one.
import { dirname, isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { build } from 'rolldown';

const DIST = resolve(import.meta.dirname, 'dist');

const ENTRIES = [
  // The public API: the export paths of package.json.
  ...['index', 'live', 'train', 'eval', 'client'],
  // The command.
  'cli/main',
  // Threads.
  ...['engine/threads/graph-session-worker', 'engine/workers/mix-worker', 'engine/workers/style-worker'],
  // Child processes.
  ...['engine/workers/probe-child', 'engine/workers/try-style', 'import-network/import-process'],
];

/** Packages of many modules that are needed at every start. The others stay apart. */
const BUNDLED = ['commander', 'eventemitter3', 'fastest-levenshtein', 'p-queue', 'p-timeout', 'zod'];

/** `import.meta.url` becomes the place that a module was written for, whichever file it ends up in. */
const ownPlace = {
  name: 'own-place',
  transform(code, id) {
    if (!id.startsWith(DIST) || !code.includes('import.meta.url')) return null;
    const module = relative(DIST, id).split(sep).join('/');
    return code.replaceAll('import.meta.url', JSON.stringify(`place of ${module}`));
  },
  renderChunk(code, { fileName }) {
    return code.replace(/"place of ([^"]+)"/g, (_, module) => {
      const way = posix.relative(dirname(fileName), module);
      return `new URL(${JSON.stringify(way)}, import.meta.url).href`;
    });
  },
};

await build({
  input: Object.fromEntries(ENTRIES.map((name) => [name, `${DIST}/${name}.js`])),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id) && !BUNDLED.includes(id.split('/')[0]),
  plugins: [ownPlace],
  output: { dir: DIST, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
});

// Fails when a file of src/ imports upwards: DESIGN's table, type imports included.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const foundation = ['errors', 'frame', 'deferred', 'graph', 'model'];
const media = [...foundation, 'media'];
const engine = [...foundation, 'engine'];
const pipeline = [...media, 'engine', 'import-network', 'pipeline'];
const compile = ['errors', 'graph', 'autodiff'];
const training = [...media, 'engine', 'autodiff', 'nets', 'losses', 'quality', 'train'];
const everything = [
  ...pipeline,
  'doctor',
  'live',
  'autodiff',
  'nets',
  'losses',
  'quality',
  'train',
  'paint',
  'evaluate',
  'index',
];

const allowed = {
  errors: [],
  frame: [],
  deferred: [],
  graph: ['errors', 'graph'],
  model: ['errors', 'frame', 'graph', 'model'],
  media,
  engine,
  'import-network': [...media, 'engine', 'import-network'],
  pipeline,
  live: [...pipeline, 'live'],
  autodiff: compile,
  nets: [...compile, 'nets'],
  losses: [...compile, 'losses'],
  quality: [...media, 'engine', ...compile, 'losses', 'quality'],
  train: training,
  doctor: [...pipeline, 'losses', 'train', 'doctor'],
  paint: [...training, 'paint'],
  evaluate: [...training, 'import-network', 'pipeline', 'paint', 'evaluate'],
  index: everything.filter((room) => room !== 'index'),
  cli: ['errors', 'index', 'cli'],
};

const src = resolve(import.meta.dirname, '../src');
const room = (file) =>
  relative(src, file)
    .split(/[\\/]/)[0]
    .replace(/\.[jt]s$/, '');
const problems = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.[jt]s$/.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const from = room(file);
  const text = readFileSync(file, 'utf8');
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)) {
    const to = room(resolve(dirname(file), target));
    if (to === 'dist') continue;
    if (!allowed[from]?.includes(to)) problems.push(`${relative(src, file)}: ${from} may not import ${to} (${target})`);
  }
}
for (const problem of problems) console.error(problem);
console.log(`imports: ${problems.length} upward`);
process.exit(problems.length === 0 ? 0 : 1);

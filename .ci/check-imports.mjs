// Fails when a file of src/ imports what it may not (type imports included), when two entries of one folder import each
// other, and when a folder has too many entries.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';

/** Files and folders of one room, at most: what can be taken in at a glance. */
const MOST_ENTRIES = 10;

const foundation = [
  'errors',
  'options',
  'frame',
  'deferred',
  'exit-cleanup',
  'write-file',
  'back-off',
  'html',
  'graph',
  'model',
];
const media = [...foundation, 'media'];
const engine = [...foundation, 'engine'];
const networks = [...media, 'engine', 'import-network'];
const pipeline = [...networks, 'pipeline'];
const compile = ['errors', 'graph', 'autodiff'];
const measures = [...media, 'engine', 'autodiff', 'losses', 'quality'];
const everything = [
  ...pipeline,
  'jobs',
  'live',
  'autodiff',
  'nets',
  'losses',
  'quality',
  'train',
  'paint',
  'evaluate',
  'doctor',
  'preview',
];

/** The rooms inside a room, each with those of its neighbours that it may import. */
const within = (room, rooms) =>
  Object.fromEntries(
    Object.entries(rooms).map(([name, others]) => [
      `${room}/${name}`,
      [`${room}/${name}`, ...others.map((other) => `${room}/${other}`)],
    ]),
  );

/** The same, where each may import all that stand before it. */
const inOrder = (room, names) => within(room, Object.fromEntries(names.map((name, at) => [name, names.slice(0, at)])));

const inGraph = inOrder('graph', [
  ...['types', 'attribute', 'dims', 'elements'],
  ...['ops', 'infer', 'passes', 'onnx', 'builder'],
]);

const inPipeline = inOrder('pipeline', [
  ...['frame-painter', 'ordered', 'predict', 'style', 'auto'],
  ...['region-painter', 'painting', 'progress', 'stylize'],
]);

const inJobs = inOrder('jobs', [
  'options',
  'job',
  'folder',
  'segments',
  'begin',
  'run',
  'machines',
  'one-piece',
  'video',
  'queue',
]);

const inTrain = inOrder('train', [
  ...['progress', 'objective', 'settings', 'weights'],
  ...['data', 'report', 'run', 'methods'],
]);

const inMedia = within('media', {
  sharp: [],
  'live-frame': [],
  raw: ['ffmpeg', 'probe'],
  ffmpeg: ['live-frame'],
  probe: ['ffmpeg'],
  tracks: ['ffmpeg', 'probe'],
  files: ['sharp', 'raw', 'ffmpeg', 'probe', 'tracks'],
  cameras: ['ffmpeg'],
  live: ['sharp', 'live-frame', 'raw', 'ffmpeg', 'probe', 'cameras'],
  snap: ['live-frame', 'ffmpeg', 'files', 'cameras', 'live'],
});

const inEngine = within('engine', {
  threads: [],
  stabilize: [],
  runtime: [],
  analysis: ['runtime'],
  wrap: ['runtime', 'analysis'],
  painter: ['runtime', 'analysis', 'wrap', 'stabilize', 'threads'],
  select: ['runtime', 'threads', 'painter'],
  prepare: ['runtime', 'analysis', 'wrap', 'painter', 'select'],
  open: ['runtime', 'analysis', 'wrap', 'painter', 'select', 'prepare'],
  workers: ['runtime', 'analysis', 'wrap', 'stabilize', 'threads', 'painter', 'select', 'open'],
});

const inLive = within('live', {
  show: [],
  settings: ['show'],
  protocol: ['show', 'settings'],
  outputs: ['show'],
  loop: ['show', 'settings', 'outputs'],
  server: ['show', 'settings', 'protocol'],
  controls: ['show', 'outputs'],
  broadcast: ['show', 'settings', 'protocol', 'server'],
  live: ['show', 'settings', 'protocol', 'outputs', 'loop', 'server', 'controls'],
});

/** What a room may import. The most exact name counts, on both sides. */
const allowed = {
  errors: [],
  frame: [],
  deferred: [],
  'exit-cleanup': [],
  options: ['errors'],
  'write-file': ['errors'],
  'back-off': [],
  html: [],
  graph: ['errors', 'graph'],
  model: ['errors', 'frame', 'graph', 'model'],
  media,
  engine,
  'import-network': networks,
  pipeline,
  live: pipeline,
  jobs: [...pipeline, 'jobs'],
  preview: [...pipeline, 'preview'],
  autodiff: compile,
  nets: [...compile, 'nets'],
  losses: [...compile, 'losses'],
  quality: measures,
  train: [...measures, 'nets', 'train'],
  paint: [...measures, 'nets', 'paint'],
  evaluate: [...measures, 'import-network', 'pipeline', 'evaluate'],
  doctor: [...pipeline, 'quality', 'doctor'],
  // The public API, one file an export path of package.json.
  entry: everything,
  // What has to answer at once takes the room itself: whoever asks for the cameras waits for no engine.
  cli: ['errors', 'media', 'live/settings/table', 'entry', 'cli'],
};
const subRooms = {
  graph: inGraph,
  media: inMedia,
  engine: inEngine,
  pipeline: inPipeline,
  jobs: inJobs,
  live: inLive,
  train: inTrain,
};

const src = resolve(import.meta.dirname, '../src');
const entries = readdirSync(src, { recursive: true, withFileTypes: true });
const pathOf = (entry) => relative(src, join(entry.parentPath, entry.name)).split(sep).join('/');
const problems = [];

const { exports } = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8'));
const entryFiles = Object.values(exports).flatMap(({ default: file }) =>
  file ? [file.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')] : [],
);

/** The first `depth` names of a path, without its ending. */
const room = (path, depth) => {
  if (entryFiles.includes(path)) return 'entry';
  return path
    .replace(/\.[jt]s$/, '')
    .split('/')
    .slice(0, depth)
    .join('/');
};

for (const file of entryFiles) {
  const rest = readFileSync(join(src, file), 'utf8')
    .replace(/\/\*.*?\*\/|export [^;]* from '[^']*';/gs, '')
    .trim();
  if (rest !== '') problems.push(`${file}: expected exports alone, got ${rest.split('\n')[0]}`);
}

/** Whether a room may import a file: its room, or it by name. */
const mayImport = (here, to) =>
  allowed[here]?.some((name) => name === room(to, name === 'entry' ? 1 : name.split('/').length));

function check(from, to, target) {
  const [here, there] = [room(from, 1), room(to, 1)];
  const inner = subRooms[here];
  const problem = (a, b) => problems.push(`${from}: ${a} may not import ${b} (${target})`);
  if (here === there && inner) {
    const [a, b] = [room(from, 2), room(to, 2)];
    if (!inner[a]?.includes(b)) problem(a, b);
  } else if (!mayImport(here, to) && !(here === there && inner)) problem(here, there);
}

/** For each folder, which of its entries import which others. */
const neighbours = new Map();
function note(from, to) {
  const [a, b] = [from.split('/'), to.split('/')];
  let depth = 0;
  while (a[depth] === b[depth] && depth < a.length) depth++;
  if (depth >= Math.min(a.length, b.length)) return;
  const folder = a.slice(0, depth).join('/');
  const graph = neighbours.get(folder) ?? new Map();
  neighbours.set(folder, graph);
  const ways = graph.get(a[depth]) ?? new Map();
  graph.set(a[depth], ways);
  if (!ways.has(b[depth])) ways.set(b[depth], `${from} imports ${to}`);
}

for (const entry of entries) {
  if (!entry.isFile() || !/\.[jt]s$/.test(entry.name)) continue;
  const from = pathOf(entry);
  if (from.startsWith('live/pages/')) continue;
  const text = readFileSync(join(src, from), 'utf8');
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)) {
    const to = posix.join(posix.dirname(from), target).replace(/\.js$/, '.ts');
    if (to.startsWith('..')) continue;
    check(from, to, target);
    note(from, to);
  }
}

/** A way from an entry back to itself. */
function circle(graph, start) {
  const seen = new Set();
  const walk = (at, way) => {
    for (const [next, example] of graph.get(at) ?? []) {
      if (next === start) return [...way, example];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, example]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(start, []);
}
for (const [folder, graph] of neighbours) {
  for (const start of graph.keys()) {
    const found = circle(graph, start);
    if (!found) continue;
    problems.push(`src/${folder}: its entries import each other: ${found.join('; ')}`);
    break;
  }
}

const counts = new Map();
for (const entry of entries) {
  const folder = posix.dirname(pathOf(entry));
  if (folder !== '.') counts.set(folder, (counts.get(folder) ?? 0) + 1);
}
for (const [folder, count] of counts) {
  if (count > MOST_ENTRIES) problems.push(`src/${folder}: ${count} entries; expected at most ${MOST_ENTRIES}`);
}

for (const problem of problems) console.error(problem);
console.log(`imports and rooms: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

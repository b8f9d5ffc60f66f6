// Fails when two exported types of src/ have one name, and when an export has a name that was given up for the field's.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** What is not exported any more, and what it is called. */
const OLD_WORDS = {
  Hand: 'WorkerClient',
  serve: 'serveWorker',
  Service: 'handler',
  ask: 'request',
  reply: 'response',
  say: 'send',
  told: 'serializeError',
  heard: 'deserializeError',
  slideOf: 'estimateShift',
  growthOf: 'estimateZoom',
  Settler: 'TemporalFilter',
  settle: 'TemporalFilter',
  GridFollower: 'SamplingGridAligner',
  Canvas: 'paddedCanvas',
  Laid: 'placement',
  Memory: 'RecurrentState',
  fresh: 'reset',
  Newest: 'LatestSlot',
  Hub: 'FrameBroadcaster',
  Prelude: 'PendingShow',
  Stage: 'LoadedStyles',
  Desk: 'OptimisticSettings',
  fits: 'checkManifest',
  examine: 'analyze',
  Trial: 'NetworkProbe',
  remember: 'set',
  recall: 'get',
  Found: 'entry',
  Figure: 'measurement',
  beginning: 'initial weights',
  groundwork: 'setup',
  Lesson: 'stage objective',
  Course: 'run',
  Work: 'context',
  rival: 'discriminator',
  contest: 'adversarial loss',
  twin: 'warped pair',
  yardstick: 'reference',
  adoptNetwork: 'importNetwork',
  Brush: 'timed painter',
  Easel: 'paint context',
  lookAtSource: 'evaluateSource',
  drift: 'style cycling',
  fine: 'fine-layer blend',
  vary: 'noise strength',
  aim: 'mode',
};
const EXPORT = /^export (?:abstract |async |declare )*(function\*?|class|interface|type|const|let|enum) (\w+)/gm;
const TYPES = ['class', 'interface', 'type', 'enum'];

const src = resolve(import.meta.dirname, '../src');
const problems = [];
const types = new Map();
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
  const path = join(entry.parentPath, entry.name);
  const file = relative(src, path).split(sep).join('/');
  for (const [, kind, name] of readFileSync(path, 'utf8').matchAll(EXPORT)) {
    if (Object.hasOwn(OLD_WORDS, name)) problems.push(`src/${file}: ${name}; expected the word ${OLD_WORDS[name]}`);
    if (!TYPES.includes(kind)) continue;
    const other = types.get(name);
    if (other !== undefined) problems.push(`src/${file}: the type ${name} is exported by src/${other} as well`);
    types.set(name, file);
  }
}
for (const problem of problems) console.error(problem);
console.log(`names: ${types.size} types, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

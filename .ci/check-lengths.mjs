// Fails when a script of src/ is too long to be one idea, or half of them are longer than they should be.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** Lines of one file, at most. */
const MOST_LINES = 250;
/** Lines that half of all files have at most. */
const MEDIAN_LINES = 120;
/** Longer files, each with the reason. */
const LONGER = new Map([]);

const src = resolve(import.meta.dirname, '../src');
const problems = [];
const lengths = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.[jt]s$/.test(entry.name)) continue;
  const file = relative(src, join(entry.parentPath, entry.name)).split(sep).join('/');
  const lines = readFileSync(join(src, file), 'utf8').split('\n').length - 1;
  lengths.push(lines);
  const allowed = LONGER.has(file);
  if (lines > MOST_LINES && !allowed) problems.push(`src/${file}: ${lines} lines; expected at most ${MOST_LINES}`);
  if (lines <= MOST_LINES && allowed)
    problems.push(`.ci/check-lengths.mjs: ${file} has ${lines} lines and needs no leave`);
  LONGER.delete(file);
}
for (const file of LONGER.keys()) problems.push(`.ci/check-lengths.mjs: there is no src/${file}`);
const median = lengths.sort((a, b) => a - b)[lengths.length >> 1];
if (median > MEDIAN_LINES)
  problems.push(`src: half of the files have more than ${median} lines; expected ${MEDIAN_LINES}`);
for (const problem of problems) console.error(problem);
console.log(`lengths: median ${median}, longest ${lengths.at(-1)}, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

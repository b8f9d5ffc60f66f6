// Fails when a preset's network, pictures or cheap figures are not what its manifest says, or when all presets
// together are too large. Needs the build.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { costOf } from '../dist/evaluate/report/cost.js';
import { manifestFile, readStyle } from '../dist/model/style.js';

/** Bytes that all presets may take together. */
const MOST = 40e6;

const folder = resolve(import.meta.dirname, '../presets');
const problems = [];
let presets = 0;
for (const name of readdirSync(folder)) {
  const preset = join(folder, name);
  if (!existsSync(join(preset, manifestFile))) continue;
  presets++;
  try {
    problems.push(...(await check(preset)).map((problem) => `${name}: ${problem}`));
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
}
const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
if (bytes > MOST) problems.push(`presets: ${bytes} bytes together; expected at most ${MOST}`);
for (const problem of problems) console.error(problem);
console.log(`presets: ${presets}, ${(bytes / 1e6).toFixed(1)} MB, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

/** `readStyle` compares length and checksum; the rest is compared here. */
async function check(preset) {
  const style = await readStyle(preset);
  const { figures, thumbnail, sample, modulation } = style.manifest;
  const { gmac, parameters } = await costOf(style);
  const found = [];
  for (const [what, wanted] of Object.entries({ gmac, parameters })) {
    const got = figures?.[what];
    if (got !== wanted) found.push(`figures.${what} is ${got}; expected ${wanted} ("npm run gallery" writes it)`);
  }
  const ofEach = modulation?.styles.map((one) => [`thumbnail of ${one.name}`, one.thumbnail]) ?? [];
  for (const [what, file] of [...Object.entries({ thumbnail, sample }), ...ofEach]) {
    if (!file || !existsSync(join(preset, file))) {
      found.push(`there is no ${what} ("npm run gallery" makes it)`);
    }
  }
  return found;
}

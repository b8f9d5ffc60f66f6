// npm run bench -- --against <git ref> [--style name] [--size 640x360,…] [--seconds n] [--rounds n] [clip]
// Without a clip, a sample at 640x360 and 1280x720; a clip as it is, or at --size.
// Whether the main job, a video from file to file, became faster or slower since another commit. That one is built in a
// folder of its own, and both run in turns, so that a busy machine disturbs both alike. The table tells for each figure
// the medians, the ratio of each turn's pair in the median, and how far these ratios go apart.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { makeClip, median, runStage, sampleOf } from './measure.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  options: {
    against: { type: 'string' },
    style: { type: 'string', default: 'great-wave' },
    size: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
  },
  allowPositionals: true,
});

const git = async (...args) => (await run('git', args, { cwd: root })).stdout.trim();
const lock = (folder) => readFileSync(join(folder, 'package-lock.json'), 'utf8');

/** Builds the other commit; its packages are those of this checkout where they are the same. */
async function buildOther(commit, folder) {
  const archive = `${folder}.tar`;
  await git('archive', '--output', archive, commit);
  mkdirSync(folder);
  await run('tar', ['-xf', archive, '-C', folder]);
  if (lock(folder) === lock(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  else await run('npm', ['ci', '--ignore-scripts'], { cwd: folder, maxBuffer: 1e8 });
  await run('npm', ['run', 'build'], { cwd: folder, maxBuffer: 1e8 });
  // What measures is the same on both sides.
  copyFileSync(join(root, 'bench/stage.mjs'), join(folder, 'bench/stage.mjs'));
}

const FIGURES = [
  { name: 'frames a second', of: ({ frames, seconds }) => frames / seconds, digits: 1 },
  { name: 'CPU ms a frame', of: ({ frames, cpu }) => (1000 * cpu) / frames, digits: 1 },
  { name: 'first frame, s', of: ({ firstFrame }) => firstFrame, digits: 2 },
  { name: 'peak memory, MiB', of: ({ peak }) => peak / 2 ** 20, digits: 0 },
];

const commit = await git('rev-parse', '--verify', `${values.against}^{commit}`).catch(() => {
  console.error(`There is no commit ${values.against} here; expected a branch, a tag or a hash.`);
  process.exit(1);
});
const folder = mkdtempSync(join(tmpdir(), 'stylecast-bench-'));
const other = join(folder, 'other');
try {
  await buildOther(commit, other);
  const rounds = Number(values.rounds);
  const source = positionals[0] ?? sampleOf(root);
  const label = `${values.against} (${commit.slice(0, 7)})`;
  console.log(`${cpus()[0].model.trim()}, ${availableParallelism()} cores; this checkout against ${label}`);
  console.log(`style ${values.style}, ${source}, ${rounds} turns; a ratio is this ÷ other\n`);
  const columns = [10, 18, 9, 9, 7, 13];
  const row = (cells) =>
    console.log(cells.map((cell, i) => (i < 2 ? cell.padEnd(columns[i]) : cell.padStart(columns[i]))).join(' '));
  row(['size', 'figure', 'this', 'other', 'ratio', 'from to']);
  const sizes = values.size ?? (positionals[0] ? 'as it is' : '640x360,1280x720');
  for (const size of sizes.split(',')) {
    const [width, height] = size.split('x').map(Number);
    const clip = height ? await makeClip(source, { width, height }, values.seconds, folder) : source;
    const pairs = [];
    for (let round = 0; round < rounds; round++) {
      const pair = {};
      // Who is first changes with each turn.
      for (const side of round % 2 === 0 ? ['here', 'there'] : ['there', 'here']) {
        const at = side === 'here' ? root : other;
        pair[side] = await runStage(at, 'whole', clip, values.style, join(folder, `${side}.mp4`));
      }
      pairs.push(pair);
    }
    for (const { name, of, digits } of FIGURES) {
      const [here, there] = ['here', 'there'].map((side) => median(pairs.map((pair) => of(pair[side]))));
      const ratios = pairs.map((pair) => of(pair.here) / of(pair.there));
      const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
      row([size, name, here.toFixed(digits), there.toFixed(digits), median(ratios).toFixed(2), spread]);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// Measures how much faster two workers of one thread paint a video than one, in turns, and what handing out costs against
// painting in one piece with one thread. It needs redis-server and a quiet machine with at least three cores.
//
//   node bench/machines.mjs [clip=samples/launch.mp4] [style=great-wave] [height=180] [rounds=3]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';

const [clip = 'samples/launch.mp4', style = 'great-wave', height = '180', rounds = '3'] = process.argv.slice(2);
const LAUNCH = resolve(import.meta.dirname, '../src/cli/launch.js');
const folder = mkdtempSync(join(tmpdir(), 'stylecast-machines-'));
const input = join(folder, `clip${extname(clip)}`);
copyFileSync(resolve(clip), input);

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
server.close();
const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
const redis = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder], quiet);
const machines = ['--redis', `redis://127.0.0.1:${port}`, '--shared', folder];

/** Workers that wait for work. */
async function workers(count) {
  const started = Array.from({ length: count }, () =>
    spawn(process.execPath, [LAUNCH, 'worker', ...machines, '--threads', '1', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  await Promise.all(started.map((child) => once(child.stdout, 'data')));
  return started;
}

/** Seconds that the clip takes. */
function paint(...more) {
  const output = join(folder, `painted${extname(clip)}`);
  const began = performance.now();
  execFileSync(
    process.execPath,
    [LAUNCH, 'video', input, '-s', style, '-o', output, '--height', height, ...more],
    quiet,
  );
  const seconds = (performance.now() - began) / 1000;
  rmSync(output);
  return seconds;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const times = { plain: [], 1: [], 2: [] };
for (let round = 0; round < Number(rounds); round++) {
  times.plain.push(paint('--no-resume', '--threads', '1'));
  for (const count of [1, 2]) {
    const painters = await workers(count);
    times[count].push(paint(...machines));
    for (const child of painters) {
      child.kill('SIGINT');
      await once(child, 'exit');
    }
  }
}
redis.kill();
rmSync(folder, { recursive: true });
const [plain, one, two] = [times.plain, times[1], times[2]].map(median);
console.log(`${basename(clip)}, ${height} lines, ${style}; medians of ${rounds}`);
console.log(`in one piece, one thread: ${plain.toFixed(1)} s`);
console.log(`one worker: ${one.toFixed(1)} s (${((100 * one) / plain - 100).toFixed(1)} % more)`);
console.log(`two workers: ${two.toFixed(1)} s (${(one / two).toFixed(2)} times as fast as one)`);

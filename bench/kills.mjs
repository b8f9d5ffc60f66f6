// Kills a resumable `stylecast video` again and again, with all its processes, at random moments, and compares the frames
// of its result with those of a run that nobody killed.
//
//   node bench/kills.mjs [kills=50] [seed=1] [clip=samples/launch.mp4] [height=90]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [kills = 50, seed = 1, clip = 'samples/launch.mp4', height = 90] = process.argv
  .slice(2)
  .map((text) => (/^\d+$/.test(text) ? Number(text) : text));
const LAUNCH = resolve(import.meta.dirname, '../src/cli/launch.js');
const folder = mkdtempSync(join(tmpdir(), 'stylecast-kills-'));
const input = join(folder, 'clip.mp4');

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let value = Math.imul(state ^ (state >>> 15), 1 | state);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
}

function run(output) {
  const args = [LAUNCH, 'video', input, '-s', 'great-wave', '-o', join(folder, output), '--resume', '--json'];
  const child = spawn(process.execPath, [...args, '--height', String(height)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, ended: once(child, 'exit') };
}

/** Segments of a job that are done. */
function done(output) {
  try {
    const { segments } = JSON.parse(readFileSync(join(folder, `${output}.stylecast-job`, 'job.json'), 'utf8'));
    return `${segments.filter(({ state }) => state === 'done').length} of ${segments.length}`;
  } catch {
    return 'none';
  }
}

const framesOf = (output) =>
  execFileSync('ffmpeg', ['-v', 'error', '-i', join(folder, output), '-map', '0:v', '-f', 'framemd5', '-'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });

// One frame a second, so that a short clip has many segments.
const slow = ['-vf', 'setpts=N/TB', '-vsync', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-an'];
execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', resolve(clip), ...slow, input]);
const began = performance.now();
await run('whole.mp4').ended;
const whole = performance.now() - began;
console.log(`seed ${seed}; without kills: ${(whole / 1000).toFixed(1)} s`);
let killed = 0;
let ended = false;
while (killed < kills && !ended) {
  const { child, ended: end } = run('killed.mp4');
  // Half of them early, among planning and opening; half where segments end and the file is joined.
  const after = random() < 0.5 ? random() * 0.2 * whole : random() * 0.8 * whole;
  const timer = setTimeout(() => {
    killed++;
    process.kill(-child.pid, 'SIGKILL');
  }, after);
  const [code] = await end;
  clearTimeout(timer);
  // A kill may come when the result is whole and the job is gone already.
  const complete = existsSync(join(folder, 'killed.mp4')) && !existsSync(join(folder, 'killed.mp4.stylecast-job'));
  ended = code === 0 || complete;
  console.log(`kill ${killed} after ${(after / 1000).toFixed(2)} s; done: ${ended ? 'all' : done('killed.mp4')}`);
  // A job that was finished is begun anew, so that there are as many kills as were asked for.
  if (ended && killed < kills) {
    compare();
    rmSync(join(folder, 'killed.mp4'));
    ended = false;
  }
}
if (!ended) {
  const [code] = await run('killed.mp4').ended;
  if (code !== 0) throw new Error(`it ended with ${code}`);
}
compare();
console.log(`${killed} kills: every frame is the same`);
rmSync(folder, { recursive: true });

function compare() {
  if (framesOf('killed.mp4') !== framesOf('whole.mp4')) throw new Error(`the frames differ; see ${folder}`);
}

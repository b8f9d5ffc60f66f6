// npm run bench [-- [--style name] [--seconds n] [--rounds n] [clip…]]
// The speed of each stage by itself and of the whole, and how busy the whole keeps the machine:
// efficiency = (CPU seconds of the three stages alone / cores) / wall seconds of the whole.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

// npm run bench -- <name>: another benchmark.
const others = { engine: './engine.mjs', live: './live.mjs' };
if (process.argv[2] in others) {
  await import(others[process.argv[2]]);
  process.exit();
}

const run = promisify(execFile);
const { values, positionals } = parseArgs({
  options: {
    style: { type: 'string', default: 'great-wave' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
  allowPositionals: true,
});
const cores = availableParallelism();
const folder = mkdtempSync(join(tmpdir(), 'stylecast-bench-'));
const root = join(import.meta.dirname, '..');
const source =
  positionals[0] ??
  join(
    root,
    'samples',
    readdirSync(join(root, 'samples')).find((name) => name.endsWith('.mp4')),
  );
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** Runs a stage and counts its CPU seconds, those of ffmpeg included, and the peak of its resident memory. */
async function stage(name, clip) {
  const child = run(
    'bash',
    [
      '-c',
      `node ${join(root, 'bench/stage.mjs')} "$@"; times`,
      'bench',
      name,
      clip,
      values.style,
      join(folder, 'out.mp4'),
    ],
    { maxBuffer: 1e8 },
  );
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, resident(child.child.pid))), 50);
  const { stdout } = await child.finally(() => clearInterval(watch));
  const [json, , children] = stdout.trim().split('\n');
  const cpu = children.split(' ').reduce((sum, text) => {
    const [, minutes, seconds] = /(\d+)m([\d.]+)s/.exec(text);
    return sum + minutes * 60 + Number(seconds);
  }, 0);
  return { ...JSON.parse(json), cpu, peak };
}

/** Resident bytes of a process and all below it (Linux). */
function resident(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const status = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(status[1]) * 4096 + children.reduce((sum, child) => sum + resident(child), 0);
  } catch {
    return 0;
  }
}

async function measure(name, clip, rounds) {
  const results = [];
  for (let n = 0; n < rounds; n++) results.push(await stage(name, clip));
  return {
    cpu: median(results.map((r) => r.cpu)),
    seconds: median(results.map((r) => r.seconds)),
    firstFrame: median(results.map((r) => r.firstFrame ?? 0)),
    frames: results[0].frames,
    peak: median(results.map((r) => r.peak)),
  };
}

async function makeClip(width, height, seconds) {
  const clip = join(folder, `${width}x${height}-${seconds}.mp4`);
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},fps=30,format=yuv420p`;
  const args = [
    '-v',
    'error',
    '-stream_loop',
    '-1',
    '-i',
    source,
    '-t',
    seconds,
    '-vf',
    scale,
    '-c:v',
    'libx264',
    '-crf',
    '20',
  ];
  await run('ffmpeg', [...args, '-c:a', 'aac', clip]);
  return clip;
}

const megabytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;

try {
  console.log(
    `${cpus()[0].model}, ${cores} cores; style ${values.style}; ${values.seconds} s of ${source}; median of ${values.rounds}`,
  );
  for (const [width, height] of [
    [640, 360],
    [1280, 720],
  ]) {
    const clip = await makeClip(width, height, values.seconds);
    const rounds = Number(values.rounds);
    const idle = await measure('idle', clip, rounds);
    const decode = await measure('decode', clip, rounds);
    const networkSetup = await measure('network-setup', clip, rounds);
    const network = await measure('network', clip, rounds);
    const encodeSetup = await measure('encode-setup', clip, rounds);
    const encode = await measure('encode', clip, rounds);
    const whole = await measure('whole', clip, rounds);
    const cpu = {
      decode: decode.cpu - idle.cpu,
      network: network.cpu - networkSetup.cpu,
      encode: encode.cpu - encodeSetup.cpu,
    };
    const sum = cpu.decode + cpu.network + cpu.encode;
    console.log(`\n${width}x${height}, ${whole.frames} frames`);
    for (const [name, result] of Object.entries({ decode, network, encode, whole })) {
      const fps = (result.frames / result.seconds).toFixed(1).padStart(7);
      const seconds = (cpu[name] ?? whole.cpu).toFixed(2).padStart(7);
      console.log(`  ${name.padEnd(8)} ${fps} fps  ${seconds} CPU s  peak ${megabytes(result.peak)}`);
    }
    console.log(`  first frame after ${whole.firstFrame.toFixed(2)} s`);
    console.log(`  memory of the whole less that of the network alone: ${megabytes(whole.peak - network.peak)}`);
    console.log(`  efficiency ${(sum / cores / whole.seconds).toFixed(3)}`);
  }
  const short = await measure('whole', await makeClip(640, 360, '5'), 1);
  const long = await measure('whole', await makeClip(640, 360, '60'), 1);
  console.log(`\npeak memory at 640x360: ${megabytes(short.peak)} for 5 s, ${megabytes(long.peak)} for 60 s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

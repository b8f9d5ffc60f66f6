// npm run bench [-- [--style name] [--seconds n] [--rounds n] [clip…]]
// The speed of each stage by itself and of the whole, and how busy the whole keeps the machine:
// efficiency = (CPU seconds of the three stages alone / cores) / wall seconds of the whole.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeClip, median, runStage, sampleOf } from './measure.mjs';

// npm run bench -- <name>: another benchmark.
const others = {
  engine: './engine.mjs',
  live: './live.mjs',
  profile: './profile.mjs',
};
const [first] = process.argv.slice(2);
const other = first?.startsWith('--against') ? './against.mjs' : others[first];
if (other) {
  await import(other);
  process.exit();
}

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
const source = positionals[0] ?? sampleOf(root);
const clipOf = (width, height, seconds) => makeClip(source, { width, height }, seconds, folder);

async function measure(name, clip, rounds) {
  const results = [];
  for (let n = 0; n < rounds; n++)
    results.push(await runStage(root, name, clip, values.style, join(folder, 'out.mp4')));
  return {
    cpu: median(results.map((r) => r.cpu)),
    seconds: median(results.map((r) => r.seconds)),
    firstFrame: median(results.map((r) => r.firstFrame ?? 0)),
    frames: results[0].frames,
    peak: median(results.map((r) => r.peak)),
  };
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
    const clip = await clipOf(width, height, values.seconds);
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
  const short = await measure('whole', await clipOf(640, 360, 5), 1);
  const long = await measure('whole', await clipOf(640, 360, 60), 1);
  console.log(`\npeak memory at 640x360: ${megabytes(short.peak)} for 5 s, ${megabytes(long.peak)} for 60 s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

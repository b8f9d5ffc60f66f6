// npm run bench -- engine [--device a,b] [--tier lite,…] [--size 640x360,…] [--splits] [--seconds n] [--budget seconds] [--json]
// How fast each usable device paints with each tier at each size, from picture to picture in host memory, each in a
// process of its own. The split is sessions x threads; h is half precision. GMAC/s is compared with what the device
// reaches on convolutions of 128 channels alone. After the budget no further row begins.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listGpus } from '../dist/doctor/gpus.js';
import { inspect, resolveShapes } from '../dist/engine/analysis/inspect.js';
import { DEVICE_TABLE } from '../dist/engine/runtime/devices.js';
import { checkDevices } from '../dist/engine/select/check-devices.js';
import { probeDevice, testPicture } from '../dist/engine/select/probe-device.js';
import { wrapNetwork } from '../dist/engine/wrap/wrap.js';
import { GraphBuilder } from '../dist/graph/builder.js';
import { writeModel } from '../dist/graph/onnx/write.js';
import { tierManifest as manifest, tierNetwork } from './tier-network.mjs';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    device: { type: 'string' },
    tier: { type: 'string', default: 'lite,standard,fine' },
    size: { type: 'string', default: '640x360,1280x720,1920x1080' },
    splits: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    limit: { type: 'string', default: '120' },
    budget: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const measureMs = 1000 * Number(values.seconds);
const limitMs = 1000 * Number(values.limit);
const end = performance.now() + 1000 * Number(values.budget ?? Number.POSITIVE_INFINITY);
const cores = availableParallelism();

/** Convolutions in a row, with hardly anything around them: the most that a device gives. */
const PEAK = { size: 256, channels: 128, layers: 6 };

function peakModel() {
  const { size, channels, layers } = PEAK;
  const graph = new GraphBuilder('peak');
  const conv = (x, from, to) => {
    const weights = Float32Array.from({ length: to * from * 9 }, (_, i) => Math.sin(i) / (from * 9));
    return graph.op('Conv', [x, graph.constant('float32', [to, from, 3, 3], weights)], { pads: [1, 1, 1, 1] });
  };
  let x = graph.op('Cast', [graph.input('frame', 'uint8', [1, size, size, 3])], { to: 1 });
  x = conv(graph.op('Transpose', [x], { perm: [0, 3, 1, 2] }), 3, channels);
  for (let layer = 0; layer < layers; layer++) x = conv(x, channels, channels);
  x = graph.op('Transpose', [conv(x, channels, 3)], { perm: [0, 2, 3, 1] });
  graph.output('result', graph.op('Cast', [x], { to: 2 }));
  const gmac = (size * size * 9 * (layers * channels * channels + 2 * 3 * channels)) / 1e9;
  return { model: writeModel(graph.build()), gmac, width: size, height: size };
}

/** A process is ended where it hangs, and a little after the budget. */
const limits = () => ({ limitMs: Math.max(1, Math.min(limitMs, end + 10_000 - performance.now())) });

/** Ways to run: on the CPU sessions times threads, on a GPU both precisions; with --splits two sessions there as well. */
function waysOf(device) {
  const { engine, gpu } = DEVICE_TABLE[device];
  if (device === 'cpu') {
    const counts = Array.from({ length: cores }, (_, i) => i + 1).filter((n) => cores % n === 0);
    const wanted = values.splits ? counts : [...new Set([1, cores])];
    return wanted.map((sessions) => ({ sessions, threads: cores / sessions, half: false }));
  }
  const sessions = gpu && values.splits ? [1, 2] : [1];
  const halves = gpu && engine === 'onnx' ? [false, true] : [false];
  return sessions.flatMap((count) => halves.map((half) => ({ sessions: count, threads: 1, half })));
}

async function measure(device, model, { width, height }, { sessions, threads, half }) {
  const { engine, provider } = DEVICE_TABLE[device];
  const spec = { paint: { model, engine, provider, threads, half }, compare: false, width, height };
  return probeDevice({ spec, sessions, picture: testPicture(width, height), measureMs }, limits());
}

const rows = [];
const columns = [8, 9, 10, 5, 8, 8, 8, 8, 6, 8, 7];
const row = (cells) => cells.map((cell, i) => String(cell).padStart(columns[i])).join(' ');
const say = (text) => console[values.json ? 'error' : 'log'](text);

const gpus = (await listGpus()).map(({ name, driver }) => (driver ? `${name} (driver ${driver})` : name));
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../node_modules/onnxruntime-node/package.json'), 'utf8'),
);
const checks = await checkDevices(limits());
// The backends of tfjs on a CPU are for comparison, and slow: only by name.
const chosen = values.device
  ? values.device.split(',')
  : checks
      .filter(({ device, gpu }) => gpu || device === 'cpu')
      .sort((a, b) => Number(b.gpu) - Number(a.gpu))
      .map(({ device }) => device);
say(`${cpus()[0].model.trim()}, ${cores} cores; ${gpus.join(', ') || 'no GPU'}; ONNX Runtime ${version}`);
for (const { device, usable, reason } of checks) {
  if (chosen.includes(device) && !usable) say(`${device} is left out: ${reason}`);
}
say(`\n${row(['device', 'tier', 'size', 'split', 'p50 ms', 'p95 ms', 'fps', 'GMAC/s', 'share', 'MiB', 'start s'])}`);

const networks = new Map();
for (const name of values.tier.split(',')) networks.set(name, await tierNetwork(name));
for (const device of chosen.filter((name) => checks.some((check) => check.device === name && check.usable))) {
  const peak = peakModel();
  const top = await measure(device, peak.model, peak, waysOf(device)[0]);
  const best = top.measured ? top.measured.fps * peak.gmac : Number.NaN;
  say(`${device}: ${top.measured ? `${best.toFixed(0)} GMAC/s on convolutions alone` : top.failure}`);
  rows.push({ device, tier: 'peak', gmacPerSecond: best });
  for (const [tier, network] of networks) {
    for (const text of values.size.split(',')) {
      const [width, height] = text.split('x').map(Number);
      const picture = { width, height };
      const seen = { width: Math.ceil(width / 8) * 8, height: Math.ceil(height / 8) * 8 };
      const { gmac } = inspect(await resolveShapes(network, manifest, seen), manifest.input);
      const model = writeModel(wrapNetwork(network, manifest, { picture, look: { strength: 1, keepColors: false } }));
      for (const way of waysOf(device)) {
        if (performance.now() > end) continue;
        const { measured, failure } = await measure(device, model, picture, way);
        const split = `${way.sessions}x${way.threads}${way.half ? ' h' : ''}`;
        if (!measured) {
          say(`${row([device, tier, text, split])} ${failure}`);
          rows.push({ device, tier, width, height, split, failure });
          continue;
        }
        const { p50, p95, fps, memory, startSeconds, mixed } = measured;
        const rate = fps * gmac;
        const share = Number.isNaN(best) ? '-' : `${Math.round((100 * rate) / best)} %`;
        const cells = [
          device,
          tier,
          text,
          split,
          p50.toFixed(1),
          p95.toFixed(1),
          fps.toFixed(1),
          rate.toFixed(1),
          share,
        ];
        say(
          row([...cells, Math.round(memory / 2 ** 20), startSeconds.toFixed(2)]) + (mixed ? '  partly on the CPU' : ''),
        );
        rows.push({
          device,
          tier,
          width,
          height,
          split,
          gmac,
          p50,
          p95,
          fps,
          rate,
          share: rate / best,
          memory,
          startSeconds,
          mixed,
        });
      }
    }
  }
}
if (performance.now() > end) say(`The ${values.budget} s are over.`);
if (values.json)
  console.log(JSON.stringify({ cpu: cpus()[0].model.trim(), cores, gpus, runtime: version, rows }, null, 2));
process.exit();

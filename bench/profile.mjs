// npm run bench -- profile [--device cpu] [--tier lite] [--size 1920x1080] [--threads n] [--runs 8] [--half] [--json]
// Where the time of a network goes, operator by operator, by ONNX Runtime's own profile. What a GPU does while its host
// waits is not in the time of its operators; a provider that measures its kernels adds them, as a second table.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DEVICE_TABLE } from '../dist/engine/runtime/devices.js';
import { adaptToCpu } from '../dist/engine/runtime/onnx/adapt-cpu.js';
import { adaptToDevice } from '../dist/engine/runtime/onnx/adapt-device.js';
import { testPicture } from '../dist/engine/select/probe-device.js';
import { wrapNetwork } from '../dist/engine/wrap/wrap.js';
import { writeModel } from '../dist/graph/onnx/write.js';
import { tierManifest, tierNetwork } from './tier-network.mjs';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    device: { type: 'string', default: 'cpu' },
    tier: { type: 'string', default: 'lite' },
    size: { type: 'string', default: '1920x1080' },
    threads: { type: 'string', default: String(availableParallelism()) },
    runs: { type: 'string', default: '8' },
    half: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const { device, half } = values;
const [width, height] = values.size.split('x').map(Number);
const WARM_UP = 2;

const look = { strength: 1, keepColors: false };
const wrapped = wrapNetwork(await tierNetwork(values.tier), tierManifest, { picture: { width, height }, look });
const bytes = writeModel(wrapped);
const model = device === 'cpu' ? adaptToCpu(bytes) : await adaptToDevice(bytes, half);
const folder = mkdtempSync(join(tmpdir(), 'stylecast-bench-'));
try {
  const session = await InferenceSession.create(model, {
    executionProviders: [DEVICE_TABLE[device].provider],
    intraOpNumThreads: Number(values.threads),
    enableProfiling: true,
    profileFilePrefix: join(folder, 'run'),
    logSeverityLevel: 4,
  });
  const frame = new Tensor('uint8', testPicture(width, height), [1, height, width, 3]);
  for (let n = 0; n < WARM_UP + Number(values.runs); n++) await session.run({ frame });
  session.endProfiling();
  const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'));
  report(events);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

function report(events) {
  const runs = events.filter(({ name }) => name === 'model_run').slice(WARM_UP);
  const [since] = runs.map(({ ts }) => ts);
  const within = events.filter(({ ts }) => ts >= since);
  const ms = runs.reduce((sum, { dur }) => sum + dur, 0) / 1000 / runs.length;
  const nodes = within.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const operators = sum(
    nodes,
    ({ args }) => `${args.op_name}${onHost(args.provider) ? ' (on the CPU)' : ''}`,
    runs.length,
  );
  const kernels = sum(
    within.filter(({ cat }) => cat !== 'Node' && cat !== 'Session'),
    ({ name }) => name,
    runs.length,
  );
  const what = `${values.tier}, ${values.size}, ${device}${half ? ', half precision' : ''}`;
  if (values.json) {
    console.log(
      JSON.stringify({ device, tier: values.tier, size: values.size, half, ms, operators, kernels }, null, 2),
    );
    return;
  }
  console.log(`${cpus()[0].model.trim()}; ${what}: ${ms.toFixed(2)} ms a run`);
  print('operator', operators, ms);
  if (kernels.length > 0) print('kernel on the device', kernels, ms);
}

const onHost = (provider) => device !== 'cpu' && provider === 'CPUExecutionProvider';

/** Milliseconds and calls of a run, by name. */
function sum(events, nameOf, runs) {
  const found = new Map();
  for (const event of events) {
    const entry = found.get(nameOf(event)) ?? { name: nameOf(event), ms: 0, calls: 0 };
    entry.ms += event.dur / 1000 / runs;
    entry.calls += 1 / runs;
    found.set(entry.name, entry);
  }
  return [...found.values()].sort((a, b) => b.ms - a.ms);
}

function print(title, rows, all) {
  console.log(`\n${title.padEnd(44)} ${'ms'.padStart(8)} ${'share'.padStart(6)} ${'calls'.padStart(6)}`);
  for (const { name, ms, calls } of rows) {
    const share = `${Math.round((100 * ms) / all)} %`;
    console.log(
      `${name.slice(0, 44).padEnd(44)} ${ms.toFixed(2).padStart(8)} ${share.padStart(6)} ${calls.toFixed(0).padStart(6)}`,
    );
  }
}

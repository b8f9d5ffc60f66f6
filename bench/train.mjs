// node bench/train.mjs [--size 256] [--tier lite] [--rounds 4] [--torch [--python python3]]
// One training step with the temporal term, a photograph and its moved twin: its time, the share of it inside convolution and matrix kernels
// (ONNX Runtime's own profile), the peak of resident memory; with --torch the same step in PyTorch, in turns, so that
// whatever else the machine does hits both alike. Weights are random: they do not change the time.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeModel } from '../dist/graph/onnx/write.js';
import { vgg19 } from '../dist/losses/networks/vgg.js';
import { initialParameters } from '../dist/nets/parameters/parameters.js';
import { Random } from '../dist/nets/parameters/random.js';
import { TIERS } from '../dist/nets/tiers.js';
import { motionInputs, randomMotion } from '../dist/train/objective/motion.js';
import { trainingStep } from '../dist/train/objective/step.js';
import { settingsOf } from '../dist/train/settings/settings.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '256' },
    tier: { type: 'string', default: 'lite' },
    rounds: { type: 'string', default: '4' },
    torch: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
  },
});
const size = Number(values.size);
const rounds = Number(values.rounds);
const threads = availableParallelism();
const PER_ROUND = 4;
const KERNELS = /^(Fused)?(Conv|ConvTranspose|Gemm|MatMul)$/;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const network = vgg19(randomVgg());
const { weights } = settingsOf({ pictures: ['style.jpg'], output: 'preset' });
const channels = { relu1_1: 64, relu2_1: 128, relu3_1: 256, relu4_1: 512 };
const target = network.objective.style.map(
  (layers) => new Map(layers.map((layer) => [layer, filled([1, channels[layer], channels[layer]], 1)])),
);
const { model, parameters, reports, grams } = trainingStep({
  tier: TIERS[values.tier],
  size,
  batch: 1,
  norm: 'live',
  motion: true,
  weights,
  network,
  target,
  rate: 1e-3,
  warmUp: 50,
  clip: 1,
  seed: 1,
});
const folder = mkdtempSync(join(tmpdir(), 'stylecast-bench-'));
const started = performance.now();
const bytes = writeModel(model);
const plain = await InferenceSession.create(bytes, { intraOpNumThreads: threads });
const opened = performance.now() - started;
const torch = values.torch ? openTorch() : undefined;

const vector = initialParameters(parameters, 1);
let state = [vector, new Float32Array(vector.length), new Float32Array(vector.length), grams].map(
  (data) => new Tensor('float32', data, [data.length]),
);
let count = 0;
await steps(plain, 2);
await torch?.(2);
const [ours, theirs] = [[], []];
for (let round = 0; round < rounds; round++) {
  ours.push(...(await steps(plain, PER_ROUND)));
  if (torch) theirs.push(...(await torch(PER_ROUND)));
}
const peak = process.resourceUsage().maxRSS / 1024;
await plain.release();

const profiled = await InferenceSession.create(bytes, {
  intraOpNumThreads: threads,
  enableProfiling: true,
  profileFilePrefix: join(folder, 'step'),
});
await steps(profiled, 1 + PER_ROUND);
profiled.endProfiling();
const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'));
rmSync(folder, { recursive: true });
const runs = events.filter(({ name }) => name === 'model_run').slice(1);
const inside = (at) => runs.some(({ ts, dur }) => at >= ts && at <= ts + dur);
const total = runs.reduce((sum, { dur }) => sum + dur, 0);
const byOp = new Map();
for (const { cat, name, ts, dur, args } of events) {
  if (cat !== 'Node' || !name.endsWith('_kernel_time') || !inside(ts)) continue;
  byOp.set(args.op_name, (byOp.get(args.op_name) ?? 0) + dur);
}
const share = [...byOp].reduce((sum, [op, dur]) => sum + (KERNELS.test(op) ? dur : 0), 0) / total;

console.log(
  `${cpus()[0].model}, ${threads} threads; ${values.tier}, ${size} px, 2 pictures (a photograph and its moved twin), temporal term`,
);
console.log(
  `graph: ${model.graph.nodes.length} nodes, ${vector.length} parameters, opened in ${Math.round(opened)} ms`,
);
console.log(
  `step: ${Math.round(median(ours))} ms (least ${Math.round(Math.min(...ours))}), peak ${Math.round(peak)} MB`,
);
console.log(`inside convolution and matrix kernels: ${(share * 100).toFixed(0)} %`);
const rest = [...byOp].filter(([op]) => !KERNELS.test(op)).sort((a, b) => b[1] - a[1]);
console.log(
  `the rest: ${rest
    .slice(0, 8)
    .map(([op, dur]) => `${op} ${((dur / total) * 100).toFixed(1)} %`)
    .join(', ')}`,
);
if (theirs.length > 0) {
  const ratio = median(theirs) / median(ours);
  const least = Math.min(...theirs) / Math.min(...ours);
  console.log(
    `PyTorch: ${Math.round(median(theirs))} ms (least ${Math.round(Math.min(...theirs))}); ${ratio.toFixed(2)} times as long (least ${least.toFixed(2)})`,
  );
}
process.exit(0);

async function steps(session, howMany) {
  const times = [];
  for (let i = 0; i < howMany; i++) {
    const scalar = (value) => new Tensor('float32', Float32Array.of(value), []);
    const motion = randomMotion(new Random(1, count), 1, size);
    const given = Object.entries(motionInputs(1)).map(([name, { type, dims }]) => [
      name,
      new Tensor(type, motion[name], dims),
    ]);
    const photographs = new Uint8Array(size * size * 3).map((_, at) => (at * 7919) >> 5);
    const feeds = {
      ...Object.fromEntries(given),
      photographs: new Tensor('uint8', photographs, [1, size, size, 3]),
      step: scalar(count),
      total: scalar(1000),
      ramp: scalar(1),
      balance: scalar(weights.content),
      parameters: state[0],
      mean: state[1],
      square: state[2],
      grams: state[3],
    };
    const start = performance.now();
    const found = await session.run(feeds);
    times.push(performance.now() - start);
    state = ['parameters_next', 'mean_next', 'square_next', 'grams_next'].map((name) => found[name]);
    if (!reports.every((name) => Number.isFinite(found[name].data[0]))) throw new Error('the losses are not numbers');
    count += 1;
  }
  return times;
}

function openTorch() {
  const child = spawn(values.python, [join(import.meta.dirname, 'train_torch.py'), String(size), String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (howMany) => {
    child.stdin.write(`${howMany}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch could not be run: see above');
    return value.split(' ').map(Number);
  };
}

function filled(dims, phase) {
  const data = Float32Array.from(
    { length: dims.reduce((a, b) => a * b) },
    (_, i) => Math.sin(1.7 * i + phase) * 0.5 + 1,
  );
  return { type: 'float32', dims, data };
}

function randomVgg() {
  const blocks = [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512],
  ];
  const layers = blocks.flatMap((outs, i) => outs.map((out, k) => [`conv${i + 1}_${k + 1}`, out]));
  const random = new Random(9);
  const tensors = layers.flatMap(([name, out], i) => {
    const inner = layers[i - 1]?.[1] ?? 3;
    const deviation = Math.sqrt(2 / (inner * 9));
    const data = Float32Array.from({ length: out * inner * 9 }, () => deviation * random.normal());
    return [
      [`${name}.weight`, { dims: [out, inner, 3, 3], data }],
      [`${name}.bias`, { dims: [out], data: new Float32Array(out) }],
    ];
  });
  return new Map(tensors);
}

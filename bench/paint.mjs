// node bench/paint.mjs --loss-network vgg19.safetensors --content photo.jpg --style wave.jpg
//   [--size 512] [--steps 10] [--rounds 3] [--optimizer lbfgs|adam] [--torch [--python python3]]
// One picture of size × size painted at that size alone, by the objective and the optimizer of `stylecast paint`: the
// time of a step and the loss; with --torch the same in PyTorch (paint_torch.py), in turns, so that whatever else the
// machine does hits both alike. Every step is one evaluation of loss and gradient.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { GraphSession } from '../dist/engine/threads/graph-session.js';
import { readSafetensors } from '../dist/losses/networks/safetensors.js';
import { vgg19 } from '../dist/losses/networks/vgg.js';
import { Random } from '../dist/nets/parameters/random.js';
import { contentModel, contentName } from '../dist/paint/optimize/objective.js';
import { OPTIMIZER_FACTORIES } from '../dist/paint/optimize/optimizer.js';
import { scalesOf } from '../dist/paint/pictures/levels.js';
import { noisy, planesOf } from '../dist/paint/pictures/pixels.js';
import { paintSettings } from '../dist/paint/settings.js';
import { blendedStyle } from '../dist/paint/style.js';

const { values } = parseArgs({
  options: {
    'loss-network': { type: 'string' },
    content: { type: 'string' },
    style: { type: 'string' },
    size: { type: 'string', default: '512' },
    steps: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    optimizer: { type: 'string', default: 'lbfgs' },
    torch: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
  },
});
const [size, steps, rounds] = [values.size, values.steps, values.rounds].map(Number);
const threads = availableParallelism();
const scales = scalesOf(size);
const total = steps * rounds;
const { weights } = paintSettings({ content: '', output: '', styles: [{ picture: values.style }] });
const network = vgg19(readSafetensors(readFileSync(values['loss-network'])));
const photograph = await picture(values.content);
const target = await blendedStyle([{ planes: await picture(values.style), weight: 1 }], network, { scales, threads });
const start = noisy(photograph, 0.08, new Random(1));
const model = contentModel(network, size, size);
const features = await featuresOf(model);
const objective = { network, target, width: size, height: size, weights };
const task = { objective, start, features, steps: total, threads };
const optimizer = await OPTIMIZER_FACTORIES[values.optimizer](task);
const folder = mkdtempSync(join(tmpdir(), 'stylecast-bench-'));
const torch = values.torch ? await openTorch() : undefined;

const times = { stylecast: [], torch: [] };
const losses = { stylecast: 0, torch: 0 };
for (let round = 0; round < rounds; round++) {
  for (let step = 0; step < steps; step++) {
    const began = performance.now();
    losses.stylecast = (await optimizer.step()).loss;
    times.stylecast.push(performance.now() - began);
  }
  for (const [time, loss] of (await torch?.run(steps)) ?? []) {
    times.torch.push(time);
    losses.torch = loss;
  }
  const done = (round + 1) * steps;
  console.error(`${done} steps: ${JSON.stringify(losses)}`);
}
const memory = process.memoryUsage().rss / 2 ** 20;
await optimizer.close();
torch?.close();
rmSync(folder, { recursive: true });

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0) / 1000;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
console.log(
  `${cpus()[0].model}, ${threads} threads, ${size}×${size}, ${scales} scales, ${values.optimizer}, ${total} steps`,
);
for (const [name, numbers] of Object.entries(times)) {
  if (numbers.length === 0) continue;
  console.log(
    `${name.padEnd(10)} ${Math.round(median(numbers))} ms a step (median), ${sum(numbers).toFixed(1)} s, loss ${losses[name].toFixed(4)}`,
  );
}
if (torch) console.log(`stylecast takes ${(sum(times.stylecast) / sum(times.torch)).toFixed(2)} of PyTorch's time`);
console.log(`resident memory of stylecast: ${Math.round(memory)} MiB`);

async function picture(path) {
  const data = await sharp(path).resize(size, size).removeAlpha().toColourspace('srgb').raw().toBuffer();
  return planesOf({ data, width: size, height: size });
}

async function featuresOf(model) {
  const session = await GraphSession.open(model, { threads });
  const dims = [1, 3, size, size];
  const input = { type: 'float32', dims, data: photograph.data };
  const found = await session.run({ picture: input }, network.contentLayers.map(contentName));
  await session.close();
  return found;
}

/** The Python process, with the tensors that it needs. */
async function openTorch() {
  const write = (name, data) =>
    writeFileSync(join(folder, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const convolutions = model.graph.nodes.filter(({ op }) => op === 'Conv');
  for (const [k, { inputs }] of convolutions.entries()) {
    const name = network.layers[k].replace('relu', 'conv');
    write(`${name}.weight`, model.graph.constants.get(inputs[1]).data);
    write(`${name}.bias`, model.graph.constants.get(inputs[2]).data);
  }
  for (const [scale, layers] of target.entries()) {
    for (const [layer, { data }] of layers) write(`gram ${scale} ${layer.replace('relu', 'conv')}`, data);
  }
  write('photograph', photograph.data);
  write('picture', start.data);
  const script = new URL('paint_torch.py', import.meta.url).pathname;
  const terms = ['content', 'style', 'smoothness', 'chroma', 'range'].map((name) => String(weights[name]));
  const child = spawn(values.python, [script, folder, String(size), String(scales), String(threads), ...terms], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    run: async (count) => {
      child.stdin.write(`${values.optimizer} ${count} ${total}\n`);
      const found = [];
      for (;;) {
        const { value } = await lines.next();
        if (value === 'done') return found;
        found.push(value.split(' ').map(Number));
      }
    },
    close: () => child.stdin.end(),
  };
}

// node preset.mjs <checkpoint.pt> <picture> <folder of the preset> [--title … --author … --year … --description … --picture-source …]
// Saves a network of train.py as a preset. A preset that is there already keeps its words and credits.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    ['title', 'author', 'year', 'description', 'picture-source', 'dist'].map((name) => [name, { type: 'string' }]),
  ),
});
const [checkpoint, picture, folder] = positionals;
const dist = values.dist ?? new URL('../dist/', import.meta.url).href;
const at = (path) => import(new URL(path, dist.endsWith('/') ? dist : `${dist}/`).href);
const { exportNetwork } = await at('train/weights/export.js');
const { GraphBuilder } = await at('graph/builder.js');
const { NETWORK_MULTIPLE, styleNetwork } = await at('nets/network.js');
const { TrainedParameters } = await at('nets/parameters/parameters.js');
const { TIERS } = await at('nets/tiers.js');
const { writeModel } = await at('graph/onnx/write.js');
const { readSafetensors } = await at('losses/networks/safetensors.js');
const { saveStyle } = await at('model/save.js');
const { addThumbnails } = await at('train/report/thumbnails.js');

const work = mkdtempSync(join(tmpdir(), 'stylecast-preset-'));
const vector = join(work, 'vector.safetensors');
const python = process.env.PYTHON ?? '/usr/bin/python3';
const made = execFileSync(python, [new URL('beginning.py', import.meta.url).pathname, checkpoint, vector], {
  encoding: 'utf8',
});
const { tier, steps, seed, size, photographs } = JSON.parse(made.trim().split('\n').at(-1));
const b = new GraphBuilder('p');
const parameters = new TrainedParameters(b);
styleNetwork({ b, parameters, norm: 'live', seen: new Map() }, b.input('image', 'float32', [1, 3, 64, 64]), TIERS[tier]);
const values32 = readSafetensors(readFileSync(vector)).get('parameters').data;
const model = writeModel(await exportNetwork(TIERS[tier], parameters.list, values32, 'live'));
rmSync(work, { recursive: true });

const name = basename(folder);
const file = join(folder, 'preset.json');
const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
const sha256 = createHash('sha256').update(readFileSync(picture)).digest('hex');
const credit = {
  title: values.title ?? name,
  author: values.author ?? 'unknown',
  ...(values.year ? { year: Number(values.year) } : {}),
  ...(values['picture-source'] ? { source: values['picture-source'] } : {}),
  licence: 'public domain',
  sha256,
};
const plain = { type: 'float32', layout: 'nchw', channels: 'rgb', range: [0, 1] };
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const manifest = {
  format: 1,
  name,
  title: values.title ?? before?.title ?? name,
  description: values.description ?? before?.description ?? '',
  tier,
  licence: 'MIT',
  credits: before && !values.author ? before.credits.map((one) => ({ ...one, sha256 })) : [credit],
  input: { ...plain, name: 'image', multiple: NETWORK_MULTIPLE },
  output: { ...plain, name: 'stylized' },
  inputs: [],
  state: [],
  detail: before?.detail ?? 0.6,
  training: {
    command: `training/train.py ${basename(picture)}, ${steps} steps`,
    seed,
    steps,
    size,
    data: `${photographs} photographs; VGG-19 to relu4_2`,
    version,
  },
};
const style = await saveStyle(folder, manifest, model, { overwrite: true });
await addThumbnails(style, { threads: 1 });
console.log(`${folder}: ${model.length} bytes, ${steps} steps`);

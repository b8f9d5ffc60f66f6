// node bench/methods.mjs NAME RESULT... --content PHOTOGRAPH... --style-picture wave.jpg --loss-network vgg19.safetensors
// One row of docs/methods.md: what a method made of each photograph, scaled to the same size, as docs/methods/NAME.jpg,
// and its figures as `stylecast eval` defines them, printed as cells of the table.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { Judge } from '../dist/evaluate/judge.js';
import { readImage } from '../dist/index.js';
import { readSafetensors } from '../dist/losses/safetensors.js';
import { vgg19 } from '../dist/losses/vgg.js';
import { ssim } from '../dist/quality/ssim.js';

const SIZE = { width: 512, height: 288 };
const GAP = 6;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    content: { type: 'string', multiple: true },
    'style-picture': { type: 'string' },
    'loss-network': { type: 'string' },
  },
});
const [name, ...results] = positionals;
if (results.length !== values.content?.length) throw new Error('as many --content as results are expected');

const network = vgg19(readSafetensors(readFileSync(values['loss-network'])));
const judge = await Judge.open(network, [values['style-picture']], availableParallelism());
const cells = [];
const layers = [];
for (const [i, file] of results.entries()) {
  const { frame: painted } = await readImage(file, SIZE);
  const { frame: source } = await readImage(values.content[i], SIZE);
  const { styles, content } = await judge.judge(painted, source);
  cells.push([styles[0], content, ssim(painted, source)]);
  const raw = { ...SIZE, channels: 3 };
  layers.push({ input: Buffer.from(painted.data), raw, left: i * (SIZE.width + GAP), top: 0 });
}
await judge.close();

mkdirSync('docs/methods', { recursive: true });
const out = `docs/methods/${name}.jpg`;
const row = { width: results.length * (SIZE.width + GAP) - GAP, height: SIZE.height };
await sharp({ create: { ...row, channels: 3, background: '#fff' } })
  .composite(layers)
  .jpeg({ quality: 80, mozjpeg: true })
  .toFile(out);
const digits = [3, 2, 2];
const column = (n) => cells.map((figures) => figures[n].toFixed(digits[n])).join(', ');
console.log(`| ${name} | ${column(0)} | ${column(1)} | ${column(2)} |`);
console.log(`${out}: ${Math.round(statSync(out).size / 1024)} KiB`);

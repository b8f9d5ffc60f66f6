// node bench/methods.mjs NAME RESULT... --content PHOTOGRAPH... --style-picture wave.jpg --loss-network vgg19.safetensors
// One row of docs/methods.md: what a method made of each photograph, scaled to the same size, as docs/methods/NAME.jpg,
// and its figures as `stylecast eval` defines them, printed as cells of the table.
import { mkdirSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { judgePaintings } from '../dist/eval.js';
import { readImage } from '../dist/index.js';

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

const { paintings } = await judgePaintings({
  paintings: results,
  sources: values.content,
  stylePictures: [values['style-picture']],
  lossNetwork: values['loss-network'],
  height: SIZE.height,
});
const cells = paintings.map(({ styles, content, ssim }) => [styles[0], content, ssim]);
const layers = [];
for (const [i, file] of results.entries()) {
  const { frame } = await readImage(file, SIZE);
  const raw = { ...SIZE, channels: 3 };
  layers.push({ input: Buffer.from(frame.data), raw, left: i * (SIZE.width + GAP), top: 0 });
}

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

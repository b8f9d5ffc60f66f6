// node bench/painted-frames.mjs PRESET... --frames FRAMES --truth PAINTINGS --loss-network vgg19.safetensors
// How near presets come to what was painted over frames of a clip: for each picture of the folder PAINTINGS, the frame of
// the same name in FRAMES is painted with each preset and compared with it. Distances are of VGG-19 features of unit length
// (as LPIPS, Zhang 2018, arXiv 1801.03924, with all channels alike), the mean over layers; and of levels, 0 to 1.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { GraphSession } from '../dist/engine/threads/graph-session.js';
import { GraphBuilder } from '../dist/graph/builder.js';
import { readModel } from '../dist/graph/onnx/read.js';
import { readImage } from '../dist/index.js';
import { openLossNetwork } from '../dist/quality/loss-network.js';
import { wholeCells } from '../dist/train/methods/frames/measure.js';
import { toTensor } from '../dist/train/report/measure.js';

const { values, positionals: presets } = parseArgs({
  allowPositionals: true,
  options: { frames: { type: 'string' }, truth: { type: 'string' }, 'loss-network': { type: 'string' } },
});

const network = await openLossNetwork(values['loss-network']);
const names = readdirSync(values.truth).filter((name) => name.endsWith('.png'));
const read = async (folder, name) => toTensor(wholeCells((await readImage(join(folder, name))).frame, 8));
const [, , height, width] = (await read(values.truth, names[0])).dims;

/** Inputs `one` and `other` [1, 3, h, w]; outputs `features` and `levels`. */
function distances() {
  const b = new GraphBuilder('distances');
  const pictures = ['one', 'other'].map((name) => b.input(name, 'float32', [1, 3, height, width]));
  const seen = pictures.map((picture) => network.features(b, picture, network.styleLayers));
  const unit = (x) => {
    const length = b.op('Sqrt', [b.op('ReduceSum', [b.op('Mul', [x, x])], { axes: [1] })]);
    return b.op('Div', [x, b.op('Add', [length, b.scalar('float32', 1e-6)])]);
  };
  const terms = network.styleLayers.map((layer) => {
    const away = b.op(
      'Sub',
      seen.map((features) => unit(features.get(layer))),
    );
    const squares = b.op('ReduceSum', [b.op('Mul', [away, away])], { axes: [1] });
    return b.op('ReduceMean', [squares], { keepdims: 0 });
  });
  const sum = terms.reduce((total, term) => b.op('Add', [total, term]));
  b.output('features', b.op('Div', [sum, b.scalar('float32', terms.length)]));
  b.output('levels', b.op('ReduceMean', [b.op('Abs', [b.op('Sub', pictures)])], { keepdims: 0 }));
  return b.build();
}

const judge = await GraphSession.open(distances(), { threads: 1 });
const frames = await Promise.all(names.map((name) => read(values.frames, name)));
const truth = await Promise.all(names.map((name) => read(values.truth, name)));
const rows = [['frames as they are', frames]];
for (const preset of presets) {
  const painter = await GraphSession.open(readModel(readFileSync(join(preset, 'model.onnx'))), { threads: 1 });
  const painted = [];
  for (const image of frames) painted.push((await painter.run({ image }, ['stylized'])).stylized);
  rows.push([basename(preset), painted]);
  await painter.close();
}
console.log(`| ${network.name} | ${names.map((name) => name.replace('.png', '')).join(' | ')} |`);
for (const [name, painted] of rows) {
  const cells = [];
  for (const [i, one] of painted.entries()) {
    const { features, levels } = await judge.run({ one, other: truth[i] }, ['features', 'levels']);
    cells.push(`${features.data[0].toFixed(4)}, ${levels.data[0].toFixed(4)}`);
  }
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
await judge.close();

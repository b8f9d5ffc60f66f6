// node bench/moving-parts.mjs <folder of photographs> <preset> [preset...]
// People and things, cut out of photographs, move over others: how steady, sharp and free of trails is a painting? For
// each scene, with --steady off and on: warping error along the true motion in what is to be seen in both frames, of all,
// of the people, and within 10 pixels of their borders; crispness over that with --steady off; and trails: the mean
// difference from the painting with --steady off, in levels, where something has come into view.
import { join } from 'node:path';
import { openPainter } from '../dist/engine/open.js';
import { readStyle } from '../dist/model/style.js';
import { cutOuts, layerMotion, SIZE, scenes } from './moving-scenes.mjs';

const [FRAMES, FIRST, BORDER] = [12, 4, 10];
const { width, height } = SIZE;
const [folder, ...presets] = process.argv.slice(2);
if (!folder || presets.length === 0) {
  console.error('node bench/moving-parts.mjs <folder of photographs> <preset> [preset...]');
  process.exit(1);
}

/** Of each pixel: its position in the frame before, and whether it was visible there (1) or covered (2). */
function truth(before, now) {
  const [positions, seen] = [new Float64Array(width * height * 2), new Uint8Array(width * height)];
  const motions = now.layers.map((layer, n) => layerMotion(layer, before.layers[n]));
  for (let i = 0; i < seen.length; i++) {
    const layer = now.layer[i];
    if (layer === 255) continue;
    const [x, y] = motions[layer](i % width, Math.floor(i / width));
    if (!(x >= 0 && y >= 0 && x < width - 1 && y < height - 1)) continue;
    positions.set([x, y], i * 2);
    const at = Math.floor(y) * width + Math.floor(x);
    const four = [at, at + 1, at + width, at + width + 1].map((place) => before.layer[place]);
    if (four.every((other) => other === layer)) seen[i] = 1;
    else if (!four.includes(layer) && !four.includes(255)) seen[i] = 2;
  }
  return { positions, seen };
}

/** Pixels within so many of a border between layers. */
function bordersOf({ layer }) {
  const near = new Uint8Array(layer.length);
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const i = y * width + x;
      if (layer[i] === layer[i - 1] && (y === 0 || layer[i] === layer[i - width])) continue;
      for (let v = Math.max(0, y - BORDER); v <= Math.min(height - 1, y + BORDER); v++) {
        near.fill(1, v * width + Math.max(0, x - BORDER), v * width + Math.min(width, x + BORDER + 1));
      }
    }
  }
  return near;
}

function squaredChange(before, now, x, y, i) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const at = (top * width + left) * 3;
  let sum = 0;
  for (let c = at; c < at + 3; c++) {
    const upper = before[c] + (before[c + 3] - before[c]) * (x - left);
    const lower = before[c + width * 3] + (before[c + width * 3 + 3] - before[c + width * 3]) * (x - left);
    sum += ((now[i * 3 + c - at] - (upper + (lower - upper) * (y - top))) / 255) ** 2;
  }
  return sum / 3;
}

/** Mean |Laplacian| of the luma. */
function crispness(data) {
  const luma = Float32Array.from(
    { length: width * height },
    (_, i) => 0.299 * data[i * 3] + 0.587 * data[i * 3 + 1] + 0.114 * data[i * 3 + 2],
  );
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      sum += Math.abs(4 * luma[i] - luma[i - 1] - luma[i + 1] - luma[i - width] - luma[i + width]);
    }
  }
  return sum / ((width - 2) * (height - 2));
}

function measure(frames, paintings, references) {
  const means = { all: [0, 0], people: [0, 0], borders: [0, 0], trails: [0, 0], crispness: [0, 0] };
  const add = (name, value) => {
    means[name][0] += value;
    means[name][1]++;
  };
  for (let t = FIRST; t < frames.length; t++) {
    const { positions, seen } = truth(frames[t - 1], frames[t]);
    const near = bordersOf(frames[t]);
    for (let i = 0; i < seen.length; i++) {
      if (seen[i] === 2) {
        for (let c = i * 3; c < i * 3 + 3; c++) add('trails', Math.abs(paintings[t][c] - references[t][c]));
      }
      if (seen[i] !== 1) continue;
      const error = squaredChange(paintings[t - 1], paintings[t], positions[i * 2], positions[i * 2 + 1], i);
      add('all', error);
      if (frames[t].layer[i] > 0) add('people', error);
      if (near[i]) add('borders', error);
    }
    add('crispness', crispness(paintings[t]));
  }
  return Object.fromEntries(Object.entries(means).map(([name, [sum, count]]) => [name, sum / count]));
}

async function paint(style, frames, steady) {
  const { painter } = await openPainter(style, SIZE, { mode: 'latency', device: 'cpu', steady });
  const paintings = [];
  for (const [value, { data }] of frames.entries()) {
    const pts = { value, timeBase: { num: 1, den: 25 } };
    paintings.push((await painter.paint({ data: Uint8Array.from(data), ...SIZE, pts })).data);
  }
  await painter.close();
  return paintings;
}

const found = await cutOuts(folder);
const styles = await Promise.all(presets.map((name) => readStyle(join(import.meta.dirname, '../presets', name))));
for await (const { name, frames } of scenes(found, FRAMES)) {
  for (const style of styles) {
    const off = await paint(style, frames, false);
    const [before, after] = [measure(frames, off, off), measure(frames, await paint(style, frames, true), off)];
    const share = (figure) => (after[figure] / before[figure]).toFixed(2);
    console.log(
      `${name}, ${style.name}: off ${before.all.toFixed(5)} on ${after.all.toFixed(5)} (${share('all')}; people ` +
        `${share('people')}, borders ${share('borders')}), crispness ${share('crispness')}, trails ${after.trails.toFixed(1)}`,
    );
  }
}

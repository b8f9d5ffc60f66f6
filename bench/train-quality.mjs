// node bench/train-quality.mjs --style picture.jpg --loss-network vgg19.safetensors [--clips folder] <model.onnx>…
// What a style does to clips whose motion is known exactly: warping error between frames that follow each other (mean
// over the pairs), beside the style distance, because a blurred picture is stable too. With several networks, the
// ratio to the first.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readModel } from '../dist/graph/onnx-read.js';
import { distanceModel } from '../dist/quality/distance.js';
import { shift, zoom } from '../dist/quality/motion.js';
import { warpingError } from '../dist/quality/warping.js';
import { openLossNetwork } from '../dist/train/loss-network.js';
import { Session } from '../dist/train/session.js';
import { measureStyle } from '../dist/train/style-picture.js';

const { values, positionals } = parseArgs({
  options: {
    style: { type: 'string' },
    'loss-network': { type: 'string' },
    clips: { type: 'string', default: '../shared/data/videos' },
    frames: { type: 'string', default: '12' },
  },
  allowPositionals: true,
});
const CLIPS = {
  camera_pan: shift(-2, -1),
  camera_pan_subpixel: shift(-1.37, 0.61),
  camera_zoom: zoom(1.4 ** (1 / 119), 320, 180),
};
const [WIDTH, HEIGHT] = [640, 360];
// The largest part of a frame that the pyramid of the style distance divides.
const [CUT_WIDTH, CUT_HEIGHT] = [640, 352];

const network = await openLossNetwork(values['loss-network']);
const target = values.style && (await measureStyle([values.style], network, { scale: 1, scales: 4, threads: 2 }));
const judge = target && (await Session.open(distanceModel(network, target, CUT_WIDTH, CUT_HEIGHT), { threads: 2 }));
const first = new Map();
for (const path of [undefined, ...positionals]) {
  const painter = path && (await Session.open(readModel(readFileSync(path)), { threads: 2 }));
  for (const [clip, motion] of Object.entries(CLIPS)) {
    const file = join(values.clips, `${clip}.mp4`);
    if (!existsSync(file)) continue;
    const frames = decode(file, Number(values.frames));
    const painted = [];
    for (const frame of frames) painted.push(painter ? await paint(painter, frame) : frame);
    const errors = painted.slice(1).map((later, i) => warpingError(painted[i], later, motion));
    const error = errors.reduce((sum, value) => sum + value, 0) / errors.length;
    const style = judge && (await styleDistance(painted[0]));
    const known = first.get(clip);
    if (path && known === undefined) first.set(clip, error);
    const ratio = path && known !== undefined ? `, ${(error / known).toFixed(2)} of the first` : '';
    console.log(
      `${path ?? 'the clip itself'}: ${clip}: warping error ${error.toFixed(5)}${ratio}${style === undefined ? '' : `, style distance ${style.toFixed(3)}`}`,
    );
  }
  await painter?.close();
}
await judge?.close();

function decode(file, count) {
  const raw = ['-frames:v', String(count), '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', file, ...raw], { maxBuffer: 2 ** 30 });
  const size = WIDTH * HEIGHT * 3;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => ({
    data: new Uint8Array(bytes.subarray(i * size, (i + 1) * size)),
    width: WIDTH,
    height: HEIGHT,
  }));
}

async function paint(painter, frame) {
  const { stylized } = await painter.run({ image: planes(frame, HEIGHT) }, ['stylized']);
  const area = WIDTH * HEIGHT;
  const data = Uint8Array.from({ length: 3 * area }, (_, i) =>
    Math.round(stylized.data[(i % 3) * area + Math.floor(i / 3)] * 255),
  );
  return { ...frame, data };
}

async function styleDistance(frame) {
  const picture = planes(frame, CUT_HEIGHT);
  const { style } = await judge.run({ painted: picture, photograph: picture }, ['style']);
  return style.data[0];
}

/** The first rows of a frame as a tensor. */
function planes({ data }, height) {
  const area = WIDTH * height;
  const values = Float32Array.from({ length: 3 * area }, (_, i) => data[(i % area) * 3 + Math.floor(i / area)] / 255);
  return { type: 'float32', dims: [1, 3, height, WIDTH], data: values };
}

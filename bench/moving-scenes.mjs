import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { PersonMask } from '../dist/engine/painter/person-mask.js';

// Scenes for bench/moving-parts.mjs: people, cut out of photographs, move over photographs that move otherwise. The
// motion of every pixel is known, and what of a frame was to be seen in the one before.

export const SIZE = { width: 640, height: 360 };
/** Pictures are sampled from this many times their size in the scene, so that sharpness does not depend on position. */
const FINE = 2;
/** Of a person's mask this share may be unsure; more is often something else. */
const UNSURE = 0.1;
/** Deviation of the camera's noise in levels. */
const NOISE = 1.5;
/** Below and above these shares of cover a pixel belongs to one layer alone. */
const PURE = [0.02, 0.98];

/** Pixels a frame of the first person, motion of the background a frame, and turn of the people in degrees. */
const SCENES = [
  { name: 'people 2, background still', speed: 2, background: { x: 0, y: 0, zoom: 1 }, turn: 0 },
  { name: 'people 4, background pans', speed: 4, background: { x: -2.3, y: 0.6, zoom: 1 }, turn: 0 },
  { name: 'people 8, background zooms', speed: 8, background: { x: 0, y: 0, zoom: 1.004 }, turn: 0.3 },
  { name: 'people 15, background pans', speed: 15, background: { x: 3.7, y: -1.1, zoom: 1 }, turn: 0.5 },
  { name: 'people 25, background still', speed: 25, background: { x: 0, y: 0, zoom: 1 }, turn: 0 },
  { name: 'people 40, background pans', speed: 40, background: { x: -12.6, y: 1.7, zoom: 1 }, turn: 0 },
];

/**
 * Sorts the photographs of a folder: `people`, cut out, with an alpha channel, and `places` without people.
 *
 * @param most of each
 */
export async function cutOuts(folder, most = 6) {
  const [people, places] = [[], []];
  const finder = await PersonMask.open(SIZE, 1);
  for (const name of readdirSync(folder).sort()) {
    if (!/\.(jpe?g|png)$/i.test(name) || (people.length >= most && places.length >= most)) continue;
    const path = join(folder, name);
    const fitted = sharp(path)
      .resize({ ...SIZE, fit: 'contain', background: '#808080' })
      .removeAlpha();
    const data = new Uint8Array(await fitted.raw().toBuffer());
    finder.reset();
    const { data: mask } = await finder.find(data);
    const cover = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    if (cover < 0.004 && places.length < most) places.push({ path });
    const sure = mask.filter((value) => value > 0.2 && value < 0.8).length < UNSURE * cover * mask.length;
    if (sure && cover > 0.08 && cover < 0.6 && people.length < most) people.push({ name, ...cutOut(data, mask) });
  }
  await finder.close();
  if (people.length === 0 || places.length === 0) {
    throw new Error(
      `${folder} has ${people.length} photographs of people and ${places.length} of places; expected both.`,
    );
  }
  return { people, places };
}

/** RGBA of the part that the mask covers. */
function cutOut(data, mask) {
  const { width, height } = SIZE;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] < 0.5) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  const size = { width: right - left + 1, height: bottom - top + 1 };
  const rgba = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const from = (y + top) * width + x + left;
      // A sharp border: a soft one would belong to neither layer.
      const alpha = Math.min(1, Math.max(0, (mask[from] - 0.5) * 4 + 0.5));
      rgba.set([...data.subarray(from * 3, from * 3 + 3), Math.round(alpha * 255)], (y * size.width + x) * 4);
    }
  }
  return { rgba, ...size };
}

/** The scenes, each with the layers of every frame: those behind first. @param frames in each scene */
export async function* scenes({ people, places }, frames) {
  for (const [n, { name, speed, background, turn }] of SCENES.entries()) {
    const place = await fine(sharp(places[n % places.length].path), 1.3 * SIZE.width, 1.3 * SIZE.height);
    const persons = await Promise.all(
      [0.75, 0.55].map((share, i) => {
        const { rgba, width, height } = people[(2 * n + i) % people.length];
        const scale = Math.min((share * SIZE.height) / height, (0.45 * SIZE.width) / width);
        return fine(sharp(rgba, { raw: { width, height, channels: 4 } }), scale * width, scale * height);
      }),
    );
    const middle = { x: SIZE.width / 2, y: SIZE.height / 2 };
    const reach = Math.min(speed * frames, SIZE.width - 80) / 2;
    const layersAt = (t) => {
      const ahead = speed * t - reach;
      return [
        {
          picture: place,
          x: middle.x + background.x * t,
          y: middle.y + background.y * t,
          zoom: background.zoom ** t,
          angle: 0,
        },
        {
          picture: persons[1],
          x: middle.x - 0.6 * ahead + 40,
          y: middle.y - 40 + 0.2 * ahead,
          zoom: 1,
          angle: -turn * t,
        },
        { picture: persons[0], x: middle.x + ahead, y: middle.y + 50 - 0.1 * ahead, zoom: 1.003 ** t, angle: turn * t },
      ];
    };
    yield { name, speed, frames: Array.from({ length: frames }, (_, t) => render(layersAt(t), t, n)) };
  }
}

async function fine(picture, width, height) {
  const size = { width: Math.round(FINE * width), height: Math.round(FINE * height) };
  const { data, info } = await picture
    .resize({ ...size, fit: 'cover' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** One frame: `data` RGB24, `layer` of each pixel (255 where two share it), `layers` as given. */
function render(layers, t, seed) {
  const { width, height } = SIZE;
  const data = new Uint8Array(width * height * 3);
  const layer = new Uint8Array(width * height);
  const inverses = layers.map(toPicture);
  const normal = normals(seed * 1000 + t + 1);
  for (let i = 0; i < layer.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    let colour = [128, 128, 128];
    let top = 0;
    let pure = true;
    for (const [n, { picture }] of layers.entries()) {
      const [u, v] = inverses[n](x, y);
      const [r, g, b, a] = sampled(picture, u, v, n === 0);
      const cover = a / 255;
      if (cover < PURE[0]) continue;
      pure = cover > PURE[1];
      top = n;
      colour = [r, g, b].map((value, c) => colour[c] + (value - colour[c]) * cover);
    }
    layer[i] = pure ? top : 255;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = Math.min(255, Math.max(0, Math.round(colour[c] + NOISE * normal())));
  }
  return { data, layer, layers };
}

/** Maps a pixel of the frame to the picture of a layer. */
function toPicture({ picture, x, y, zoom, angle }) {
  const scale = FINE / zoom;
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  return (px, py) => {
    const [dx, dy] = [px - x, py - y];
    return [picture.width / 2 + scale * (cos * dx + sin * dy), picture.height / 2 + scale * (cos * dy - sin * dx)];
  };
}

/** Maps a pixel of a layer in one frame to its position in another. */
export function layerMotion(from, to) {
  const inverse = toPicture(from);
  const scale = to.zoom / FINE;
  const [cos, sin] = [Math.cos((to.angle * Math.PI) / 180), Math.sin((to.angle * Math.PI) / 180)];
  return (px, py) => {
    const [u, v] = inverse(px, py);
    const [dx, dy] = [u - from.picture.width / 2, v - from.picture.height / 2];
    return [to.x + scale * (cos * dx - sin * dy), to.y + scale * (cos * dy + sin * dx)];
  };
}

/** RGBA, linearly; beyond the border transparent, or mirrored. */
function sampled({ data, width, height }, u, v, mirrored) {
  let [x, y] = [u, v];
  if (mirrored) {
    x = Math.min(width - 1.001, Math.abs(x));
    y = Math.min(height - 1.001, Math.abs(y));
    if (u > width - 1) x = Math.max(0, 2 * (width - 1) - u - 0.001);
    if (v > height - 1) y = Math.max(0, 2 * (height - 1) - v - 0.001);
  } else if (x < 0 || y < 0 || x >= width - 1 || y >= height - 1) return [0, 0, 0, 0];
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [h, w] = [x - left, y - top];
  const at = (top * width + left) * 4;
  const below = at + width * 4;
  return [0, 1, 2, 3].map((c) => {
    const upper = data[at + c] + (data[at + 4 + c] - data[at + c]) * h;
    const lower = data[below + c] + (data[below + 4 + c] - data[below + c]) * h;
    return upper + (lower - upper) * w;
  });
}

/** Normal deviates from a seed (Marsaglia's xorshift, and Box and Muller). */
function normals(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

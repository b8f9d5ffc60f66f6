// node bench/style-pictures.mjs <portrait.png> [folder]
// Draws the style pictures of the presets for faces from a photograph: ink and wash, pencil, cel shading. The same
// photograph gives the same pictures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { fewColours, flattened, outlinedAreas } from './areas.mjs';
import { blur, contours, edgeDirections, lay, noise, randomNumbers, strokes } from './drawing.mjs';

const [source, folder = 'presets/pictures'] = process.argv.slice(2);
if (!source) {
  console.error('node bench/style-pictures.mjs <portrait.png> [folder]');
  process.exit(1);
}
/** Drawn at twice the size, so that strokes have soft edges when it is halved. */
const [WIDTH, HEIGHT] = [1280, 1280];
const OUT = 640;
/** Greys become these, dark to light. */
const COOL = [
  [0.09, 0.09, 0.28],
  [0.13, 0.3, 0.52],
  [0.36, 0.68, 0.74],
  [0.74, 0.88, 0.84],
  [0.99, 0.96, 0.87],
];

const { data } = await sharp(source)
  .resize(WIDTH, HEIGHT, { fit: 'cover', position: 'top', kernel: 'lanczos3' })
  .removeAlpha()
  .toColourspace('srgb')
  .raw()
  .toBuffer({ resolveWithObject: true });
const channels = [0, 1, 2].map((c) => Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => data[i * 3 + c] / 255));
const luminance = channels[0].map((r, i) => 0.299 * r + 0.587 * channels[1][i] + 0.114 * channels[2][i]);
const soft = blur(luminance, WIDTH, HEIGHT, 4);
const tone = localContrast(soft);
const form = edgeDirections(blur(luminance, WIDTH, HEIGHT, 6), WIDTH, HEIGHT, 14);

mkdirSync(folder, { recursive: true });
for (const [name, draw] of Object.entries({ ink, pencil, cel })) {
  const planes = draw();
  const bytes = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < WIDTH * HEIGHT; i++) bytes[i * 3 + c] = Math.max(0, Math.min(255, planes[c][i] * 255 + 0.5));
  const file = join(folder, `${name}.jpg`);
  const { size } = await sharp(bytes, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .resize(OUT, Math.round((OUT * HEIGHT) / WIDTH), { kernel: 'cubic' })
    .jpeg({ quality: 74, mozjpeg: true, chromaSubsampling: '4:4:4' })
    .toFile(file);
  console.log(`${file}: ${size} bytes`);
}

/** Tones that use the whole range, 0 to 1: partly equalised, and lifted or deepened around their surroundings. */
function localContrast(plane) {
  const counts = new Float64Array(256);
  for (const value of plane) counts[Math.min(255, Math.floor(value * 256))]++;
  let below = 0;
  const rank = Array.from(counts, (count) => {
    below += count;
    return below / plane.length;
  });
  const around = blur(plane, WIDTH, HEIGHT, 60);
  return plane.map((value, i) => {
    const equal = rank[Math.min(255, Math.floor(value * 256))];
    return Math.max(0, Math.min(1, 0.45 * value + 0.5 * equal + 1.1 * (value - around[i])));
  });
}

/** The direction of a hatching: along the form where that is clear, else at a fixed angle. */
function hatching(fixed, follow) {
  return (x, y) => {
    const i = Math.round(y) * WIDTH + Math.round(x);
    const share = follow * form.clarity[i];
    const [c, s] = [Math.cos(2 * fixed), Math.sin(2 * fixed)];
    return (
      0.5 *
      Math.atan2(
        s * (1 - share) + Math.sin(2 * form.angle[i]) * share,
        c * (1 - share) + Math.cos(2 * form.angle[i]) * share,
      )
    );
  };
}

/** Layers of strokes over each other, each where the tone is darker than its own. */
function hatch(ink, random, layers) {
  for (const { below, angle, follow, spacing, length, radius, strength, jitter } of layers) {
    const want = (x, y) => {
      const value = tone[Math.round(y) * WIDTH + Math.round(x)];
      return value > below ? 0 : spacing * (0.7 + 0.9 * (value / below));
    };
    for (const path of strokes(WIDTH, HEIGHT, hatching(angle, follow), want, random, { length, jitter })) {
      lay(ink, WIDTH, HEIGHT, path, radius * (0.8 + 0.4 * random()), strength * (0.8 + 0.4 * random()), random);
    }
  }
}

/** Pen lines and brushed washes of indigo on warm paper. */
function ink() {
  const random = randomNumbers(11);
  const line = new Float32Array(WIDTH * HEIGHT);
  hatch(line, random, [
    { below: 0.52, angle: -0.7, follow: 0.9, spacing: 13, length: 150, radius: 1.5, strength: 0.95, jitter: 0.1 },
    { below: 0.32, angle: 0.6, follow: 0.4, spacing: 13, length: 130, radius: 1.6, strength: 0.95, jitter: 0.1 },
  ]);
  const outline = contours(luminance, WIDTH, HEIGHT, {
    deviation: 2.3,
    tau: 0.978,
    threshold: 0.006,
    steepness: 90,
    reach: 14,
  });
  const wander = [noise(WIDTH, HEIGHT, 14, random), noise(WIDTH, HEIGHT, 14, random)];
  const grain = noise(WIDTH, HEIGHT, 1.6, random);
  const cloud = noise(WIDTH, HEIGHT, 30, random);
  const wash = new Float32Array(WIDTH * HEIGHT);
  const flat = blur(tone, WIDTH, HEIGHT, 5);
  for (const [below, depth] of [
    [0.8, 0.14],
    [0.62, 0.2],
    [0.45, 0.28],
    [0.28, 0.42],
    [0.15, 0.7],
  ]) {
    const area = new Float32Array(WIDTH * HEIGHT);
    for (let i = 0; i < area.length; i++) {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      const sx = Math.max(0, Math.min(WIDTH - 1, Math.round(x + wander[0][i] * 5)));
      const sy = Math.max(0, Math.min(HEIGHT - 1, Math.round(y + wander[1][i] * 5)));
      area[i] = smooth((below - flat[sy * WIDTH + sx] + cloud[i] * 0.012) / 0.012);
    }
    // Pigment gathers where the wet edge dried.
    const inner = blur(area, WIDTH, HEIGHT, 7);
    for (let i = 0; i < wash.length; i++) {
      const edge = Math.max(0, area[i] - inner[i]) * 0.9;
      const laid = area[i] * depth * (0.85 + 0.12 * cloud[i] + 0.06 * grain[i]) + edge * depth;
      wash[i] = 1 - (1 - wash[i]) * (1 - Math.max(0, Math.min(0.9, laid)));
    }
  }
  return [0, 1, 2].map((c) =>
    wash.map((value, i) => {
      const paper = [0.965, 0.94, 0.885][c] + grain[i] * 0.006;
      const wet = paper * (1 - value) + [0.13, 0.2, 0.36][c] * value;
      const dark = 1 - (1 - line[i]) * (1 - outline[i]);
      return wet * (1 - dark) + [0.05, 0.06, 0.1][c] * dark;
    }),
  );
}

/** Graphite on rough paper: layers of soft strokes, lifted by the grain. */
function pencil() {
  const random = randomNumbers(23);
  const tooth = noise(WIDTH, HEIGHT, 1.3, random);
  const laid = new Float32Array(WIDTH * HEIGHT);
  hatch(laid, random, [
    { below: 0.95, angle: -0.85, follow: 0.3, spacing: 6, length: 120, radius: 2.4, strength: 0.16, jitter: 0.15 },
    { below: 0.76, angle: -0.7, follow: 0.6, spacing: 5.5, length: 100, radius: 2.3, strength: 0.22, jitter: 0.2 },
    { below: 0.55, angle: -1.15, follow: 0.65, spacing: 5.5, length: 90, radius: 2.3, strength: 0.3, jitter: 0.25 },
    { below: 0.36, angle: -0.5, follow: 0.6, spacing: 5, length: 80, radius: 2.4, strength: 0.4, jitter: 0.25 },
    { below: 0.18, angle: -0.95, follow: 0.4, spacing: 5, length: 80, radius: 2.6, strength: 0.45, jitter: 0.25 },
  ]);
  const settings = { deviation: 2, tau: 0.98, threshold: 0.004, steepness: 55, reach: 12 };
  const outline = contours(luminance, WIDTH, HEIGHT, settings);
  const rubbed = blur(laid, WIDTH, HEIGHT, 3);
  return [0, 1, 2].map((c) =>
    laid.map((value, i) => {
      const lead = 1 - (1 - (0.65 * value + 0.35 * rubbed[i])) * (1 - 0.7 * outline[i]);
      const cover = Math.max(0, Math.min(0.93, lead * 1.02 - tooth[i] * 0.11 * Math.sqrt(lead * (1.1 - lead))));
      const paper = [0.955, 0.945, 0.92][c] + tooth[i] * 0.006;
      return paper * (1 - cover) + [0.15, 0.15, 0.17][c] * cover;
    }),
  );
}

/** Flat colours in few tones, dots in the shade, and black contours, as in an animated film or a comic. */
function cel() {
  const random = randomNumbers(37);
  const flat = flattened(channels, WIDTH, HEIGHT, 9);
  const { label, colours } = fewColours(flat, 13, random);
  const painted = outlinedAreas(label, WIDTH, HEIGHT, colours.length, 5);
  const settings = { deviation: 2.4, tau: 0.98, threshold: 0.001, steepness: 160, reach: 16 };
  const outline = contours(luminance, WIDTH, HEIGHT, settings);
  const inks = colours.map(celColour);
  const planes = [0, 1, 2].map(() => new Float32Array(WIDTH * HEIGHT));
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const { colour, dots } = inks[painted[i]];
    const line = Math.min(1, outline[i] * 1.1);
    const [u, v] = [(i % WIDTH) + Math.floor(i / WIDTH), (i % WIDTH) - Math.floor(i / WIDTH)];
    const from = Math.hypot((((u % 19) + 19) % 19) - 9.5, (((v % 19) + 19) % 19) - 9.5) / Math.SQRT2;
    const dot = Math.max(0, Math.min(1, dots * 6 - from + 0.5)) * 0.55;
    for (let c = 0; c < 3; c++) {
      const value = colour[c] * (1 - dot) + [0.1, 0.08, 0.3][c] * dot;
      planes[c][i] = value * (1 - line) + [0.04, 0.03, 0.08][c] * line;
    }
  }
  return planes;
}

/** A paint for a colour: purer, its shades turned towards violet, greys turned cool; and how large the dots on it are. */
function celColour(colour) {
  const light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];
  const lifted = smooth(0.1 + 0.9 * light);
  const at = Math.min(COOL.length - 1.001, lifted * (COOL.length - 1));
  const [low, high] = [COOL[Math.floor(at)], COOL[Math.floor(at) + 1]];
  const grey = 1 - smooth((Math.max(...colour) - Math.min(...colour) - 0.06) / 0.14);
  const painted = colour.map((value, c) => {
    const pure = lifted + (value - light) * 1.55 + (1 - lifted) * [0.02, -0.03, 0.13][c];
    const cool = low[c] + (high[c] - low[c]) * (at - Math.floor(at));
    return Math.max(0, Math.min(1, pure * (1 - grey) + cool * grey));
  });
  return { colour: painted, dots: light > 0.2 && light < 0.75 ? 0.85 - light : 0 };
}

function smooth(t) {
  const x = Math.max(0, Math.min(1, t));
  return x * x * (3 - 2 * x);
}

// npm run gallery [-- --figures eval.jsonl] Renders every preset on the photographs in presets/, writes thumbnail and
// sample beside each (and a thumbnail of each style of a network of many), its cheap figures (and those of "stylecast
// eval … --json > eval.jsonl") into its manifest, and the gallery: presets/README.md and docs/gallery.jpg.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { costOf } from '../dist/evaluate/report/cost.js';
import { openPainter, readImage } from '../dist/index.js';
import { readStyle } from '../dist/model/style.js';
import { addThumbnails } from '../dist/train/report/thumbnails.js';

const { values } = parseArgs({ options: { figures: { type: 'string' } } });
const PRESETS = 'presets';
const PHOTOGRAPHS = ['portrait', 'castle', 'night'].map((name) => join(PRESETS, 'photographs', `${name}.jpg`));
const [WIDTH, HEIGHT] = [640, 360];
const COLUMNS = 4;
/** Figures of an evaluation that a manifest keeps. */
const KEPT = 'strokes structure person style sourceStyle content ssim warping sourceWarping flicker'.split(' ');
const TIERS = ['tiny', 'lite', 'standard', 'fine', 'foreign'];

const tierOf = ({ manifest }) => TIERS.indexOf(manifest.tier);
const measured = values.figures ? readFigures(values.figures) : new Map();
const sources = [];
for (const file of PHOTOGRAPHS) sources.push((await readImage(file, { width: WIDTH, height: HEIGHT })).frame);

const presets = [];
for (const name of readdirSync(PRESETS)) {
  const folder = join(PRESETS, name);
  const found = await readStyle(folder).catch((error) => {
    if (error.code !== 'PRESET_NO_MANIFEST' && error.code !== 'PRESET_NOT_FOUND') throw error;
  });
  if (!found) continue;
  await addThumbnails(found);
  const style = await readStyle(folder);
  const results = await paint(style);
  await (await row(results)).toFile(join(folder, 'sample.jpg'));
  const figures = await record(style, folder);
  presets.push({ ...style, figures, result: results[0] });
  console.log(`${name}: ${figures.gmac} GMAC`);
}
presets.sort((a, b) =>
  a.manifest.title < b.manifest.title ? -1 : a.manifest.title > b.manifest.title ? 1 : tierOf(a) - tierOf(b),
);
await (await row(sources)).toFile(join(PRESETS, 'photographs.jpg'));
writeFileSync(join(PRESETS, 'README.md'), page());
await poster();

async function paint(style) {
  const { painter } = await openPainter(style, { width: WIDTH, height: HEIGHT }, { mode: 'latency', device: 'cpu' });
  try {
    const results = [];
    for (const each of sources) results.push(await painter.paint({ ...each, data: Uint8Array.from(each.data) }));
    return results;
  } finally {
    await painter.close();
  }
}

/** Puts figures and the sample's name into a manifest. */
async function record({ name, ...style }, folder) {
  const file = join(folder, 'preset.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const { gmac, parameters } = await costOf({ name, ...style });
  const figures = { ...manifest.figures, gmac, parameters, ...measured.get(name) };
  const whole = { ...manifest, figures, sample: 'sample.jpg' };
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  return figures;
}

/** The figures of each style in the last line of an evaluation. */
function readFigures(file) {
  const { styles } = JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1));
  const digits = (value, count) => (typeof value === 'number' ? Number(value.toPrecision(count)) : undefined);
  return new Map(
    styles.map(({ name, speed, ...measures }) => {
      const figures = Object.fromEntries([['ms', speed.ms], ...KEPT.map((key) => [key, measures[key]])]);
      const known = Object.entries(figures).map(([key, value]) => [key, digits(value, 3)]);
      return [name, Object.fromEntries(known.filter(([, value]) => value !== undefined))];
    }),
  );
}

function jpeg({ data, width, height }, quality) {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** Pictures side by side. */
async function row(pictures) {
  const [width, height] = [WIDTH / 2, HEIGHT / 2];
  const layers = [];
  for (const [i, picture] of pictures.entries()) {
    const input = await sharp(await jpeg(picture, 100))
      .resize(width, height)
      .toBuffer();
    layers.push({ input, left: i * (width + 6), top: 0 });
  }
  const size = { width: pictures.length * (width + 6) - 6, height };
  return sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(layers)
    .jpeg({ quality: 84, mozjpeg: true });
}

/** Each painting once, with the networks after it from the smallest to the largest. */
function page() {
  const titles = [...new Set(presets.map(({ manifest }) => manifest.title))];
  const sections = titles.map((title) => {
    const same = presets.filter(({ manifest }) => manifest.title === title);
    const [{ manifest }] = same;
    const after = manifest.credits.map(({ title, author, year }) =>
      author === 'unknown' ? title : `${author}, *${title}*${year ? ` (${year})` : ''}`,
    );
    return [
      `## ${title}`,
      [...(manifest.description ? [manifest.description] : []), `After ${after.join('; ')}.`].join(' '),
      ...same.flatMap(({ name, manifest: { tier, modulation }, figures }) => [
        `![${title}, ${tier}](${name}/sample.jpg)`,
        `\`--style ${name}\` · ${tier} · ${facts(figures)}`,
        ...(modulation ? [wall(name, modulation.styles)] : []),
      ]),
    ].join('\n\n');
  });
  return `# Gallery

All presets on the same three photographs, each painting once; larger networks after the same painting stand below the
smallest. What the figures mean is in [docs/quality.md](../docs/quality.md); whom to thank for the pictures in
[LICENSES](LICENSES) and in each preset's \`preset.json\`.

![The photographs](photographs.jpg)

${sections.join('\n\n')}
`;
}

/** A table of the styles of a network of many, each with its name, on the first photograph. */
function wall(preset, styles) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rows = [];
  for (let i = 0; i < styles.length; i += COLUMNS) {
    const some = styles.slice(i, i + COLUMNS);
    rows.push(line(some.map(({ name, thumbnail }) => `![${name}](${preset}/${thumbnail})`)));
    if (i === 0) rows.push(line(some.map(() => ':-:')));
    rows.push(line(some.map(({ name }) => `\`:${name}\``)));
  }
  return rows.join('\n');
}

function facts({ gmac, parameters, ms, strokes, structure, person, warping, sourceWarping, flicker }) {
  return [
    `${gmac.toFixed(2)} GMAC`,
    `${parameters.toLocaleString('en')} weights`,
    ...(ms === undefined ? [] : [`${ms} ms a frame of 640×360 where it was measured`]),
    ...(strokes === undefined ? [] : [`strokes ${strokes}, structure ${structure}`]),
    ...(person === undefined ? [] : [`person's outline kept ${person}`]),
    ...(warping === undefined ? [] : [`warping error ${warping} (source: ${sourceWarping})`]),
    ...(flicker === undefined ? [] : [`flicker ${flicker} of the source's`]),
  ].join(' · ');
}

/** The portrait and what the styles in real time make of it, in a grid. */
async function poster() {
  const shown = presets.filter(({ manifest: { tier, modulation } }) => tier === 'lite' && !modulation);
  const pictures = [sources[0], ...shown.map(({ result }) => result)];
  const columns = Math.min(4, pictures.length);
  const [width, height] = [WIDTH / 2, HEIGHT / 2];
  const layers = [];
  for (const [i, picture] of pictures.entries()) {
    const input = await sharp(await jpeg(picture, 100))
      .resize(width, height)
      .toBuffer();
    layers.push({ input, left: (i % columns) * (width + 4), top: Math.floor(i / columns) * (height + 4) });
  }
  const size = {
    width: columns * (width + 4) - 4,
    height: Math.ceil(pictures.length / columns) * (height + 4) - 4,
  };
  await sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(layers)
    .jpeg({ quality: 84, mozjpeg: true })
    .toFile('docs/gallery.jpg');
}

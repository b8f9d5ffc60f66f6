import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Gallery } from '#src/live/settings/gallery/gallery.js';
import { noiseInputOf, smoothNoise } from '#src/model/manifest/noise.js';
import { vectorsOf } from '#src/model/style-vectors.js';
import { identity, styleOf } from '../../../engine/networks.js';
import { freshFolder } from '../../../fixtures/ffmpeg.js';
import { manyStyles } from '../../../fixtures/many-styles.js';

const many = await manyStyles('many', ['wave', 'scream']);
const single = { ...styleOf(identity), name: 'single' };

test('the strokes of networks that take noise vary, of each of their styles alike; others stay', async () => {
  const gallery = await Gallery.open([many, single], { vary: 0.4, varySeed: 3 });
  const plain = await Gallery.open([many, single]);
  for (const name of ['many:wave', 'many:scream']) {
    const [style, before] = [await gallery.style(name), await plain.style(name)];
    expect(noiseInputOf(style.manifest)!.default).toEqual(smoothNoise([32, 64, 64], 3, 0.4));
    expect(noiseInputOf(before.manifest)!.default).toBe(0);
    expect(vectorsOf(style.manifest)).toEqual(vectorsOf(before.manifest));
  }
  expect(await gallery.style('single')).toBe(await plain.style('single'));
});

test('a painting has one title, whatever paints it, and its painter', async () => {
  const credits = [{ title: 'The Wave', author: 'Somebody', sha256: 'a'.repeat(64) }];
  const preset = { ...single, name: 'night', manifest: { ...single.manifest, title: 'The Night', credits } };
  const plain = await manyStyles('other', ['night', 'kiss', 'wave']);
  const modulation = plain.manifest.modulation!;
  const styles = modulation.styles.map((one) => (one.name === 'wave' ? { ...one, sha256: 'a'.repeat(64) } : one));
  const other = { ...plain, manifest: { ...plain.manifest, credits, modulation: { ...modulation, styles } } };
  const { cards } = await Gallery.open([preset, other]);
  const given = cards.filter(({ name }) => /^(other:.*|night)$/.test(name));
  expect(given.map(({ name, title, artist }) => [name, title, artist])).toEqual([
    ['night', 'The Night', 'Somebody'],
    ['other:night', 'The Night', undefined],
    ['other:kiss', 'Kiss', undefined],
    ['other:wave', 'The Wave', 'Somebody'],
  ]);
  const shipped = cards.filter(({ title }) => title === 'The Scream');
  expect(shipped.map(({ name, artist }) => [name, artist])).toEqual([
    ['painters:the-scream', 'Edvard Munch'],
    ['the-scream', 'Edvard Munch'],
  ]);
});

test('a small picture leads to no other file, and is one', async () => {
  const folder = freshFolder();
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#246' } })
    .jpeg()
    .toBuffer();
  const elsewhere = join(folder, 'elsewhere.jpg');
  writeFileSync(elsewhere, jpeg);
  const cards: Record<string, (path: string) => void> = {
    right: (path) => writeFileSync(path, jpeg),
    linked: (path) => symlinkSync(elsewhere, path),
    within: (path) => {
      writeFileSync(join(path, '../real.jpg'), jpeg);
      symlinkSync('real.jpg', path);
    },
    text: (path) => writeFileSync(path, 'a secret'),
    svg: (path) => writeFileSync(path, '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
    large: (path) => writeFileSync(path, Buffer.concat([jpeg, Buffer.alloc(2 ** 20)])),
    folder: (path) => mkdirSync(path),
  };
  const given = Object.entries(cards).map(([name, make]) => {
    const preset = join(folder, name);
    mkdirSync(preset);
    make(join(preset, 'thumbnail.jpg'));
    return { ...styleOf(identity), name, folder: preset };
  });
  const gallery = await Gallery.open(given);
  const served: string[] = [];
  for (const { name } of given) if (await gallery.thumbnail(name)) served.push(name);
  expect(served).toEqual(['right', 'within']);
  expect(await gallery.thumbnail('right')).toEqual({ body: jpeg, type: 'image/jpeg' });
  // What leads elsewhere is not even offered.
  const offered = gallery.cards.filter(({ thumbnail }) => thumbnail !== undefined).map(({ name }) => name);
  expect(offered).toEqual(expect.arrayContaining(['right', 'within']));
  expect(offered).not.toContain('linked');
  expect(offered).not.toContain('folder');
});

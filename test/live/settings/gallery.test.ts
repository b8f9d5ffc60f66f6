import { expect, test } from 'vitest';
import { Gallery } from '#src/live/settings/gallery.js';
import { vectorsOf } from '#src/model/blend.js';
import { noiseInputOf, smoothNoise } from '#src/model/manifest/noise.js';
import { identity, styleOf } from '../../engine/networks.js';
import { manyStyles } from '../../fixtures/many-styles.js';

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

test('styles with one title are distinguished by their presets', async () => {
  const other = await manyStyles('other', ['wave', 'kiss']);
  const { cards } = await Gallery.open([many, other, { ...single, manifest: { ...single.manifest, title: 'Kiss' } }]);
  const given = cards.filter(({ name }) => /^(many|other|single)\b/.test(name));
  expect(given.map(({ name, title }) => [name, title])).toEqual([
    ['many:wave', 'Wave (many)'],
    ['many:scream', 'Scream'],
    ['other:wave', 'Wave (other)'],
    ['other:kiss', 'Kiss (other)'],
    ['single', 'Kiss'],
  ]);
});

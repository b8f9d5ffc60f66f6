import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { matchTargets } from '#src/evaluate/sources/targets.js';
import { namedStyle } from '#src/model/blend.js';
import { findStyle } from '#src/model/library/find.js';
import type { Style } from '#src/model/style.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { manyStyles } from '../../fixtures/many-styles.js';

test('paintings bring their picture, or are counted behind the styles', async () => {
  const folder = freshFolder();
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.png`), name);
  const path = (name: string) => join(folder, `${name}.png`);
  const style = await findStyle(new URL('../../fixtures/local-network', import.meta.url).pathname);
  const paintings = [
    { folder: 'x', stylePicture: path('a') },
    { folder: 'y', stylePicture: path('c') },
    { folder: 'z' },
  ];
  const brought = await matchTargets([style], [path('b'), path('a')], paintings);
  expect(brought.pictures.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  expect(brought.own).toEqual([undefined, 1, 2, undefined]);
  const counted = await matchTargets([style], [path('b'), path('a')], [{ folder: 'z' }]);
  expect(counted.own).toEqual([0, 1]);
  await expect(matchTargets([], [], [{ folder: 'z', stylePicture: path('d') }])).rejects.toThrow(
    `The style picture ${path('d')} cannot be read: ENOENT`,
  );
});

test('of many styles each has its own picture; the preset that of its first', async () => {
  const folder = freshFolder();
  const many = await manyStyles('many', ['wave', 'scream']);
  const pictures = { wave: 'z.png', scream: 'a.png' };
  for (const [name, file] of Object.entries(pictures)) writeFileSync(join(folder, file), name);
  const modulation = {
    ...many.manifest.modulation!,
    styles: many.manifest.modulation!.styles.map((style) => {
      return { ...style, sha256: createHash('sha256').update(style.name).digest('hex') };
    }),
  };
  const known: Style = { ...many, manifest: { ...many.manifest, modulation } };
  const styles = [known, namedStyle(known, 'wave'), namedStyle(known, 'scream')];
  const found = await matchTargets(styles, [folder]);
  expect(found.own.map((at) => found.pictures[at!]!.name)).toEqual(['z', 'z', 'a']);
});

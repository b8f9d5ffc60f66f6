import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshFolder } from './fixtures/ffmpeg.js';
import { staleness } from './fresh-build.js';

const folder = freshFolder();
const [src, dist] = [join(folder, 'src'), join(folder, 'dist')];
const write = (file: string, seconds: number) => {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), '');
  utimesSync(join(folder, file), seconds, seconds);
};

test('a build is fresh while it has all sources, none older than they are, and nothing else', () => {
  for (const file of ['src/a.ts', 'src/deep/b.ts', 'src/types.d.ts', 'src/kernel/c.ts', 'src/pages/d.js'])
    write(file, 10);
  expect(staleness(src, dist)).toBe('nothing is built');
  write('dist/a.js', 11);
  expect(staleness(src, dist)).toBe(`${join('deep', 'b.js')} is not built`);
  write('dist/deep/b.js', 11);
  expect(staleness(src, dist)).toBe('kernel is not built');
  write('dist/kernel/c.wasm', 11);
  expect(staleness(src, dist)).toBeUndefined();
  write('src/deep/b.ts', 12);
  expect(staleness(src, dist)).toBe(`${join('deep', 'b.js')} is older than its source`);
  write('dist/deep/b.js', 13);
  write('src/kernel/part.ts', 14);
  expect(staleness(src, dist)).toBe('kernel is older than its sources');
  write('dist/kernel/c.wasm', 15);
  rmSync(join(src, 'a.ts'));
  expect(staleness(src, dist)).toBe('a.js has no source any more');
});

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileCache } from '#src/media/probe/file-cache.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stylecast-cache-')));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is read once for as long as it stays as it is', async () => {
  const path = join(folder, 'clip');
  writeFileSync(path, 'one');
  const cache = new FileCache<number>();
  let reads = 0;
  const get = (by: string) => cache.get(path, by, async () => ++reads);
  expect([await get('a'), await get('a'), await get('b'), await get('a')]).toEqual([1, 1, 2, 1]);
  // Another of the same size, within the same second.
  writeFileSync(path, 'two');
  expect([await get('a'), await get('a')]).toEqual([3, 3]);
  rmSync(path);
  expect([await get('a'), await get('a')]).toEqual([4, 5]);
});

test('neither failures are kept nor what changes while it is read', async () => {
  const path = join(folder, 'growing');
  writeFileSync(path, '');
  const cache = new FileCache<string>();
  await expect(cache.get(path, '', () => Promise.reject(new Error('unreadable')))).rejects.toThrow('unreadable');
  const meanwhile = async () => {
    writeFileSync(path, 'more');
    return 'half';
  };
  expect(await cache.get(path, '', meanwhile)).toBe('half');
  expect(await cache.get(path, '', async () => 'whole')).toBe('whole');
});

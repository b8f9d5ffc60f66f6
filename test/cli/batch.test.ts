import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { invert } from '../engine/networks.js';
import { freshFolder, listing, look, makeClip, makePreset, run } from './run.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const STYLE = ['-s', 'invert', '--device', 'cpu', '--threads', '1'];
const video = (...args: string[]) => run(folder, ['video', ...args, ...STYLE]);
const image = (...args: string[]) => run(folder, ['image', ...args, ...STYLE]);
const under = (name: string) =>
  readdirSync(at(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(name).length + 1))
    .sort();

beforeAll(async () => {
  makePreset(folder, 'invert', writeModel(invert));
  mkdirSync(at('clips/deeper'), { recursive: true });
  for (const name of ['one.mp4', 'clips/two.mkv', 'clips/three.avi', 'clips/deeper/four.mp4'])
    makeClip(folder, name, 0.2, '64x48');
  writeFileSync(at('clips/notes.txt'), 'no clip');
  writeFileSync(at('broken.mp4'), 'no clip either');
  mkdirSync(at('photos/a'), { recursive: true });
  for (const name of ['photos/a.png', 'photos/b.png', 'photos/a/a.png'])
    await sharp({ create: { width: 32, height: 24, channels: 3, background: 'red' } }).toFile(at(name));
}, 60_000);

describe('several videos', () => {
  test('files and folders go into a folder, which is made', async () => {
    const { code, stderr } = await video('one.mp4', 'clips', '-o', 'painted/all');
    expect([code, under('painted/all')]).toEqual([0, ['one.mp4', 'three.mkv', 'two.mkv']]);
    expect(stderr).toMatch(/^\[1\/3\] one\.mp4$/m);
    expect(stderr).toMatch(/^3 of 3 done$/m);
    expect(look(at('painted/all/two.mkv'))).toMatchObject({ frames: 5, width: 64 });
  });

  test('folders in folders, with their names; one alone too', async () => {
    expect((await video('clips', '--recursive', '-o', 'deep')).code).toBe(0);
    expect(under('deep')).toEqual(['deeper/four.mp4', 'three.mkv', 'two.mkv']);
    expect((await video('one.mp4', '-o', 'alone/')).code).toBe(0);
    expect(under('alone')).toEqual(['one.mp4']);
  });

  test('a pattern, as JSON', async () => {
    const { code, stdout } = await video('{one,clips/t*}.*', '-o', 'pattern', '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, under('pattern')]).toEqual([0, ['one.mp4', 'three.mkv', 'two.mkv']]);
    expect(lines.filter(({ type }) => type === 'file').map(({ number, of }) => [number, of])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(lines.at(-1)).toEqual({ type: 'summary', done: 3, of: 3, failed: [] });
  });

  test('one that fails does not stop the others', async () => {
    const { code, stderr, stdout } = await video('broken.mp4', 'one.mp4', '-o', 'some', '--json');
    expect([code, under('some')]).toEqual([1, ['one.mp4']]);
    const last = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(last).toMatchObject({ done: 1, of: 2, failed: [{ input: 'broken.mp4', code: 'MEDIA_UNREADABLE' }] });
    expect(stderr).toBe('');
    const told = await video('one.mp4', 'broken.mp4', '-o', 'again');
    expect(told.stderr).toMatch(/^1 of 2 done; failed: broken\.mp4$/m);
  });
});

describe('what clashes is refused before work begins', () => {
  test.each([
    [
      'two of one name',
      ['one.mp4', './one.mp4', '-o', 'no'],
      /one\.mp4 and \.\/one\.mp4 would both become no.one\.mp4\./,
    ],
    [
      'the inputs themselves',
      ['clips', 'one.mp4', '-o', 'clips/', '--overwrite'],
      /two\.mkv would become .*two\.mkv, which is an input/,
    ],
    ['a file for several', ['clips', '-o', 'no.mp4'], /2 videos cannot go into no\.mp4; expected a folder\./],
    ['an empty folder', ['clips/deeper/none*', '-o', 'no'], /No file is called clips\/deeper\/none\*\./],
    ['broadcast of several', ['clips', '-o', 'no', '--broadcast'], /--broadcast shows one video; 2 were named\./],
  ])('%s', async (_, args, message) => {
    const before = listing(folder);
    const { code, stderr } = await video(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(listing(folder)).toEqual(before);
  });

  test('a folder with folders only says how they are read', async () => {
    mkdirSync(at('outer/inner'), { recursive: true });
    const { stderr } = await video('outer', '-o', 'no');
    expect(stderr).toMatch('--recursive looks into its folders too.');
    expect(existsSync(at('no'))).toBe(false);
  });
});

test('pictures alike', async () => {
  expect((await image('photos', '--recursive', '-o', 'paintings')).code).toBe(0);
  expect(under('paintings')).toEqual(['a.png', 'a/a.png', 'b.png']);
  const { code, stderr } = await image('photos/*.png', 'photos/a/a.png', '-o', 'no');
  expect([code, existsSync(at('no'))]).toEqual([1, false]);
  expect(stderr).toMatch('would both become');
});

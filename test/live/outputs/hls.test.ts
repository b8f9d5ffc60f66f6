import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOutput } from '#src/live/outputs/open.js';
import { failure } from '../../fixtures/failure.js';
import { ffprobe, freshFolder } from '../../fixtures/ffmpeg.js';
import { flashesAndBeeps, makeFlashes, offsets } from '../../fixtures/flashes.js';
import { feed, opened, openedSource } from './feeder.js';

const folder = freshFolder();

test('a playlist of short segments with sound in sync; old ones are gone', async () => {
  const clip = join(folder, 'flashes.mov');
  makeFlashes(clip, 19);
  const target = join(folder, '50% of a show');
  const source = await openedSource({ kind: 'file', path: clip });
  const { output, states } = await opened(
    { kind: 'hls', folder: target },
    { size: source.size, fps: source.fps, audio: source.audio },
  );
  await feed(source, [output]);
  await output.close();
  expect(states).toEqual(['live', 'closed']);
  await expect.poll(() => output.figures.bytes).toBeGreaterThan(10_000);
  const playlist = join(target, 'index.m3u8');
  const lines = readFileSync(playlist, 'utf8').split('\n');
  const segments = lines.filter((line) => line.endsWith('.ts'));
  expect(segments.length).toBeLessThanOrEqual(6);
  expect(readdirSync(target)).not.toContain('segment00000.ts');
  for (const segment of segments) expect(readdirSync(target)).toContain(segment);
  const lengths = lines.filter((line) => line.startsWith('#EXTINF:')).map((line) => Number.parseFloat(line.slice(8)));
  for (const length of lengths.slice(0, -1)) expect(Math.abs(length - 2)).toBeLessThan(0.2);
  expect(lines).toContain('#EXT-X-ENDLIST');
  expect(ffprobe(playlist).streams.map(({ codec_name, pix_fmt }) => [codec_name, pix_fmt])).toEqual([
    ['h264', 'yuv420p'],
    ['aac', undefined],
  ]);
  const found = flashesAndBeeps(playlist);
  expect(found.flashes.length).toBeGreaterThan(2);
  for (const offset of offsets(found)) expect(offset).toBeLessThan(40);
});

test('files of an earlier show are removed, other files are not', async () => {
  const target = join(folder, 'again');
  const { output } = await opened({ kind: 'hls', folder: target }, { size: { width: 64, height: 64 }, fps: 30 });
  await output.close();
  for (const name of ['segment00007.ts', 'index.m3u8', 'index.html']) writeFileSync(join(target, name), '');
  await (await opened({ kind: 'hls', folder: target }, { size: { width: 64, height: 64 }, fps: 30 })).output.close();
  expect(readdirSync(target)).toEqual(['.stylecast', 'index.html']);
});

test('a playlist of somebody else is not touched, unless that is asked for', async () => {
  const target = join(folder, 'foreign');
  mkdirSync(target);
  for (const name of ['index.m3u8', 'segment00001.ts', 'film.ts']) writeFileSync(join(target, name), name);
  const size = { width: 64, height: 64 };
  expect(await failure(openOutput({ kind: 'hls', folder: target }, { size, fps: 30 }))).toEqual({
    name: 'OptionError',
    code: 'OUTPUT_EXISTS',
    message: `The folder ${target} holds film.ts, which stylecast has not written.`,
    hint: 'Choose another folder with --hls, or add --overwrite.',
  });
  expect(readdirSync(target).sort()).toEqual(['film.ts', 'index.m3u8', 'segment00001.ts']);
  await (await opened({ kind: 'hls', folder: target, overwrite: true }, { size, fps: 30 })).output.close();
  expect(readdirSync(target).sort()).toEqual(['.stylecast', 'film.ts']);
});

test('a folder that cannot be made', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(
    await failure(openOutput({ kind: 'hls', folder: file }, { size: { width: 64, height: 64 }, fps: 30 })),
  ).toMatchObject({ name: 'MediaError', code: 'OUTPUT_NOT_WRITABLE' });
});

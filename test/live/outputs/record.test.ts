import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOutput } from '#src/live/outputs/open.js';
import { failure } from '../../fixtures/failure.js';
import { ffprobe, freshFolder } from '../../fixtures/ffmpeg.js';
import { flashesAndBeeps, makeFlashes, offsets } from '../../fixtures/flashes.js';
import { started } from '../../fixtures/processes.js';
import { feed, opened, openedSource } from './feeder.js';

const folder = freshFolder();
const clip = join(folder, 'flashes.mov');
makeFlashes(clip, 8);

const SIZE = { size: { width: 320, height: 180 }, fps: 30 };

test('flash and beep stay together although painting takes time: MP4 and Matroska', async () => {
  const source = await openedSource({ kind: 'file', path: clip });
  const options = { size: source.size, fps: source.fps, audio: source.audio };
  const paths = ['show.mp4', 'a show.mkv'].map((name) => join(folder, name));
  const outputs = await Promise.all(paths.map((path) => opened({ kind: 'record', path }, options)));
  await feed(
    source,
    outputs.map(({ output }) => output),
  );
  for (const [n, { output, states }] of outputs.entries()) {
    expect(existsSync(paths[n]!)).toBe(false);
    await output.close();
    expect({ file: output.file, states }).toEqual({ file: paths[n], states: ['live', 'closed'] });
    const streams = ffprobe(paths[n]!).streams.map(({ codec_name }) => codec_name);
    expect(streams).toEqual(['h264', 'aac']);
    const found = flashesAndBeeps(paths[n]!);
    // On a busy machine frames are left out, and with them the beginning of flashes.
    expect(found.flashes.length).toBeGreaterThanOrEqual(2);
    for (const offset of offsets(found)) expect(offset).toBeLessThan(40);
  }

  expect(readdirSync(folder).filter((name) => /partial|whole/.test(name))).toEqual([]);
});

test('without sound there is a picture only; cut-out frames and other sizes are accepted', async () => {
  const path = join(folder, 'silent.mp4');
  const { output } = await opened({ kind: 'record', path }, SIZE);
  for (let n = 0; n < 15; n++) {
    const channels = n < 8 ? 3 : 4;
    const [width, height] = n < 12 ? [320, 180] : [160, 90];
    const data = new Uint8Array(width! * height! * channels).fill(200);
    output.write({ data, width: width!, height: height!, channels, sequence: n, pts: 7 + n / 10, capturedAt: 0 });
    await new Promise((done) => setTimeout(done, 100));
  }
  await output.close();
  const { streams, packets_and_frames: all, format } = ffprobe(path);
  expect(streams.map(({ codec_name, width, height }) => ({ codec_name, width, height }))).toEqual([
    { codec_name: 'h264', width: 320, height: 180 },
  ]);
  const times = all.filter(({ type }) => type === 'frame').map((frame) => Number(frame.best_effort_timestamp_time));
  expect(times.length + output.dropped).toBe(15);
  expect(times[0]).toBe(0);
  expect(times.at(-1)).toBeCloseTo(1.4, 3);
  expect(Number(format.duration)).toBeGreaterThan(1.4);
});

test('the encoder dies: the partial file is playable, and its path is reported', async () => {
  const path = join(folder, 'broken.mp4');
  const source = await openedSource({ kind: 'file', path: clip, loop: true });
  const { output } = await opened({ kind: 'record', path }, { ...SIZE, audio: source.audio });
  const fed = feed(source, [output]);
  const pid = await started('broken.partial');
  const partial = join(folder, 'broken.partial.mp4');
  // The first piece is written after two seconds of pictures.
  await expect.poll(() => statSync(partial, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  await source.close();
  await fed;
  await expect
    .poll(() => output.state)
    .toBe(`failed: ffmpeg was killed (SIGKILL); what there is, is kept as ${partial}`);
  await output.close();
  expect({ file: output.file, there: existsSync(path) }).toEqual({ file: undefined, there: false });
  expect(ffprobe(partial).packets_and_frames.filter(({ type }) => type === 'frame').length).toBeGreaterThan(0);
});

test('nothing was recorded: nothing is left', async () => {
  const path = join(folder, 'nothing.mp4');
  const { output, states } = await opened({ kind: 'record', path }, SIZE);
  await output.close();
  expect({ file: output.file, states }).toEqual({ file: undefined, states: ['closed'] });
  expect(readdirSync(folder).filter((name) => name.startsWith('nothing'))).toEqual([]);
});

test('errors that can be detected early are', async () => {
  const there = join(folder, 'there.mp4');
  writeFileSync(there, '');
  expect(await failure(openOutput({ kind: 'record', path: there }, SIZE))).toMatchObject({ code: 'OUTPUT_EXISTS' });
  expect(await failure(openOutput({ kind: 'record', path: 'show.webm' }, SIZE))).toEqual({
    name: 'OptionError',
    code: 'OUTPUT_FORMAT',
    message: 'show.webm cannot be recorded; expected .mp4, .m4v, .mov, .mkv.',
    hint: 'Name it for example show.mp4.',
  });
});

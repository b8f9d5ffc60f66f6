import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findFfmpeg, findFfprobe, hasFilter, passthrough } from '#src/media/ffmpeg/binaries.js';
import { clip, silent } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { expectKept } from '../../fixtures/kept.js';
import { copyVideo } from '../../fixtures/passthrough.js';
import { wrapper } from '../../fixtures/wrapper.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
afterEach(() => vi.unstubAllEnvs());

describe('where ffmpeg is looked for', () => {
  test('FFMPEG_PATH comes first', async () => {
    const path = wrapper(at('mine'), '');
    vi.stubEnv('FFMPEG_PATH', path);
    expect((await findFfmpeg()).path).toBe(path);
  });

  test('then the PATH', async () => {
    const path = wrapper(at('ffmpeg'), '');
    vi.stubEnv('PATH', folder);
    expect((await findFfmpeg()).path).toBe(path);
  });

  test('FFMPEG_PATH that does not exist', async () => {
    vi.stubEnv('FFMPEG_PATH', '/nowhere/ffmpeg');
    expect(await failure(findFfmpeg())).toEqual({
      name: 'MediaError',
      code: 'FFMPEG_MISSING',
      message: 'FFMPEG_PATH is /nowhere/ffmpeg, which is not an executable file.',
      hint: 'Set FFMPEG_PATH to an ffmpeg executable, or unset it to search the PATH.',
    });
  });

  test('FFPROBE_PATH that is a folder', async () => {
    vi.stubEnv('FFPROBE_PATH', folder);
    expect(await failure(findFfprobe())).toMatchObject({
      code: 'FFMPEG_MISSING',
      message: `FFPROBE_PATH is ${folder}, which is not an executable file.`,
    });
  });

  test('a program that does not start', async () => {
    const path = at('broken');
    writeFileSync(path, '#!/bin/sh\nexit 3\n');
    chmodSync(path, 0o755);
    vi.stubEnv('FFMPEG_PATH', path);
    expect(await failure(findFfmpeg())).toEqual({
      name: 'MediaError',
      code: 'FFMPEG_BROKEN',
      message: `${path} does not start: Command failed: ${path} -version`,
      hint: 'Reinstall ffmpeg, or set FFMPEG_PATH to a working one.',
    });
  });

  test('a version that is too old', async () => {
    const path = wrapper(
      at('old'),
      `[ "$1" = -version ] && printf 'ffmpeg version 2.8.17 Copyright\\nlibavutil      54. 31.100 / 54. 31.100\\n' && exit 0`,
    );
    vi.stubEnv('FFMPEG_PATH', path);
    expect(await failure(findFfmpeg())).toEqual({
      name: 'MediaError',
      code: 'FFMPEG_OLD',
      message: `${path} is version 2.8.17; stylecast needs ffmpeg 4.0 or newer.`,
      hint: 'Update ffmpeg, or set FFMPEG_PATH to a newer one.',
    });
  });
});

test('capabilities are read from the binary', async () => {
  const ffmpeg = await findFfmpeg();
  expect(await hasFilter(ffmpeg, 'scale')).toBe(true);
  expect(await hasFilter(ffmpeg, 'no_such_filter')).toBe(false);
  expect(passthrough({ ...ffmpeg, level: 57.028 })).toEqual(['-fps_mode', 'passthrough']);
  expect(passthrough({ ...ffmpeg, level: 57.027 })).toEqual(['-vsync', 'passthrough']);
});

/** Answers as ffmpeg 8 does: device letters in a third column, which fluent-ffmpeg's parser does not understand. */
const NEWER = `
case " $* " in
  *" -version "*) printf 'ffmpeg version 8.0 Copyright (c) 2000-2025 the FFmpeg developers\\nconfiguration: --enable-gpl --enable-libx264\\nlibavutil      60.  8.100 / 60.  8.100\\n'; exit 0 ;;
  *" -formats "*) printf 'Formats:\\n D.. = Demuxing supported\\n .E. = Muxing supported\\n ..d = Is a device\\n ---\\n D   mov,mp4 QuickTime\\n  E  mp4 MP4\\n D d lavfi Libavfilter\\n'; exit 0 ;;
  *" -encoders "*|*" -codecs "*) printf 'Encoders:\\n ------\\n'; exit 0 ;;
esac`;

test('a newer ffmpeg, whose listings fluent-ffmpeg cannot read', async () => {
  const source = clip(at('new.mp4'));
  vi.stubEnv('FFMPEG_PATH', wrapper(at('newer'), NEWER));
  await copyVideo(source, at('new-copy.mp4'));
  expectKept(source, at('new-copy.mp4'));
});

test('with nothing on the PATH the npm packages do the whole job', async () => {
  const source = clip(at('npm.mp4'), ['-vf', "select='gt(mod(n*7,5),1)'", '-vsync', 'vfr']);
  const reordered = clip(at('npm-b.mp4'), ['-preset', 'fast']);
  const odd = silent(at('npm-odd.mp4'), ['-s', '321x181', '-pix_fmt', 'yuv444p']);
  vi.stubEnv('FFMPEG_PATH', '');
  vi.stubEnv('FFPROBE_PATH', '');
  vi.stubEnv('PATH', '');
  expect((await findFfmpeg()).path).toContain('@ffmpeg-installer');
  expect(await findFfprobe()).toContain('@ffprobe-installer');
  for (const [from, to] of [
    [source, 'npm-copy.mp4'],
    [source, 'npm-copy.mkv'],
    [reordered, 'npm-b-copy.mp4'],
    [odd, 'npm-odd-copy.mp4'],
  ] as const) {
    await copyVideo(from, at(to), { encoderPreset: 'fast' });
    expectKept(from, at(to), { shift: to.endsWith('.mkv') ? 1024 / 48_000 : 0 });
  }
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { isUrl } from '#src/media/ffmpeg/path.js';
import { inspectVideo } from '#src/media/files/inspect.js';
import { probe } from '#src/media/probe/probe.js';
import { clip, rotate, SOUND, silent } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { wrapper } from '../../fixtures/wrapper.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

test('the facts of a video', async () => {
  const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'pc'];
  const path = rotate(clip(at('told.mp4'), ['-vf', 'setsar=4/3', '-c:a', 'aac', ...tags]), 90);
  expect(await probe(path)).toEqual({
    path,
    format: 'mov,mp4,m4a,3gp,3g2,mj2',
    duration: expect.closeTo(1, 1),
    startTime: 0,
    timed: true,
    chapters: [],
    tags: expect.objectContaining({ major_brand: 'isom' }),
    video: {
      index: 0,
      codec: 'h264',
      pixelFormat: expect.stringMatching(/^yuvj?420p$/),
      width: 180,
      height: 320,
      rotation: 90,
      sampleAspectRatio: { num: 3, den: 4 },
      timeBase: { num: 1, den: 12_800 },
      frameRate: { num: 25, den: 1 },
      startTime: 0,
      endTime: 1,
      frames: 25,
      interlaced: false,
      alpha: false,
      hdr: undefined,
      colour: { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', range: 'pc' },
      tags: expect.any(Object),
      stereo: undefined,
      sideData: ['Display Matrix'],
      default: true,
      dolbyOnly: false,
    },
    others: [expect.objectContaining({ index: 1, type: 'audio', codec: 'aac', sampleRate: 48_000, elsewhere: false })],
  });
});

test('missing facts are undefined, the number of frames is estimated', async () => {
  const { video } = await probe(silent(at('bare.mkv')));
  expect(video.frames).toBe(25);
  expect(video.colour).toMatchObject({ matrix: undefined, primaries: undefined, transfer: undefined });
});

describe('files that are not videos', () => {
  const refused = async (path: string) => failure(probe(path));

  test('missing', async () => {
    expect(await refused(at('missing.mp4'))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_NOT_FOUND',
      message: `${at('missing.mp4')} does not exist.`,
      hint: 'Check the path.',
    });
  });

  test('a folder', async () => {
    mkdirSync(at('folder.mp4'));
    expect(await refused(at('folder.mp4'))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_IS_FOLDER',
      message: `${at('folder.mp4')} is a folder; expected a video file.`,
      hint: 'Name a file in it.',
    });
  });

  test('a pipe, before anything of it is read', async () => {
    execFileSync('mkfifo', [at('pipe.mp4')]);
    const what = {
      name: 'MediaError',
      code: 'MEDIA_STDIN',
      message: `${at('pipe.mp4')} is a pipe or a device, which can be read only once.`,
      hint: 'A file is read several times, for its picture, its sound and its clock: save it to a file first.',
    };
    expect(await refused(at('pipe.mp4'))).toEqual(what);
    expect(await failure(inspectVideo(at('pipe.mp4')))).toEqual(what);
    expect((await refused('/dev/null')).code).toBe('MEDIA_STDIN');
  });

  test('empty', async () => {
    writeFileSync(at('empty.mp4'), '');
    expect(await refused(at('empty.mp4'))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_EMPTY',
      message: `${at('empty.mp4')} is empty (0 bytes); expected a video file.`,
      hint: 'Check that the copy or download of it finished.',
    });
  });

  test('garbage', async () => {
    writeFileSync(at('garbage.bin'), Buffer.alloc(5000, 'no video at all '));
    expect(await refused(at('garbage.bin'))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_UNREADABLE',
      message: `${at('garbage.bin')} is not a video that ffmpeg can open: Invalid data found when processing input`,
      hint: 'Check that it plays elsewhere; a renamed or half-downloaded file does not.',
    });
  });

  test('text, which ffmpeg takes for subtitles or worse', async () => {
    for (const [name, text] of [
      ['notes.txt', 'just some words\n'],
      ['list.mp4', 'ffconcat version 1.0\nfile /etc/passwd\n'],
      ['list.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n'],
    ] as const) {
      writeFileSync(at(name), text);
      expect((await refused(at(name))).name, name).toBe('MediaError');
    }
  });

  test('without its index', async () => {
    const path = clip(at('recording.mp4'));
    truncateSync(path, readFileSync(path).indexOf('moov', 0, 'latin1') - 4);
    expect(await refused(path)).toEqual({
      name: 'MediaError',
      code: 'MEDIA_UNREADABLE',
      message: `${path} is not a video that ffmpeg can open: Invalid data found when processing input`,
      hint: 'Its index is missing: the recording or download was cut off, or it is no video at all. Get the file again.',
    });
  });

  test('sound only', async () => {
    ffmpeg(...SOUND, at('sound.m4a'));
    expect(await refused(at('sound.m4a'))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_NO_VIDEO',
      message: `${at('sound.m4a')} has no video stream (found: audio).`,
      hint: 'For a picture use "stylecast image".',
    });
  });

  test('sound with a cover', async () => {
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=64x64:duration=1', '-frames:v', '1', at('cover.png'));
    ffmpeg(
      ...SOUND,
      '-i',
      at('cover.png'),
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'copy',
      '-disposition:v',
      'attached_pic',
      at('song.m4a'),
    );
    expect(await refused(at('song.m4a'))).toMatchObject({
      code: 'MEDIA_NO_VIDEO',
      message: `${at('song.m4a')} has no video stream (found: audio, video).`,
    });
  });
});

test('an ffprobe that crashes', async () => {
  const path = silent(at('crash.mp4'));
  vi.stubEnv('FFPROBE_PATH', wrapper(at('crashing'), 'kill -SEGV $$'));
  expect(await failure(probe(path))).toEqual({
    name: 'MediaError',
    code: 'MEDIA_FFMPEG_KILLED',
    message: `ffprobe was killed (SIGSEGV) while reading ${path}.`,
    hint: 'The one of the npm package crashes on some files: install ffmpeg, which brings its own.',
  });
  vi.unstubAllEnvs();
});

test('URLs are left to ffmpeg', () => {
  expect(['rtsp://host/live', 'https://host/a.mp4'].map(isUrl)).toEqual([true, true]);
  const files = ['/a/b.mp4', 'C:\\a.mp4', 'a:b.mp4', './http://x', 'file:///a.mp4'];
  expect(files.map(isUrl)).toEqual(files.map(() => false));
});

import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { canEncode, checkCrf, checkPreset, chooseEncoder } from '#src/media/files/encode/encoder.js';
import { silent } from '../../../fixtures/clips.js';
import { failure } from '../../../fixtures/failure.js';
import { freshFolder } from '../../../fixtures/ffmpeg.js';
import { copyVideo } from '../../../fixtures/passthrough.js';
import { frameTimes, meanError, rgbFrames, videoStream } from '../../../fixtures/readback.js';
import { wrapper } from '../../../fixtures/wrapper.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
afterEach(() => vi.unstubAllEnvs());

const SIZE = { width: 320, height: 180 };
const VERSION = `printf 'ffmpeg version 6.0 Copyright\\nconfiguration: --enable-libvpx\\nlibavutil      58.  2.100 / 58.  2.100\\n'; exit 0`;

test('software encoders and their options', async () => {
  const ffmpeg = await findFfmpeg();
  expect(await chooseEncoder(ffmpeg, 'h264', SIZE, {})).toEqual({
    name: 'libx264',
    pixelFormat: 'yuv420p',
    alpha: false,
    options: ['-crf', '20', '-preset', 'veryfast'],
    notes: [],
  });
  expect((await chooseEncoder(ffmpeg, 'hevc', SIZE, { crf: 30, preset: 'slow' })).options).toEqual([
    ...['-crf', '30', '-preset', 'slow', '-tag:v', 'hvc1', '-x265-params', 'log-level=error'],
  ]);
  expect((await chooseEncoder(ffmpeg, 'vp9', SIZE, { preset: 'medium' })).options).toEqual([
    ...['-crf', '31', '-b:v', '0', '-deadline', 'good', '-cpu-used', '3', '-row-mt', '1'],
  ]);
  expect((await chooseEncoder(ffmpeg, 'h264', SIZE, { fullChroma: true })).pixelFormat).toBe('yuv444p');
});

test('odd sizes are 4:4:4 in H.264, with a note, but 4:2:0 in VP9', async () => {
  const ffmpeg = await findFfmpeg();
  const odd = { width: 321, height: 180 };
  expect(await chooseEncoder(ffmpeg, 'h264', odd, {})).toMatchObject({
    pixelFormat: 'yuv444p',
    notes: ['321x180 is odd: encoded as 4:4:4 to keep the size. Some players want even sizes (--size).'],
  });
  expect(await chooseEncoder(ffmpeg, 'vp9', odd, {})).toMatchObject({ pixelFormat: 'yuv420p', notes: [] });
});

describe('every codec in every format that holds it', () => {
  const source = silent(at('codecs.mp4'), ['-frames:v', '4']);

  test.each([
    ['av1', '.mp4', undefined, ['av1', 'yuv420p']],
    ['av1', '.webm', undefined, ['av1', 'yuv420p']],
    ['av1', '.mkv', 'yuv420p10le', ['av1', 'yuv420p10le']],
    ['prores', '.mov', undefined, ['prores', 'yuv422p10le']],
    ['prores', '.mkv', 'yuv444p10le', ['prores', 'yuv444p']],
    ['qtrle', '.mov', undefined, ['qtrle', 'rgb24']],
    ['h264', '.mp4', 'yuv420p10le', ['h264', 'yuv420p10le']],
    ['h264', '.ts', 'yuv422p', ['h264', 'yuv422p']],
    ['hevc', '.mov', 'yuv420p10le', ['hevc', 'yuv420p10le']],
    ['vp9', '.mkv', 'yuv444p', ['vp9', 'yuv444p']],
  ] as const)('%s in %s as %s', async (codec, to, pixelFormat, [name, format]) => {
    const result = at(`${codec}-${pixelFormat}${to}`);
    const { notes } = await copyVideo(source, result, { codec, ...(pixelFormat ? { pixelFormat } : {}) });
    expect(notes).toEqual([]);
    const stream = videoStream(result);
    expect(stream.codec_name).toBe(name);
    // Some decoders say that they give more bits than there are.
    expect(stream.pix_fmt?.startsWith(format), stream.pix_fmt).toBe(true);
    expect(frameTimes(result).length).toBe(4);
    const before = rgbFrames(source);
    for (const [n, frame] of rgbFrames(result).entries()) expect(meanError(frame, before[n]!)).toBeLessThan(4);
  });

  test('an odd or a small size in AV1 needs another encoder', async () => {
    const ffmpeg = await findFfmpeg();
    expect((await chooseEncoder(ffmpeg, 'av1', SIZE, {})).name).toBe('libsvtav1');
    expect((await chooseEncoder(ffmpeg, 'av1', { width: 321, height: 180 }, {})).name).toBe('libaom-av1');
    expect((await chooseEncoder(ffmpeg, 'av1', { width: 96, height: 54 }, {})).name).toBe('libaom-av1');
  });

  test('a pixel format that an encoder does not take', async () => {
    const error = await failure(copyVideo(source, at('never.mp4'), { pixelFormat: 'pal8' }));
    expect(error).toMatchObject({ name: 'OptionError', code: 'PIXEL_FORMAT' });
    expect(error.message).toMatch(/^libx264 cannot write pal8; expected yuv420p, /);
  });

  test('a pixel format that cannot hold an odd size, and a size that is too small', async () => {
    const ffmpeg = await findFfmpeg();
    const odd = { width: 64, height: 67 };
    expect(await failure(chooseEncoder(ffmpeg, 'h264', odd, { pixelFormat: 'yuv420p' }))).toMatchObject({
      code: 'PIXEL_FORMAT',
      message: 'yuv420p cannot hold 64x67, which is odd; expected an even size.',
    });
    expect((await chooseEncoder(ffmpeg, 'h264', odd, { pixelFormat: 'yuv422p' })).pixelFormat).toBe('yuv422p');
    expect(await failure(chooseEncoder(ffmpeg, 'hevc', { width: 33, height: 19 }, {}))).toEqual({
      name: 'OptionError',
      code: 'SIZE',
      message: 'hevc cannot hold 33x19; expected at least 48 pixels a side.',
      hint: 'Choose another --codec or a larger --size.',
    });
  });

  test('a crf and a preset where there are none', async () => {
    expect(await failure((async () => checkCrf('prores', 20))())).toMatchObject({
      code: 'CRF',
      message: 'prores has no crf; 20 was given.',
    });
    expect(await failure((async () => checkPreset('prores', 'fast'))())).toMatchObject({
      code: 'ENCODER_PRESET',
      message: 'prores has no encoder presets; "fast" was given.',
    });
  });
});

test('an unknown preset', async () => {
  expect(await failure((async () => checkPreset('h264', 'quick'))())).toEqual({
    name: 'OptionError',
    code: 'ENCODER_PRESET',
    message:
      'There is no encoder preset "quick"; expected ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow.',
    hint: 'veryfast is a good choice.',
  });
});

describe('an ffmpeg without libx264', () => {
  test('a listed encoder may not work: each is tried on a frame', async () => {
    expect(await canEncode(await findFfmpeg(), 'mpeg4')).toBe(true);
    expect(await canEncode(await findFfmpeg(), 'no_such_encoder')).toBe(false);
  });

  test('the first other encoder that works is used, with a note', async () => {
    const source = silent(at('in.mp4'));
    // Of the others only libopenh264 answers here; a stand-in plays it.
    const body = `case " $* " in *" -version "*) ${VERSION} ;; *_videotoolbox*|*_nvenc*|*_qsv*|*_amf*) exit 1 ;; esac
for a; do shift; [ "$a" = libopenh264 ] && a=mpeg4; set -- "$@" "$a"; done`;
    vi.stubEnv('FFMPEG_PATH', wrapper(at('other'), body));
    const { notes } = await copyVideo(source, at('out.mp4'));
    expect(notes).toEqual([
      'This ffmpeg lacks libx264: libopenh264 is used, and --crf and --encoder-preset only set its bit rate.',
    ]);
    expect(frameTimes(at('out.mp4'))).toEqual(frameTimes(source));
  });

  test('none works', async () => {
    const source = silent(at('in2.mp4'));
    const path = wrapper(at('none'), `case " $* " in *" -version "*) ${VERSION} ;; *264*) exit 1 ;; esac`);
    vi.stubEnv('FFMPEG_PATH', path);
    expect(await failure(copyVideo(source, at('out2.mp4')))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_ENCODER',
      message: `No h264 encoder of ${path} works (tried libx264, h264_videotoolbox, h264_nvenc, h264_qsv, h264_amf, libopenh264).`,
      hint: 'Choose another --codec, or install an ffmpeg with libx264.',
    });
  });
});

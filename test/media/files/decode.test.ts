import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { seconds } from '#src/frame.js';
import { type DecodeOptions, VideoSource } from '#src/media/files/decode.js';
import { probe } from '#src/media/probe/probe.js';
import { clip, rotate, silent } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { running, started } from '../../fixtures/processes.js';
import { frameTimes, meanError, rgbFrames } from '../../fixtures/readback.js';
import { wrapper } from '../../fixtures/wrapper.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
afterEach(() => vi.unstubAllEnvs());

/** Longer than any pipe and queue holds: decoding it cannot be over before we say so. */
function long(name: string): string {
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=8', '-c:v', 'mpeg4', at(name));
  return at(name);
}

async function read(path: string, options: DecodeOptions = {}) {
  const source = new VideoSource(await probe(path), options);
  const frames = [];
  for await (const frame of source) frames.push(frame);
  return { source, frames };
}

describe('frames', () => {
  test('RGB24 of the shown size, with the times of the source', async () => {
    const path = rotate(silent(at('turned.mp4'), ['-vf', "select='mod(n,3)'", '-vsync', 'vfr']), 90);
    const { source, frames } = await read(path);
    expect(source.size).toEqual({ width: 180, height: 320 });
    expect(frames.map((frame) => seconds(frame.pts))).toEqual(frameTimes(path).map((t) => expect.closeTo(t, 5)));
    const expected = rgbFrames(path);
    for (const [i, frame] of frames.entries()) {
      expect(frame).toMatchObject({ width: 180, height: 320 });
      expect(frame.data.length).toBe(180 * 320 * 3);
      expect(meanError(frame.data, expected[i]!)).toBeLessThan(1);
    }
    expect(source.end).toEqual({ frames: frames.length, damage: undefined });
  });

  test('of another size, denoised, in buffers that the caller gives', async () => {
    const path = silent(at('small.mp4'));
    let given = 0;
    const allocate = (bytes: number) => {
      given++;
      return new Uint8Array(new ArrayBuffer(bytes + 7)).subarray(0, bytes);
    };
    const { frames } = await read(path, { size: { width: 101, height: 57 }, denoise: true, allocate });
    expect(given).toBe(25);
    expect(frames.map((frame) => frame.data.length)).toEqual(Array(25).fill(101 * 57 * 3));
  });

  test.each([
    ['bt709', 'tv'],
    ['smpte170m', 'tv'],
    ['bt2020nc', 'tv'],
    ['bt709', 'pc'],
    ['smpte170m', 'pc'],
  ])('pure colours through %s, range %s', async (matrix, range) => {
    const path = at(`colours-${matrix}-${range}.mkv`);
    const bars = ['red', 'lime', 'blue', 'gray'].map((name, i) => `drawbox=c=${name}:t=fill:x=${16 * i}:w=16`);
    const source = ['-f', 'lavfi', '-i', `color=black:size=64x16,format=rgb24,${bars.join(',')}`, '-frames:v', '1'];
    const named = matrix === 'bt2020nc' ? 'bt2020' : matrix;
    const filter = `scale=out_color_matrix=${named}:out_range=${range}:flags=accurate_rnd,format=yuv444p`;
    ffmpeg(...source, '-vf', filter, '-colorspace', matrix, '-color_range', range, '-c:v', 'ffv1', path);
    const { data } = (await read(path)).frames[0]!;
    const seen = [0, 1, 2, 3].map((i) => [...data.subarray((8 * 64 + 16 * i + 8) * 3).subarray(0, 3)]);
    for (const [i, rgb] of [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [128, 128, 128],
    ].entries()) {
      expect(meanError(Uint8Array.from(seen[i]!), Uint8Array.from(rgb)), `${seen[i]} for ${rgb}`).toBeLessThanOrEqual(
        1,
      );
    }
  });
});

test('what comes after a part may be decoded before the part has been read', async () => {
  const source = new VideoSource(await probe(silent(at('ahead.mp4'))), {
    duration: 0.8,
    size: { width: 32, height: 18 },
  });
  let frames = 0;
  // ffmpeg has ended by then, with the times of frames that nobody will ask for.
  for await (const _ of source) if (++frames === 20) await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(source.end).toEqual({ frames: 20, damage: undefined });
});

describe('ffmpeg is never left behind', () => {
  test('when the loop is left early', async () => {
    const path = long('early.mp4');
    for await (const frame of new VideoSource(await probe(path))) {
      expect(frame.width).toBe(640);
      expect(running(path)).toHaveLength(1);
      break;
    }
    expect(running(path)).toEqual([]);
  });

  test('when the loop throws', async () => {
    const path = long('throws.mp4');
    const loop = async () => {
      for await (const _ of new VideoSource(await probe(path))) throw new Error('no more');
    };
    await expect(loop()).rejects.toThrow('no more');
    expect(running(path)).toEqual([]);
  });

  test('when it is aborted before the first frame and in the middle', async () => {
    const path = long('aborted.mp4');
    const info = await probe(path);
    for (const after of [0, 3]) {
      const controller = new AbortController();
      const source = new VideoSource(info, { signal: controller.signal });
      if (after === 0) controller.abort();
      let frames = 0;
      for await (const _ of source) if (++frames === after) controller.abort();
      expect(frames).toBeLessThan(200);
      expect(running(path)).toEqual([]);
    }
  });

  test('when it is killed in the middle', async () => {
    const path = long('killed.mp4');
    const loop = async () => {
      let frames = 0;
      for await (const _ of new VideoSource(await probe(path))) {
        if (++frames === 3) process.kill(await started(path), 'SIGKILL');
      }
    };
    expect(await failure(loop())).toEqual({
      name: 'MediaError',
      code: 'MEDIA_FFMPEG_KILLED',
      message: `ffmpeg was killed (SIGKILL) while decoding ${path}.`,
      hint: 'If nobody did that, the system may have run out of memory: try a smaller --height.',
    });
    expect(running(path)).toEqual([]);
  });
});

describe('damaged files', () => {
  test('a truncated one gives all frames there are', async () => {
    const path = clip(at('cut.mp4'), ['-movflags', '+faststart', '-x264-params', 'keyint=5']);
    truncateSync(path, Math.floor(readFileSync(path).length * 0.6));
    const there = rgbFrames(path).length;
    const { source, frames } = await read(path);
    expect(there).toBeGreaterThan(5);
    expect(there).toBeLessThan(25);
    expect(frames.length).toBe(there);
    expect(source.end!.frames).toBe(there);
    expect(source.end!.damage).toMatch(/partial file|Invalid data|end of file|corrupt/i);
  });

  test('noise in the middle is reported', async () => {
    const path = silent(at('noise.ts'), ['-preset', 'fast']);
    const bytes = readFileSync(path);
    for (let i = Math.floor(bytes.length / 3); i < bytes.length / 2; i += 7) bytes[i] = i % 251;
    writeFileSync(path, bytes);
    const { source, frames } = await read(path);
    expect(frames.length).toBe(source.end!.frames);
    expect(source.end!.damage).toBeDefined();
  });

  test('one that holds no picture at all', async () => {
    const path = clip(at('head.mp4'), ['-movflags', '+faststart']);
    const bytes = readFileSync(path);
    truncateSync(path, bytes.indexOf('mdat', 0, 'latin1') + 8);
    const error = await failure(read(path));
    expect(error).toMatchObject({ name: 'MediaError', code: 'MEDIA_NO_FRAMES' });
    expect(error.message).toMatch(`No frame of ${path} could be decoded: `);
    expect(error.hint).toBe('The file is damaged, or this ffmpeg lacks its codec.');
  });

  test('a start behind the end', async () => {
    const path = silent(at('short.mp4'));
    expect(await failure(read(path, { start: 5 }))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_NO_FRAMES',
      message: `${path} has no frames after 5 s.`,
      hint: 'It lasts 1 s: use a smaller --start.',
    });
  });

  test('an ffmpeg that prints no times', async () => {
    const path = silent(at('mute.mp4'));
    vi.stubEnv(
      'FFMPEG_PATH',
      wrapper(at('mute'), `case " $* " in *" -version "*) ;; *) exec "$REAL" "$@" 2>/dev/null ;; esac`),
    );
    expect(await failure(read(path))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_NO_TIME',
      message: `ffmpeg gave ${path} frame 0 without its time stamp.`,
      hint: 'Try another ffmpeg version with FFMPEG_PATH, and report this with the output of "ffmpeg -version".',
    });
  });
});

test('names that a shell or ffmpeg would misread', async () => {
  mkdirSync(at('a b'));
  const path = silent(at('plain.mp4'));
  for (const name of ["a b/quote's & $HOME %d.mp4", '-dash.mp4', 'with:colon.mp4', 'ünïcode 画.mp4']) {
    symlinkSync(path, at(name));
    expect((await read(at(name))).frames.length).toBe(25);
  }
});

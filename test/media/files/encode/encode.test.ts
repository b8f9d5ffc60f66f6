import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Frame, Pts } from '#src/frame.js';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { FfmpegProcess } from '#src/media/ffmpeg/process.js';
import { VideoSource } from '#src/media/files/decode.js';
import { VideoSink } from '#src/media/files/encode/encode.js';
import { probe } from '#src/media/probe/probe.js';
import { silent } from '../../../fixtures/clips.js';
import { failure } from '../../../fixtures/failure.js';
import { freshFolder } from '../../../fixtures/ffmpeg.js';
import { copyVideo } from '../../../fixtures/passthrough.js';
import { running, started } from '../../../fixtures/processes.js';
import { frameTimes, rgbFrames, videoStream } from '../../../fixtures/readback.js';
import { wrapper } from '../../../fixtures/wrapper.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
afterEach(() => vi.unstubAllEnvs());

const SIZE = { width: 64, height: 36 };
const TIME_BASE = { num: 1, den: 1000 };

function frame(value: number, level: number, timeBase: Pts['timeBase'] = TIME_BASE): Frame {
  return { data: new Uint8Array(SIZE.width * SIZE.height * 3).fill(level), ...SIZE, pts: { value, timeBase } };
}

describe('frames that do not come from a file', () => {
  test('keep their time stamps and their pixels', async () => {
    const path = at('made.mp4');
    const sink = await VideoSink.open(path, { timeBase: TIME_BASE }, SIZE, { crf: 0, encoderPreset: 'ultrafast' });
    for (const value of [0, 17, 200, 1000]) await sink.write(frame(value, value / 5));
    await sink.close();
    expect(frameTimes(path)).toEqual([0, 0.017, 0.2, 1]);
    expect(sink.lastTime).toBe(1);
    for (const [i, rgb] of rgbFrames(path).entries()) expect(Math.abs(rgb[0]! - [0, 3, 40, 200][i]!)).toBeLessThan(3);
  });

  test('with another time base, and two with one time stamp', async () => {
    const path = at('nudged.mp4');
    const sink = await VideoSink.open(path, { timeBase: TIME_BASE }, SIZE);
    for (const [value, den] of [
      [0, 90_000],
      [9000, 90_000],
      [9000, 90_000],
      [5, 25],
    ] as const) {
      await sink.write(frame(value, 0, { num: 1, den }));
    }
    await sink.close();
    expect(frameTimes(path)).toEqual([0, 0.1, 0.101, 0.2]);
  });

  test('buffers are returned once they are read', async () => {
    const release = vi.fn();
    const sink = await VideoSink.open(at('released.mkv'), { timeBase: TIME_BASE }, SIZE, { release });
    const frames = [0, 40, 80].map((value) => frame(value, 0));
    for (const each of frames) await sink.write(each);
    await sink.close();
    expect(release.mock.calls.map(([data]) => data)).toEqual(frames.map(({ data }) => data));
  });
});

test.each([
  ['.mp4', undefined, 'h264'],
  ['.mov', undefined, 'h264'],
  ['.mkv', 'vp9', 'vp9'],
  ['.webm', undefined, 'vp9'],
  ['.ts', 'hevc', 'hevc'],
  ['.mp4', 'hevc', 'hevc'],
  ['.mp4', 'vp9', 'vp9'],
] as const)('%s with codec %s holds %s', async (extension, codec, expected) => {
  const path = at(`as-${codec}${extension}`);
  const sink = await VideoSink.open(path, { timeBase: TIME_BASE }, SIZE, codec ? { codec } : {});
  for (const value of [0, 40, 80]) await sink.write(frame(value, 99));
  await sink.close();
  expect(videoStream(path).codec_name).toBe(expected);
  expect(frameTimes(path).map((t, _, [first]) => Math.round((t - first!) * 1000))).toEqual([0, 40, 80]);
});

describe('when encoding fails', () => {
  test('killed in the middle', async () => {
    const path = at('killed.mp4');
    const write = async () => {
      const sink = await VideoSink.open(path, { timeBase: TIME_BASE }, SIZE);
      process.kill(await started(path), 'SIGKILL');
      for (let value = 0; value < 1e5; value += 40) await sink.write(frame(value, 0));
      await sink.close();
    };
    expect(await failure(write())).toEqual({
      name: 'MediaError',
      code: 'MEDIA_FFMPEG_KILLED',
      message: `ffmpeg was killed (SIGKILL) while encoding ${path}.`,
      hint: 'If nobody did that, the system may have run out of memory: try a smaller --height.',
    });
    expect(running(path)).toEqual([]);
  });

  test('killed after the last frame', async () => {
    const path = at('killed-late.mp4');
    const write = async () => {
      const sink = await VideoSink.open(path, { timeBase: TIME_BASE }, SIZE);
      await sink.write(frame(0, 0));
      process.kill(await started(path), 'SIGKILL');
      await sink.close();
    };
    expect(await failure(write())).toMatchObject({ code: 'MEDIA_FFMPEG_KILLED' });
  });

  test('a full disk', async () => {
    const source = silent(at('full.mp4'));
    // ffmpeg may write 4096 bytes; then it gets EFBIG, as a full disk gives ENOSPC. It ends with exit code 0.
    const limited = `case " $* " in *" pipe:0 "*) trap '' XFSZ; ulimit -f 8 ;; esac`;
    vi.stubEnv('FFMPEG_PATH', wrapper(at('limited'), limited));
    expect(await failure(copyVideo(source, at('full-copy.mkv')))).toEqual({
      name: 'MediaError',
      code: 'MEDIA_DISK_FULL',
      message: `ffmpeg failed while encoding ${at('full-copy.mkv')}: the disk is full.`,
      hint: 'Free some space, or write to another disk with -o.',
    });
    expect(running(at('full-copy.mkv'))).toEqual([]);
  });

  test.runIf(existsSync('/dev/full'))('a full disk that shows only at the end', async () => {
    symlinkSync('/dev/full', at('full.mkv'));
    const write = async () => {
      const sink = await VideoSink.open(at('full.mkv'), { timeBase: TIME_BASE }, SIZE);
      for (const value of [0, 40, 80]) await sink.write(frame(value, 0));
      await sink.close();
    };
    expect(await failure(write())).toMatchObject({ code: 'MEDIA_DISK_FULL' });
  });

  test('a folder that is not there', async () => {
    const path = join(folder, 'no', 'out.mp4');
    const write = async () => {
      const sink = await VideoSink.open(path, { timeBase: TIME_BASE }, SIZE);
      for (let value = 0; value < 1e4; value += 40) await sink.write(frame(value, 0));
      await sink.close();
    };
    const error = await failure(write());
    expect(error).toMatchObject({ name: 'MediaError', code: 'MEDIA_FFMPEG_FAILED' });
    expect(error.message).toContain(`${path}: No such file or directory`);
  });

  test('the source ends too, with its ffmpeg', async () => {
    const source = silent(at('chain.mp4'));
    const loop = async () => {
      const from = new VideoSource(await probe(source));
      const sink = await VideoSink.open(at('chain-copy.mp4'), from.info, from.size);
      for await (const each of from) {
        await sink.write(each);
        await sink.abort();
      }
    };
    expect(await failure(loop())).toMatchObject({ code: 'MEDIA_FFMPEG_KILLED' });
    expect(running(at('chain'))).toEqual([]);
  });
});

describe('the process', () => {
  const job = (name: string) => ({
    inputs: [{ source: 'testsrc2=size=640x360:rate=25', options: ['-f', 'lavfi', '-re'] }],
    output: at(name),
    outputOptions: ['-c:v', 'mpeg4'],
  });

  test('killed before it has started', async () => {
    const child = new FfmpegProcess(await findFfmpeg(), job('before.mkv'));
    child.kill();
    expect((await child.exited).signal).toBe('SIGKILL');
    expect(running(at('before.mkv'))).toEqual([]);
  });

  test('reads devices without a probe of what ffmpeg can do, and is ended by kill', async () => {
    const child = new FfmpegProcess(await findFfmpeg(), job('device.mkv'));
    await started(at('device.mkv'));
    child.kill();
    const { signal, failure: error } = await child.exited;
    expect(signal).toBe('SIGKILL');
    expect(error).toBeDefined();
    expect(running(at('device.mkv'))).toEqual([]);
  });

  test('that fails reports the end of its stderr', async () => {
    const child = new FfmpegProcess(await findFfmpeg(), { ...job('x.mkv'), outputOptions: ['-c:v', 'no_such'] });
    const { failure: error, signal, tail } = await child.exited;
    expect(error).toBeDefined();
    expect(signal).toBeUndefined();
    expect(tail.join('\n')).toMatch(/Unknown encoder 'no_such'/);
    expect(tail.length).toBeLessThanOrEqual(30);
  });

  test('an ffmpeg that cannot be executed', async () => {
    const ffmpeg = { ...(await findFfmpeg()), path: at('nowhere') };
    const child = new FfmpegProcess(ffmpeg, job('y.mkv'));
    expect((await child.exited).failure?.message).toMatch(/ENOENT/);
  });
});

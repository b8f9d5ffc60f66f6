import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Frame } from '#src/frame.js';
import type { Progress } from '#src/pipeline/progress.js';
import { stylizeVideo } from '#src/pipeline/stylize/video.js';
import { clip, flashes, rotate, silent } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { expectKept } from '../../fixtures/kept.js';
import { preset } from '../../fixtures/networks.js';
import { running, started } from '../../fixtures/processes.js';
import { beepTimes, flashTimes, frameTimes, meanError, rgbFrames, shownSize } from '../../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const identity = preset(folder, 'identity');
const negative = preset(folder, 'negative');
const BEST = { crf: 0, encoderPreset: 'ultrafast' } as const;

/** Files in the folder whose name begins so. */
const files = (start: string) => readdirSync(folder).filter((name) => name.startsWith(start));

describe('through a network that changes nothing a file is kept', () => {
  const UNEVEN = ['-vf', "select='gt(mod(n*7,5),1)'", '-vsync', 'vfr'];
  test.each([
    ['variable rate with sound', () => clip(at('variable.mp4'), UNEVEN)],
    ['turned', () => rotate(clip(at('turned.mp4')), 90)],
    ['odd', () => silent(at('odd.mp4'), ['-s', '321x181', '-pix_fmt', 'yuv444p'])],
  ])('%s', async (_, make) => {
    const input = make();
    const output = input.replace('.mp4', '-out.mp4');
    const result = await stylizeVideo({ input, output, style: identity, ...BEST });
    expectKept(input, output);
    expect(result).toMatchObject({ output, frames: frameTimes(input).length, ...shownSize(input), interrupted: false });
  });
});

describe('options', () => {
  const input = silent(at('source.mp4'));
  const original = rgbFrames(input)[0]!;

  test('the network is applied, to every frame', async () => {
    await stylizeVideo({ input, output: at('negative.mp4'), style: negative, ...BEST });
    const inverse = original.map((value) => 255 - value);
    expect(meanError(rgbFrames(at('negative.mp4'))[0]!, inverse)).toBeLessThan(2);
    expect(frameTimes(at('negative.mp4'))).toEqual(frameTimes(input));
  });

  test('strength 0 is the original', async () => {
    await stylizeVideo({ input, output: at('none.mp4'), style: negative, strength: 0, ...BEST });
    expect(meanError(rgbFrames(at('none.mp4'))[0]!, original)).toBeLessThan(2);
  });

  test('compare puts the original to the left', async () => {
    const result = await stylizeVideo({ input, output: at('both.mp4'), style: negative, compare: true, ...BEST });
    expect([result.width, result.height]).toEqual([640, 180]);
    const [first] = rgbFrames(at('both.mp4'));
    const half = (left: boolean) =>
      Buffer.concat(
        Array.from({ length: 180 }, (_, y) => first!.subarray((y * 640 + (left ? 0 : 320)) * 3).subarray(0, 960)),
      );
    expect(meanError(half(true), original)).toBeLessThan(2.5);
    expect(
      meanError(
        half(false),
        original.map((value) => 255 - value),
      ),
    ).toBeLessThan(2.5);
  });

  test('a height', async () => {
    await stylizeVideo({ input, output: at('low.mp4'), style: identity, height: 90, ...BEST });
    expect(shownSize(at('low.mp4'))).toEqual({ width: 160, height: 90 });
  });

  test('a part, in sync', async () => {
    const film = flashes(at('flashes.mp4'));
    const part = { start: 0.5, duration: 1 };
    const { frames } = await stylizeVideo({ input: film, output: at('part.mp4'), style: identity, ...part, ...BEST });
    expect(frames).toBe(50);
    const seen = flashTimes(at('part.mp4'));
    expect(seen).toHaveLength(2);
    for (const [i, heard] of beepTimes(at('part.mp4')).entries())
      expect(Math.abs(heard - seen[i]!)).toBeLessThan(0.0105);
  });

  test('progress, which ends with all frames', async () => {
    const told: Progress[] = [];
    await stylizeVideo({ input, output: at('told.mp4'), style: identity, ...BEST, onProgress: (p) => told.push(p) });
    expect(told.at(-1)).toMatchObject({ frames: 25, total: 25, left: 0 });
  });

  test('each finished frame is shown before it is written', async () => {
    const shown: Buffer[] = [];
    const onFrame = (frame: Frame) => shown.push(Buffer.from(frame.data));
    const result = await stylizeVideo({ input, output: at('shown.mp4'), style: negative, onFrame, ...BEST });
    expect(shown).toHaveLength(result.frames);
    const written = rgbFrames(at('shown.mp4'), [], 1000);
    for (const [n, frame] of shown.entries()) expect(meanError(frame, written[n]!)).toBeLessThan(2);
  });

  test('what is wrong is said before anything is written', async () => {
    const output = at('wrong.mp4');
    const wrong = (options: object) => failure(stylizeVideo({ input, output, style: identity, ...options }));
    expect((await wrong({ strength: 2 })).code).toBe('STRENGTH');
    expect((await wrong({ codec: 'vp9', output: at('wrong.mov') })).code).toBe('OUTPUT_CODEC');
    expect((await wrong({ encoderPreset: 'quick' })).code).toBe('ENCODER_PRESET');
    expect((await wrong({ input: at('missing.mp4') })).code).toBe('MEDIA_NOT_FOUND');
    expect((await wrong({ output: input })).code).toBe('OUTPUT_IS_INPUT');
    expect((await wrong({ style: 'no such style' })).code).toBe('PRESET_UNKNOWN');
    expect((await wrong({ start: 9 })).code).toBe('MEDIA_NO_FRAMES');
    expect(files('wrong')).toEqual([]);
    expect(running(folder)).toEqual([]);
  });
});

describe('faults leave nothing behind', () => {
  /** Too long to be over before something happens to it. */
  const film = at('film.mkv');
  ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=20'],
    ...['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=20', '-c:v', 'mpeg4', '-c:a', 'aac', film],
  );

  test.each([
    ['the decoder', film],
    ['the encoder', at('killed.partial.mp4')],
  ])('when %s is killed', async (_, path) => {
    const work = failure(stylizeVideo({ input: film, output: at('killed.mp4'), style: identity }));
    await started(at('killed.partial.mp4'));
    process.kill(running(path).at(-1)!, 'SIGKILL');
    expect(await work).toMatchObject({ name: 'MediaError', code: 'MEDIA_FFMPEG_KILLED' });
    expect(files('killed')).toEqual([]);
    expect(running(folder)).toEqual([]);
  });

  test.each([
    ['from 0 on', 'stopped', []],
    ['from 2.5 s on', 'late', ['-output_ts_offset', '2.5']],
  ])('aborted, the file holds what was done, with sound as long as the picture, %s', async (_, name, offset) => {
    const input = at(`${name}-film.mkv`);
    ffmpeg('-i', film, '-map', '0', '-c', 'copy', ...offset, input);
    const controller = new AbortController();
    const result = await stylizeVideo({
      ...{ input, output: at(`${name}.mp4`), style: identity, signal: controller.signal },
      onProgress: ({ frames }) => {
        if (frames > 20) controller.abort();
      },
    });
    expect(result).toMatchObject({ output: at(`${name}.partial.mp4`), interrupted: true });
    expect(files(`${name}.`)).toEqual([`${name}.partial.mp4`]);
    const times = frameTimes(result.output!);
    expect(times.length).toBe(result.frames);
    expect(times.length).toBeLessThan(400);
    const sound =
      ffmpeg('-i', result.output!, '-map', '0:a', '-ac', '1', '-ar', '8000', '-f', 's16le', '-').length / 16_000;
    expect(Math.abs(sound - (times.at(-1)! - times[0]! + 0.04))).toBeLessThan(0.1);
    expect(running(folder)).toEqual([]);
  });

  test('aborted before the first frame there is no file', async () => {
    const options = { input: film, output: at('never.mp4'), style: identity, signal: AbortSignal.abort() };
    expect(await stylizeVideo(options)).toMatchObject({ output: undefined, frames: 0, interrupted: true });
    expect(files('never')).toEqual([]);
    expect(running(folder)).toEqual([]);
  });

  test('a truncated file gives what there is, and says how much', async () => {
    const input = silent(at('cut.mp4'), ['-movflags', '+faststart', '-x264-params', 'keyint=5']);
    truncateSync(input, Math.floor(readFileSync(input).length * 0.6));
    const { frames, notes } = await stylizeVideo({ input, output: at('cut-out.mp4'), style: identity });
    expect(frames).toBe(frameTimes(at('cut-out.mp4')).length);
    expect(notes).toEqual([expect.stringContaining(`${input} is damaged: ${frames} of 25 frames could be read (`)]);
  });
});

describe('sources and sinks of the caller', () => {
  const SIZE = { width: 32, height: 16 };
  const made = (value: number): Frame => ({
    data: new Uint8Array(32 * 16 * 3).fill(value),
    ...SIZE,
    pts: { value: value * 40, timeBase: { num: 1, den: 1000 } },
  });
  function source(length: number) {
    const closed = vi.fn();
    async function* frames() {
      try {
        for (let n = 0; n < length; n++) yield made(n);
      } finally {
        closed();
      }
    }
    return { frames: frames(), closed };
  }

  test('frames from a program, frames to a program', async () => {
    const { frames, closed } = source(10);
    const taken: Frame[] = [];
    const close = vi.fn();
    const output = { write: (frame: Frame) => void taken.push(frame), close };
    const result = await stylizeVideo({ input: frames, output, style: negative });
    expect(result).toMatchObject({ output: undefined, frames: 10, ...SIZE });
    expect(taken.map((frame) => [frame.pts.value, frame.data[0]])).toEqual(
      Array.from({ length: 10 }, (_, n) => [n * 40, 255 - n]),
    );
    expect(close).toHaveBeenCalledTimes(1);
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test('into a file', async () => {
    await stylizeVideo({ input: source(5).frames, output: at('made.mp4'), style: identity });
    expect(frameTimes(at('made.mp4'))).toEqual([0, 0.04, 0.08, 0.12, 0.16]);
  });

  test('a sink that fails closes the source', async () => {
    const { frames, closed } = source(1000);
    const write = async (frame: Frame) => {
      if (frame.pts.value === 200) throw new Error('sink');
    };
    const work = stylizeVideo({ input: frames, output: { write, close: () => undefined }, style: identity });
    await expect(work).rejects.toThrow('sink');
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test('a style that is not there closes the source, and the sink is told', async () => {
    const { frames, closed } = source(1000);
    const close = vi.fn();
    const abort = vi.fn();
    const output = { write: () => undefined, close, abort };
    const error = await failure(stylizeVideo({ input: frames, output, style: 'no-such-style' }));
    expect(error.code).toBe('PRESET_UNKNOWN');
    expect(closed).toHaveBeenCalledTimes(1);
    expect(abort).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: error.code }));
    expect(close).not.toHaveBeenCalled();
  });
});

test('an existing file stays as it was when the work fails', async () => {
  const output = at('precious.mp4');
  writeFileSync(output, 'old');
  const input = at('garbage.mp4');
  writeFileSync(input, 'garbage');
  const error = await failure(stylizeVideo({ input, output, style: identity, overwrite: true }));
  expect(error.code).toBe('MEDIA_UNREADABLE');
  expect(readFileSync(output, 'utf8')).toBe('old');
});

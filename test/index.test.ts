import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import * as stylecast from '#src/index.js';
import { type Frame, openPainter, openStyle, stylizeFrames, stylizeImage, stylizeVideo } from '#src/index.js';
import { ffmpeg, freshFolder, listing, look, makeClip } from './cli/run.js';
import { invert, network, small, styleOf } from './engine/networks.js';
import { difference, failure, noise } from './engine/pictures.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const style = styleOf(invert);
const [width, height] = [64, 48];

beforeAll(() => {
  makeClip(folder, 'clip.mp4');
  ffmpeg(folder, '-i', 'clip.mp4', '-frames:v', '1', 'photo.png');
});

/** Frames of one level each, at uneven times; tells how many were asked for and whether it was closed. */
function drawing(count: number, options: { readonly stall?: number; readonly size?: (n: number) => number } = {}) {
  const state = { given: 0, closed: false };
  async function* frames(): AsyncGenerator<Frame> {
    try {
      for (let n = 0; n < count; n++) {
        if (n === options.stall) await new Promise(() => {});
        const w = options.size?.(n) ?? width;
        const data = new Uint8Array(w * height * 3).fill(n);
        state.given++;
        yield { data, width: w, height, pts: { value: n * n, timeBase: { num: 1, den: 1000 } } };
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, frames: frames() };
}

/** Keeps what it is given; fails at a frame, or takes its time. */
function collector(options: { readonly failAt?: number; readonly delay?: number } = {}) {
  const seen: { level: number; time: number }[] = [];
  const state = { closed: 0 };
  return {
    seen,
    state,
    async write({ data, pts }: Frame) {
      if (seen.length === options.failAt) throw new Error('no more, please');
      if (options.delay) await wait(options.delay);
      seen.push({ level: data[0]!, time: stylecast.seconds(pts) });
    },
    close() {
      state.closed++;
    },
  };
}

test('what the library offers', () => {
  const errors = ['StylecastError', 'OptionError', 'MediaError', 'PresetError', 'EngineError', 'GraphError'];
  const whole = ['stylizeVideo', 'stylizeImage', 'openStyle', 'listStyles'];
  const parts = [
    'probe',
    'openPainter',
    'Painter',
    'stylizeFrames',
    'VideoSource',
    'VideoSink',
    'readImage',
    'writeImage',
  ];
  const words = ['DEVICES', 'VIDEO_CODECS', 'ENCODER_PRESETS', 'messageOf', 'seconds'];
  expect(Object.keys(stylecast)).toEqual(expect.arrayContaining([...errors, ...whole, ...parts, ...words]));
});

describe('frames from anywhere to anywhere', () => {
  test('in order, with their times, each painted; the sink is closed once', async () => {
    const { state, frames } = drawing(40);
    const sink = collector();
    const result = await stylizeVideo({ input: frames, output: sink, style });
    expect(sink.seen).toEqual(Array.from({ length: 40 }, (_, n) => ({ level: 255 - n, time: (n * n) / 1000 })));
    expect(sink.state.closed).toBe(1);
    expect(state).toEqual({ given: 40, closed: true });
    expect(result).toEqual({
      output: undefined,
      frames: 40,
      width,
      height,
      device: expect.any(String),
      seconds: expect.any(Number),
      fps: expect.any(Number),
      interrupted: false,
      bottleneck: expect.any(String),
      notes: [],
    });
  });

  test('frames into a file keep their times', async () => {
    const { frames } = drawing(10);
    const { output } = await stylizeVideo({ input: frames, output: at('drawn.mkv'), style });
    expect(output).toBe(at('drawn.mkv'));
    expect(look(at('drawn.mkv'))).toMatchObject({ frames: 10, width, height });
  });

  test('a slow sink holds the source back', async () => {
    const { state, frames } = drawing(30);
    let ahead = 0;
    const sink = collector({ delay: 10 });
    const write = sink.write.bind(sink);
    const watching = {
      ...sink,
      write(frame: Frame) {
        ahead = Math.max(ahead, state.given - sink.seen.length);
        return write(frame);
      },
    };
    await stylizeVideo({ input: frames, output: watching, style, threads: 2 });
    expect(sink.seen).toHaveLength(30);
    expect(ahead).toBeGreaterThan(1);
    expect(ahead).toBeLessThanOrEqual(8);
  });

  test('a sink that fails ends the work and closes the source', async () => {
    const { state, frames } = drawing(1000);
    const error = await failure(stylizeVideo({ input: frames, output: collector({ failAt: 3 }), style }));
    expect(error.message).toBe('no more, please');
    expect(state.closed).toBe(true);
    expect(state.given).toBeLessThan(20);
  });

  test('a source that fails ends the work', async () => {
    async function* broken() {
      yield* drawing(3).frames;
      throw new Error('the camera is gone');
    }
    const error = await failure(stylizeVideo({ input: broken(), output: collector(), style }));
    expect(error.message).toBe('the camera is gone');
  });

  test('a source whose size changes is refused, the file is not left', async () => {
    const before = listing(folder);
    const { state, frames } = drawing(20, { size: (n) => (n < 5 ? width : 32) });
    expect(await failure(stylizeVideo({ input: frames, output: at('changing.mp4'), style }))).toEqual({
      code: 'ENGINE_SIZE',
      message: 'A frame is 32x48; expected 64x48.',
      hint: 'All frames of a source must have the size that the style was opened for.',
    });
    expect(state.closed).toBe(true);
    expect(listing(folder)).toEqual(before);
  });

  test('no frames at all: nothing is written', async () => {
    const before = listing(folder);
    const result = await stylizeVideo({ input: drawing(0).frames, output: at('nothing.mp4'), style });
    expect(result).toMatchObject({ output: undefined, frames: 0, interrupted: false });
    expect(listing(folder)).toEqual(before);
  });

  test("stylizeFrames with a painter of one's own", async () => {
    const opened = await openPainter(style, { width, height }, { threads: 2 });
    const levels: number[] = [];
    for await (const { data } of stylizeFrames(drawing(12).frames, opened)) levels.push(data[0]!);
    await opened.painter.close();
    expect(levels).toEqual(Array.from({ length: 12 }, (_, n) => 255 - n));
  });
});

describe('AbortSignal', () => {
  test('a file is finished under its partial name', async () => {
    const controller = new AbortController();
    const notes: string[] = [];
    const result = await stylizeVideo({
      input: drawing(100_000).frames,
      output: at('stopped.mkv'),
      style,
      signal: controller.signal,
      onNote: (note) => notes.push(note),
      onProgress: ({ frames }) => frames >= 5 && controller.abort(),
    });
    expect(result).toMatchObject({ output: at('stopped.partial.mkv'), interrupted: true });
    expect(look(at('stopped.partial.mkv')).frames).toBe(result.frames);
    expect(existsSync(at('stopped.mkv'))).toBe(false);
    expect(notes).toEqual(result.notes);
  });

  test('aborted before it began', async () => {
    const before = listing(folder);
    const result = await stylizeVideo({
      input: at('clip.mp4'),
      output: at('never.mp4'),
      style,
      signal: AbortSignal.abort(),
    });
    expect(result).toMatchObject({ output: undefined, frames: 0, interrupted: true });
    expect(listing(folder)).toEqual(before);
  });

  test('a video file is interrupted while its frames are painted', async () => {
    const controller = new AbortController();
    const sink = collector();
    const write = sink.write.bind(sink);
    const stopping = {
      ...sink,
      write(frame: Frame) {
        if (sink.seen.length === 4) controller.abort();
        return write(frame);
      },
    };
    const result = await stylizeVideo({ input: at('clip.mp4'), output: stopping, style, signal: controller.signal });
    expect(result.interrupted).toBe(true);
    expect(result.frames).toBeGreaterThanOrEqual(5);
    expect(result.frames).toBeLessThan(25);
    expect(sink.seen).toHaveLength(result.frames);
  });
});

describe('video files', () => {
  test('progress, from the first frame to the last', async () => {
    const told: { frames: number; total: number | undefined }[] = [];
    const result = await stylizeVideo({
      input: at('clip.mp4'),
      output: at('told.mp4'),
      style: styleOf(small(), { input: { multiple: 4 } }),
      onProgress: ({ frames, total }) => told.push({ frames, total }),
    });
    expect(told[0]).toEqual({ frames: 1, total: 25 });
    expect(told.at(-1)).toEqual({ frames: 25, total: 25 });
    expect(told.map(({ frames }) => frames)).toEqual(told.map(({ frames }) => frames).sort((a, b) => a - b));
    expect(result.frames).toBe(25);
  });

  test('a network that fails in the middle leaves no file', async () => {
    const before = listing(folder);
    // Its 12 is an index into three channels: it fails at the first frame that it sees.
    const failing = network((g, x) => {
      const size = g.op('Cast', [g.op('ReduceMax', [x], { keepdims: 0 })], { to: 7 });
      return g.op('Mul', [x, g.op('Gather', [x, g.op('Add', [size, g.scalar('int64', 12)])], { axis: 1 })]);
    });
    const error = await failure(
      stylizeVideo({ input: at('clip.mp4'), output: at('failing.mp4'), style: styleOf(failing) }),
    );
    expect(error.code).toBe('ENGINE_NETWORK');
    expect(listing(folder)).toEqual(before);
  });

  test('openStyle gives what `style` takes', async () => {
    const wave = await openStyle('great-wave');
    expect(wave.name).toBe('great-wave');
    const result = await stylizeVideo({ input: at('clip.mp4'), output: collector(), style: wave, duration: 0.2 });
    expect(result.frames).toBe(5);
  });
});

describe('pictures', () => {
  test('stylizeImage', async () => {
    const result = await stylizeImage({ input: at('photo.png'), output: at('negative.png'), style });
    expect(result).toEqual({
      output: at('negative.png'),
      interrupted: false,
      width: 160,
      height: 90,
      device: expect.any(String),
      seconds: expect.any(Number),
      notes: [],
    });
    const [a, b] = await Promise.all([stylecast.readImage(at('photo.png')), stylecast.readImage(at('negative.png'))]);
    expect(
      difference(
        b.frame.data,
        a.frame.data.map((level) => 255 - level),
      ).max,
    ).toBe(0);
  });

  test('aborted, there is no picture', async () => {
    const before = listing(folder);
    const signal = AbortSignal.abort();
    const result = await stylizeImage({ input: at('photo.png'), output: at('never.png'), style, signal });
    expect(result).toMatchObject({ output: undefined, interrupted: true, width: 160, height: 90 });
    expect(listing(folder)).toEqual(before);
  });

  test('strength 0 gives the original back, bit for bit', async () => {
    const still = await stylecast.readImage(at('photo.png'));
    const grain = { ...still.frame, data: new Uint8Array(noise(160, 90)) as Uint8Array<ArrayBuffer> };
    await stylecast.writeImage(grain, at('grain.png'));
    await stylizeImage({ input: at('grain.png'), output: at('same.png'), style: 'great-wave', strength: 0 });
    const same = await stylecast.readImage(at('same.png'));
    expect(difference(same.frame.data, noise(160, 90)).max).toBe(0);
  });

  test('a failure leaves no file', async () => {
    const before = listing(folder);
    const gray = network((g, x) => g.op('Slice', [x, g.ints([0]), g.ints([1]), g.ints([1])]));
    const error = await failure(stylizeImage({ input: at('photo.png'), output: at('no.png'), style: styleOf(gray) }));
    expect(error.code).toBe('ENGINE_OUTPUT');
    expect(listing(folder)).toEqual(before);
    expect(readFileSync(at('photo.png')).length).toBeGreaterThan(0);
  });
});

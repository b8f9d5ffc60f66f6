import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type EngineOptions, openPainter } from '#src/engine/open.js';
import { TemporalFilter } from '#src/engine/stabilize/temporal-filter.js';
import { invert, network, small, styleOf } from '../networks.js';
import { difference, failure, frameOf, noise } from '../pictures.js';

const [width, height] = [96, 64];
const size = { width, height };
const flat = (level: number) => new Uint8Array(width * height * 3).fill(level);

// Threads as they are made, so that one can be ended from outside.
const threads: Worker[] = [];
const post = Worker.prototype.postMessage;
vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
  if (!threads.includes(this)) threads.push(this);
  return post.apply(this, args as Parameters<typeof post>);
});
afterEach(() => {
  threads.length = 0;
});

const open = (options: EngineOptions = {}, net = invert) => openPainter(styleOf(net), size, { threads: 2, ...options });

test('several sessions: every result belongs to its picture, time stamps included', async () => {
  const { painter } = await open({ threads: 3 });
  expect(painter.sessions).toBe(3);
  const results = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      painter.paint({ ...frameOf(flat(n * 4), width, height), pts: { value: n, timeBase: { num: 1, den: 25 } } }),
    ),
  );
  await painter.close();
  expect(results.map(({ pts }) => pts.value)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  expect(results.map(({ data }) => [data[0], data.at(-1)])).toEqual(
    Array.from({ length: 60 }, (_, n) => [255 - n * 4, 255 - n * 4]),
  );
});

test('the mode decides how threads are used, and memory how many sessions there are', async () => {
  const live = await open({ threads: 4, mode: 'latency' });
  expect(live.painter.sessions).toBe(1);
  await live.painter.close();
  const tight = await openPainter(styleOf(small()), size, { threads: 4, memory: live.facts.peakBytes });
  expect(tight.painter.sessions).toBe(1);
  await tight.painter.close();
});

test('close while pictures are being painted waits for them', async () => {
  const { painter } = await openPainter(styleOf(small()), size, { threads: 2 });
  const results = Array.from({ length: 6 }, (_, n) => painter.paint(frameOf(flat(n), width, height)));
  await painter.close();
  expect((await Promise.all(results)).map(({ data }) => data.length)).toEqual(new Array(6).fill(width * height * 3));
});

test('closing twice is allowed; painting afterwards is an error', async () => {
  const { painter } = await open();
  await painter.close();
  await painter.close();
  expect(await failure(painter.paint(frameOf(flat(1), width, height)))).toEqual({
    code: 'ENGINE_CLOSED',
    message: 'The painter is closed; expected an open one.',
    hint: 'Call paint before close.',
  });
});

test('a thread that dies: its pictures fail, later ones go to the others, and close returns', async () => {
  const { painter } = await open();
  await painter.paint(frameOf(flat(1), width, height));
  await threads[0]!.terminate();
  for (let n = 0; n < 4; n++) {
    const data = noise(width, height).map((level) => level ^ n);
    const { data: result } = await painter.paint(frameOf(data, width, height));
    expect(
      difference(
        result,
        data.map((level) => 255 - level),
      ).max,
    ).toBe(0);
  }
  await painter.close();
});

test('when all threads are dead, painting says so at once', async () => {
  const { painter } = await open({ threads: 1 });
  await painter.paint(frameOf(flat(1), width, height));
  await threads[0]!.terminate();
  for (let n = 0; n < 2; n++) {
    expect(await failure(painter.paint(frameOf(flat(2), width, height)))).toEqual({
      code: 'ENGINE_DIED',
      message: 'The thread that runs the network died (exit code 1).',
      hint: 'If memory ran out, try a smaller --memory, --height or --threads.',
    });
  }
  await painter.close();
});

test('a picture that was being painted by a thread that dies fails', async () => {
  const { painter } = await open({ threads: 1 });
  await painter.paint(frameOf(flat(1), width, height));
  // Asked to end before the picture arrives: the thread is not inside the runtime then, which must not be ended.
  const ended = threads[0]!.terminate();
  const result = failure(painter.paint(frameOf(flat(2), width, height)));
  await ended;
  expect(await result).toMatchObject({ code: 'ENGINE_DIED' });
  await painter.close();
});

test('a frame of another size is refused, and the painter continues', async () => {
  const { painter } = await open();
  expect(await failure(painter.paint(frameOf(noise(95, 64), 95, 64)))).toEqual({
    code: 'ENGINE_SIZE',
    message: 'A frame is 95x64; expected 96x64.',
    hint: 'All frames of a source must have the size that the style was opened for.',
  });
  expect((await painter.paint(frameOf(flat(0), width, height))).data[0]).toBe(255);
  await painter.close();
});

test('a network that fails at run time is an error with a reason, and the painter continues', async () => {
  // Picks a channel whose number is the level of the first pixel: only 0 exists.
  const picky = network((g, x) => {
    const pixel = g.op('Slice', [x, g.ints([0, 0, 0]), g.ints([1, 1, 1]), g.ints([1, 2, 3])]);
    const level = g.op('Cast', [g.op('Mul', [g.op('Reshape', [pixel, g.ints([1])]), g.scalar('float32', 255)])], {
      to: 7,
    });
    return g.op('Mul', [x, g.op('Gather', [x, level], { axis: 1 })]);
  });
  const { painter } = await open({ threads: 1 }, picky);
  const error = await failure(painter.paint(frameOf(flat(200), width, height)));
  expect(error).toMatchObject({
    code: 'ENGINE_NETWORK',
    hint: 'It may use operators that this runtime lacks, or sizes other than its manifest says.',
  });
  expect(error.message).toMatch(/^The network cannot run: .*Gather/);
  expect((await painter.paint(frameOf(flat(0), width, height))).data[0]).toBe(0);
  await painter.close();
});

describe('a frame that is the same as the one before', () => {
  const still = noise(width, height);
  // A corner changes: the camera stays where it is.
  const changed = still.map((level, at) => (at % (3 * width) < 60 && at < 3 * width * 20 ? 255 - level : level));
  const shown = [still, still, changed, ...new Array(30).fill(changed), still];
  const RUNS = 3;

  /** What `paint` gives for the frames, and how often a network ran. */
  async function painted(options: EngineOptions, frames: readonly Uint8Array[] = shown) {
    const { painter } = await openPainter(styleOf(small()), size, { threads: 2, device: 'cpu', ...options });
    const began = vi.mocked(Worker.prototype.postMessage).mock.calls.length;
    // All at once, as many frames are under way in a video.
    const all = frames.map((data) => painter.paint(frameOf(Uint8Array.from(data), width, height)));
    const results = (await Promise.all(all)).map(({ data }) => data);
    const runs = vi.mocked(Worker.prototype.postMessage).mock.calls.length - began;
    await painter.close();
    return { results, runs };
  }

  test.each([
    ['as it is', {}],
    ['beside the source', { compare: true }],
  ])('is not painted again: %s', async (_, options) => {
    const { results, runs } = await painted(options);
    expect(runs).toBe(RUNS);
    const [one, other] = await Promise.all([still, changed].map((frame) => painted(options, [frame])));
    const expected = shown.map((frame) => (frame === still ? one : other)!.results[0]);
    for (const [n, result] of results.entries()) expect(Buffer.compare(result, expected[n]!)).toBe(0);
  });

  test('settles as if it were painted again', async () => {
    const { results, runs } = await painted({ steady: true });
    expect(runs).toBe(RUNS);
    const [one, other] = await Promise.all([still, changed].map((frame) => painted({ steady: true }, [frame])));
    const filter = new TemporalFilter(size);
    for (const [n, frame] of shown.entries()) {
      const data = Uint8Array.from((frame === still ? one : other)!.results[0]!);
      const place = { x: 0, y: 0, zoom: 1, cut: n === 0 };
      filter.apply({ data, stride: 3 * width, from: 0 }, filter.lumaOf(frame), place);
      expect(Buffer.compare(results[n]!, data)).toBe(0);
    }
    expect(results.at(-2)).toEqual(results.at(-3));
    expect(results[3]).not.toEqual(results[2]);
  });

  test('is painted again where it failed', async () => {
    const { painter } = await open({ threads: 2 });
    await painter.paint(frameOf(flat(1), width, height));
    const ended = threads[0]!.terminate();
    const twice = [1, 2].map(() => failure(painter.paint(frameOf(flat(2), width, height))));
    await ended;
    for (const result of twice) expect(await result).toMatchObject({ code: 'ENGINE_DIED' });
    expect((await painter.paint(frameOf(flat(2), width, height))).data[0]).toBe(253);
    await painter.close();
  });
});

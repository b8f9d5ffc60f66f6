import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { deferred } from '#src/deferred.js';
import { type LiveOptions, startLive } from '#src/live/live.js';
import { connect } from '#src/live/protocol/client.js';
import type { LiveUrls } from '#src/live/protocol/protocol.js';
import type { FrameMessage } from '#src/live/protocol/wire.js';
import type { LiveStats } from '#src/live/show/types.js';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { clip } from '../fixtures/clips.js';
import { failure } from '../fixtures/failure.js';
import { freshFolder } from '../fixtures/ffmpeg.js';
import { preset } from '../fixtures/networks.js';
import { running } from '../fixtures/processes.js';

const folder = freshFolder();
process.env.STYLECAST_HOME = folder;
const style = preset(join(folder, 'presets'), 'negative');
const path = clip(join(folder, 'clip.mp4'));
const source = { kind: 'file', path, loop: true } as const;

/** Starts a show with a port of its own. */
const start = (options: LiveOptions) =>
  startLive({ style, source, ...options, server: { port: 0, ...options.server } });

test('from a program: frames, figures, settings and the end', async () => {
  const notes: string[] = [];
  const live = await start({ onNote: (note) => notes.push(note), settings: { strength: 0.5 } });
  let frames = 0;
  live.show.onFrame(() => frames++);
  await expect.poll(() => frames).toBeGreaterThan(10);
  expect(live.show.settings).toMatchObject({ style: 'negative', strength: 0.5 });
  expect(await live.show.change({ mirror: true })).toMatchObject({ mirror: true });
  expect(live.stats()).toMatchObject({ viewers: 0, source: 'live', outputs: {} });
  await live.close();
  const result = await live.finished;
  expect(result.frames).toBeGreaterThanOrEqual(frames);
  expect(result.files).toEqual([]);
  // At how many lines it keeps pace is for the machine to say.
  expect(notes.filter((note) => !/^The network works at/.test(note))).toEqual([]);
  expect(running(path)).toEqual([]);
  await expect(fetch(live.urls.control)).rejects.toThrow();
});

test('its frames are read in a loop, the newest each time, which ends with it', async () => {
  await using live = await start({});
  const times: number[] = [];
  let painted = 0;
  live.show.onFrame(() => painted++);
  for await (const { data, width, height, pts } of live.frames()) {
    expect(data.length).toBe(width * height * 3);
    times.push(pts);
    if (times.length === 1) await expect.poll(() => painted).toBeGreaterThan(5);
    if (times.length === 4) void live.close();
  }
  expect(times.length).toBeGreaterThanOrEqual(4);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('an abort signal ends it, also while it starts', async () => {
  const controller = new AbortController();
  const live = await start({ signal: controller.signal });
  controller.abort();
  await live.finished;
  expect(running(path)).toEqual([]);
  await expect(start({ signal: AbortSignal.abort() })).rejects.toThrow();
  expect(running(path)).toEqual([]);
});

test('a stream that is not live yet is waited for, with viewers already connected', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  await new Promise((resolve) => silent.close(resolve));

  const notes: string[] = [];
  const pages = deferred<LiveUrls>();
  const opening = start({
    source: { kind: 'url', url: `tcp://127.0.0.1:${port}` },
    settings: { strength: 0.5 },
    onServer: ({ urls }) => pages.resolve(urls),
    onNote: (note) => notes.push(note),
  });
  const { control } = await pages.promise;
  const frames: FrameMessage[] = [];
  const figures: LiveStats[] = [];
  const viewer = connect(control, { onFrame: (frame) => void frames.push(frame) });
  const controller = connect(control, { role: 'control', onStats: (stats) => void figures.push(stats) });
  await expect.poll(() => figures.at(-1)?.source).toBe('connecting');
  await expect.poll(() => notes.length).toBe(1);
  expect(notes[0]).toMatch(/nothing listens there\. Waiting for it\.$/);
  expect((await fetch(new URL('/snapshot.jpg', control))).status).toBe(503);
  const changed = controller.set({ mirror: true });

  const { path: program } = await findFfmpeg();
  const sender = spawn(program, [
    ...[
      '-v',
      'error',
      '-re',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=320x180:r=25',
      '-c:v',
      'mpeg1video',
      '-q:v',
      '3',
      '-g',
      '5',
    ],
    ...['-f', 'mpegts', `tcp://127.0.0.1:${port}?listen=1`],
  ]);
  try {
    const live = await opening;
    expect(await changed).toMatchObject({ strength: 0.5, mirror: true });
    await expect.poll(() => frames.length).toBeGreaterThan(0);
    expect(notes.at(-1)).toBe('The source is live.');
    await live.close();
  } finally {
    sender.kill('SIGKILL');
    viewer.close();
    controller.close();
  }
});

test('an abort signal also ends the waiting for a stream', async () => {
  const controller = new AbortController();
  const url = 'tcp://127.0.0.1:1';
  const opening = failure(
    start({ source: { kind: 'url', url }, signal: controller.signal, onNote: () => controller.abort() }),
  );
  expect(await opening).toMatchObject({ name: 'AbortError' });
});

const taken = createServer();
await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
const { port } = taken.address() as { port: number };
afterAll(() => taken.close());

test.for([
  [{ style: 'nothing' }, 'PRESET_UNKNOWN'],
  [{ settings: { strength: 3 } }, 'LIVE_SETTING'],
  [{ settings: { mask: 'face' } }, 'LIVE_SETTING'],
  [{ fps: 0 }, 'LIVE_OPTION'],
  [{ height: 1 }, 'LIVE_OPTION'],
  [{ device: 'abacus' }, 'DEVICE_UNKNOWN'],
  [{ source: { kind: 'url', url: 'clip.mp4' } }, 'SOURCE_URL'],
  [{ source: { kind: 'camera', camera: '99' } }, 'CAMERA_UNKNOWN'],
  [{ server: { port } }, 'LIVE_PORT_TAKEN'],
  [{ server: { host: '203.0.113.7' } }, 'LIVE_LISTEN'],
  [{ server: { tls: { cert: 'missing.pem', key: 'missing.pem' } } }, 'TLS_FILE'],
  [{ outputs: [{ kind: 'record', path: 'show.avi' }] }, 'OUTPUT_FORMAT'],
  [{ outputs: [{ kind: 'publish', url: 'ftp://example.org/x' }] }, 'PUBLISH_URL'],
] as const)('%j: %s, and nothing is left open', async ([options, code]) => {
  expect(await failure(start(options as unknown as LiveOptions))).toMatchObject({ code, hint: expect.any(String) });
  expect(running(path)).toEqual([]);
});

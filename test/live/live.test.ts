import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type LiveOptions, startLive } from '#src/live/live.js';
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
  await expect.poll(() => frames, { timeout: 20_000 }).toBeGreaterThan(10);
  expect(live.show.settings).toMatchObject({ style: 'negative', strength: 0.5 });
  expect(await live.show.change({ mirror: true })).toMatchObject({ mirror: true });
  expect(live.stats()).toMatchObject({ viewers: 0, source: 'live', outputs: {} });
  await live.close();
  const result = await live.finished;
  expect(result.frames).toBeGreaterThanOrEqual(frames);
  expect(result.files).toEqual([]);
  expect(notes).toEqual([]);
  expect(running(path)).toEqual([]);
  await expect(fetch(live.urls.control)).rejects.toThrow();
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

const taken = createServer();
await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
const { port } = taken.address() as { port: number };
afterAll(() => taken.close());

test.for([
  [{ style: 'nothing' }, 'PRESET_UNKNOWN'],
  [{ settings: { strength: 3 } }, 'LIVE_SETTING'],
  [{ settings: { mask: 'face' } }, 'LIVE_SETTING'],
  [{ fps: 0 }, 'LIVE_OPTION'],
  [{ outputHeight: 1 }, 'LIVE_OPTION'],
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

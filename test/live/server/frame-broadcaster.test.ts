import sharp from 'sharp';
import { expect, test } from 'vitest';
import { FrameFeed } from '../frames.js';
import { afterTest, pause, Raw, Stand, serve, socketOf, until } from '../stand.js';

test('a frame arrives as documented, and decodes to its colour', async () => {
  const { show, server } = await serve();
  const viewer = await new Raw(socketOf(server)).greet();
  const frame = show.step({ pts: 1.25 }, 200);
  await until(() => viewer.frames.length === 1);
  const [got] = viewer.frames;
  expect(got).toMatchObject({
    kind: 1,
    pts: 1.25,
    capturedAt: frame.capturedAt,
    width: 64,
    height: 36,
    mask: undefined,
  });
  const { dominant, channels } = await sharp(got!.image).stats();
  expect(dominant).toMatchObject({ r: 200, g: 200, b: 200 });
  expect(channels).toHaveLength(3);
});

test('a cut-out frame arrives as colours and alpha', async () => {
  const { show, server } = await serve();
  const viewer = await new Raw(socketOf(server)).greet();
  const data = new Uint8Array(64 * 36 * 4);
  for (let i = 0; i < data.length; i += 4) data.set([250, 120, 10, (i / 4) % 64 < 32 ? 0 : 255], i);
  show.step({ channels: 4, data });
  await until(() => viewer.frames.length === 1);
  const { kind, image, mask } = viewer.frames[0]!;
  expect(kind).toBe(3);
  const colors = await sharp(image).raw().toBuffer();
  expect([...colors.subarray(0, 3)].map((v, i) => Math.abs(v - [250, 120, 10][i]!) < 12)).toEqual([true, true, true]);
  const { data: alpha, info } = await sharp(mask!).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 64, height: 36 });
  const row = [...alpha.subarray(64 * 20, 64 * 21)];
  // Nothing of the edge may be left eight pixels away: it would show as a haze.
  expect(Math.max(...row.slice(0, 24))).toBeLessThanOrEqual(1);
  expect(Math.min(...row.slice(40))).toBeGreaterThanOrEqual(254);
});

test('a new viewer gets the newest frame at once, also when no more come', async () => {
  const { show, server } = await serve();
  show.step();
  show.step();
  const viewer = await new Raw(socketOf(server)).greet();
  await until(() => viewer.frames.length === 1);
  expect(viewer.frames[0]!.pts).toBe(1 / 25);
});

test('frames in flight are bounded, and the next one sent is the newest', async () => {
  const { show, server } = await serve();
  const viewer = await new Raw(socketOf(server)).greet({ inFlight: 2 });
  for (let n = 0; n < 10; n++) {
    show.step();
    await pause(30);
  }
  expect(viewer.frames.map(({ sequence }) => sequence)).toEqual([0, 1]);
  viewer.ack(0);
  await until(() => viewer.frames.length === 3);
  expect(viewer.frames[2]!.sequence).toBe(9);
  expect(server.deliveryStats()).toMatchObject({ viewers: 1, drops: 7 });
  viewer.ack(1);
  viewer.ack(1);
  viewer.ack(12345);
  await pause(100);
  expect(viewer.frames).toHaveLength(3);
});

test('a slow viewer does not delay a fast one', async () => {
  const { show, server } = await serve();
  const slow = await new Raw(socketOf(server)).greet({ inFlight: 1 });
  const quick = await new Raw(socketOf(server)).greet({ inFlight: 1 });
  for (let n = 0; n < 10; n++) {
    show.step();
    await until(() => quick.frames.length === n + 1);
    quick.ack(n);
    // The acknowledgement is on its way: the next frame may only come after it.
    await until(() => server.deliveryStats().delivery > 0);
    await pause(20);
  }
  expect(quick.frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(slow.frames.map(({ sequence }) => sequence)).toEqual([0]);
});

test('sequence numbers increase when the source restarts, and show gaps', async () => {
  const { show, server } = await serve();
  const viewer = await new Raw(socketOf(server)).greet({ inFlight: 4 });
  for (const [n, sequence] of [0, 3, 0].entries()) {
    show.step({ sequence });
    await until(() => viewer.frames.length === n + 1);
  }
  expect(viewer.frames.map(({ sequence }) => sequence)).toEqual([0, 3, 4]);
});

test('nothing is encoded while no viewer can receive it', async () => {
  const { show, server } = await serve();
  show.step();
  await pause(50);
  expect(server.deliveryStats().fps).toBe(0);
  const viewer = await new Raw(socketOf(server)).greet({ inFlight: 1 });
  await until(() => viewer.frames.length === 1);
  for (let n = 0; n < 5; n++) {
    show.step();
    await pause(10);
  }
  expect(server.deliveryStats().fps).toBe(1);
});

test('a viewer may request fewer frames per second', async () => {
  const { show, server } = await serve();
  const viewer = await new Raw(socketOf(server)).greet({ fps: 5, inFlight: 4 });
  viewer.socket.on('message', (_, binary) => binary && viewer.ack(viewer.frames.at(-1)!.sequence));
  const began = performance.now();
  while (performance.now() - began < 2000) {
    show.step();
    await pause(20);
  }
  // One every 200 ms, and one early at the most.
  expect(viewer.frames.length).toBeGreaterThan(1);
  expect(viewer.frames.length).toBeLessThanOrEqual((performance.now() - began) / 200 + 2);
  expect(server.deliveryStats().drops).toBe(0);
});

test('a viewer of few frames per second is not left with an old one when the show stands still', async () => {
  const { show, server } = await serve();
  const viewer = await new Raw(socketOf(server)).greet({ fps: 5, inFlight: 4 });
  viewer.socket.on('message', (_, binary) => binary && viewer.ack(viewer.frames.at(-1)!.sequence));
  show.step();
  await until(() => viewer.frames.length === 1);
  show.step();
  const last = show.step();
  await until(() => viewer.frames.at(-1)?.sequence === last.sequence);
  expect(viewer.frames).toHaveLength(2);
});

test('a stalled viewer is closed, and holds no memory until then', async () => {
  const { show, server, lines } = await serve({ limits: { stalledMs: 4000 } });
  const viewer = await new Raw(socketOf(server)).greet({ inFlight: 4 });
  viewer.socket.pause();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const noise = new Uint8Array(640 * 360 * 3).map(() => Math.random() * 256);
  while (server.deliveryStats().viewers > 0) {
    show.step({ width: 640, height: 360, data: noise });
    await pause(20);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // Four JPEGs of noise; unbounded it would be forty million bytes.
  expect(most).toBeLessThan(15e6);
  expect(lines).toEqual([
    expect.stringMatching(/^viewer 127\.0\.0\.1 was disconnected: nothing acknowledged for 4000 ms$/),
  ]);
});

test('a viewer that acknowledges without reading is bounded by bytes', async () => {
  const { show, server } = await serve({ limits: { unsentBytes: 1e6, stalledMs: 2000 } });
  const viewer = await new Raw(socketOf(server)).greet({ inFlight: 1 });
  viewer.socket.pause();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const noise = new Uint8Array(1280 * 720 * 3).map(() => Math.random() * 256);
  for (let n = 0; n < 1000 && server.deliveryStats().viewers > 0; n++) {
    show.step({ width: 1280, height: 720, data: noise });
    await pause(20);
    if (viewer.socket.readyState === viewer.socket.OPEN) viewer.ack(n);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(server.deliveryStats().viewers).toBe(0);
  expect(most).toBeLessThan(40e6);
});

test('fifty viewers see the frames of a real source', async () => {
  const show = new Stand();
  const { server } = await serve({}, show);
  const viewers = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const viewer = await new Raw(socketOf(server)).greet();
      viewer.socket.on('message', (_, binary) => binary && viewer.ack(viewer.frames.at(-1)!.sequence));
      return viewer;
    }),
  );
  const feed = new FrameFeed({ width: 320, height: 180 }, 25);
  afterTest(() => feed.close());
  void show.play(feed);
  await until(() => viewers.every(({ frames }) => frames.length >= 20));
  for (const { frames } of viewers) {
    const numbers = frames.map(({ sequence }) => sequence);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  }
  // Each was encoded once for all.
  const all = new Set(viewers.flatMap(({ frames }) => frames.map(({ sequence }) => sequence)));
  const stats = server.stats();
  expect(stats.viewers).toBe(50);
  expect(stats.latency).toMatchObject({ wait: 1, paint: 2, encode: expect.any(Number) });
  expect(stats.latency.encode).toBeGreaterThan(0);
  expect(stats.latency.total).toBeGreaterThanOrEqual(stats.latency.encode);
  expect(server.deliveryStats().fps).toBeLessThanOrEqual(all.size);
});

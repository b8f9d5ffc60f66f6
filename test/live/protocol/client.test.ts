import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type ConnectOptions, connect, LiveError, tokenOf } from '#src/live/protocol/client.js';
import type { FrameMessage } from '#src/live/protocol/wire.js';
import { startServer } from '#src/live/server/server.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { FrameFeed } from '../frames.js';
import { afterTest, pause, Stand, serve, until } from '../stand.js';

const folder = freshFolder();
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Connects, keeps what comes, and closes after the test. */
function open(url: string, options: ConnectOptions = {}) {
  const states: string[] = [];
  const frames: FrameMessage[] = [];
  const connection = connect(url, {
    onFrame: (frame) => frames.push(frame),
    ...options,
    onState: (state, reason) => states.push(reason ? `${state} ${reason.code}` : state),
  });
  afterTest(() => connection.close());
  return { connection, states, frames };
}

test('the example of the documentation says how old frames are', async () => {
  const { show, server } = await serve({ token: 'sesame', viewToken: 'peeking' });
  const feed = new FrameFeed({ width: 320, height: 180 });
  afterTest(() => feed.close());
  void show.play(feed);
  const [, example] = /```js\n(\/\/ watch\.js[\s\S]*?)```/.exec(readFileSync(join(root, 'docs/protocol.md'), 'utf8'))!;
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/stylecast'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'watch.js'), example!);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['watch.js', server.urls.overlay], {
    cwd: folder,
  });
  expect(stdout).toMatch(/^320x180, a JPEG of \d+ bytes\n10 frames, \d+ ms old\n$/);
  expect(stderr).toBe('connecting\nlive\nclosed\n');
});

test('it reconnects after the server was gone, also when the client was started first', async () => {
  const { show: first, server } = await serve();
  const { port } = server;
  await server.close();
  const { states, frames } = open(`http://127.0.0.1:${port}/overlay`);
  await until(() => states.includes('connecting 1006'));
  for (let n = 0; n < 2; n++) {
    const show = n ? new Stand() : first;
    const again = await startServer(show, { port });
    await until(() => states.filter((state) => state === 'live').length === n + 1);
    show.step();
    await until(() => frames.length === n + 1);
    await again.close();
    await until(() => states.at(-1)!.startsWith('lost'));
  }
  expect(states.filter((state, at) => state !== states[at - 1] && !state.endsWith('1006'))).toEqual([
    'connecting',
    'live',
    'lost 1001',
    'live',
    'lost 1001',
  ]);
});

test.for([
  [{ role: 'control' }, 'refused 4401'],
  [{ role: 'control', token: 'wrong' }, 'refused 4401'],
  [{ inFlight: 9 }, 'refused 4400'],
] as const)('%j is refused for good', async ([options, expected]) => {
  const { server } = await serve({ token: 'sesame' });
  const { connection, states } = open(`http://127.0.0.1:${server.port}`, options);
  await until(() => states.length === 2);
  await pause(300);
  expect(states).toEqual(['connecting', expected]);
  expect(connection.state).toBe('refused');
});

test('a controller changes settings and receives statistics; the token comes from the address', async () => {
  const { server } = await serve({ token: 'sesame' });
  const heard: Record<string, unknown> = {};
  const { connection, states } = open(server.urls.control, {
    role: 'control',
    onSettings: ({ strength }) => Object.assign(heard, { strength }),
    onStats: (stats) => Object.assign(heard, { stats }),
    onStyles: (styles, urls) => Object.assign(heard, { styles, urls }),
  });
  await until(() => states.includes('live') && heard.stats !== undefined);
  expect(heard).toMatchObject({ strength: 1, stats: { device: 'CPU (2 threads)' }, urls: server.urls });
  expect(await connection.set({ strength: 0.25 })).toMatchObject({ strength: 0.25 });
  expect(heard.strength).toBe(0.25);
  const refused = await connection.set({ style: 'broken' }).catch((error) => error);
  expect(refused).toBeInstanceOf(LiveError);
  expect(refused).toMatchObject({
    code: 'PRESET_CHECKSUM',
    message: 'The model is not the one that was named.',
    hint: 'Fetch it again.',
  });
});

test('a pending change is rejected when the server goes', async () => {
  const show = new Stand();
  show.change = () => new Promise(() => undefined);
  const { server } = await serve({}, show);
  const { connection, states } = open(server.urls.control, { role: 'control' });
  await until(() => states.includes('live'));
  const answer = connection.set({ strength: 0 }).catch((error) => error);
  await server.close();
  expect(await answer).toMatchObject({ code: 'LIVE_LOST' });
  expect(await connection.set({ strength: 0 }).catch((error) => error)).toMatchObject({ code: 'LIVE_LOST' });
});

test('a slow program gets one frame at a time, the newest, and never an older one', async () => {
  const { show, server } = await serve();
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  const { states } = open(server.urls.overlay, {
    inFlight: 4,
    onFrame: async ({ sequence }) => {
      most = Math.max(most, ++running);
      seen.push(sequence);
      await pause(200);
      running--;
      if (seen.length === 2) throw new Error('a program that fails');
    },
  });
  await until(() => states.includes('live'));
  for (let n = 0; n < 40; n++) {
    show.step();
    await pause(25);
  }
  await until(() => seen.at(-1) === 39);
  expect(most).toBe(1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.length).toBeLessThan(40);
});

test('a camera has at most two pictures in flight', async () => {
  const { show, server } = await serve();
  const { connection, states } = open(server.urls.camera, { role: 'camera' });
  const picture = { image: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), width: 64, height: 36 };
  expect(connection.send(picture)).toBe(false);
  await until(() => states.includes('live'));
  expect([1, 2, 3].map(() => connection.send(picture))).toEqual([true, true, false]);
  await until(() => show.fed.length === 2);
  await until(() => connection.send(picture));
  await until(() => show.fed.length === 3);
  expect([...show.fed[2]!.jpeg]).toEqual([...picture.image]);
});

test('a style is set once, not again after a reconnect', async () => {
  const { show, server } = await serve();
  const { states } = open(server.urls.overlay, { style: 'wave' });
  await until(() => show.settings.style === 'wave');
  await server.close();
  const again = new Stand();
  const next = await startServer(again, { port: server.port });
  afterTest(() => next.close());
  await until(() => states.filter((state) => state === 'live').length === 2);
  await pause(100);
  expect(again.settings.style).toBeNull();
});

test('a closed connection stays closed', async () => {
  const { server } = await serve();
  const early = open(server.urls.overlay);
  early.connection.close();
  await pause(100);
  expect(early.states.at(-1)).toBe('closed');
  expect(early.connection.state).toBe('closed');
  const { connection, states } = open(server.urls.overlay);
  await until(() => states.includes('live'));
  connection.close();
  await until(() => server.deliveryStats().viewers === 0);
  await pause(300);
  expect(states).toEqual(['connecting', 'live', 'closed']);
});

test('the token of an address', () => {
  expect(tokenOf('http://a/#token=b-_c')).toBe('b-_c');
  expect(tokenOf('http://a/?token=b')).toBeUndefined();
  expect(tokenOf()).toBeUndefined();
});

import { connect as connectTcp } from 'node:net';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { writeHeader } from '#src/live/protocol/wire.js';
import { afterTest, pause, Raw, Stand, serve, socketOf, tell, until } from '../stand.js';

const HELLO = { v: 1, type: 'hello', role: 'viewer' };

describe('an invalid first message', () => {
  test.for([
    ['nonsense', 'nonsense', 4400, 'not JSON'],
    ['an empty one', '', 4400, 'not JSON'],
    ['no object', '[]', 4400, expect.stringContaining('message: ')],
    ['an acknowledgement', { type: 'ack', sequence: 1 }, 4400, expect.any(String)],
    ['an unknown role', { ...HELLO, role: 'admin' }, 4400, expect.stringContaining('role: ')],
    ['an unknown field', { ...HELLO, extra: 1 }, 4400, expect.stringContaining('extra')],
    ['too much in flight', { ...HELLO, inFlight: 5 }, 4400, expect.stringContaining('inFlight: ')],
    ['a prototype', '{"v":1,"type":"hello","role":"viewer","__proto__":{"x":1}}', 4400, expect.any(String)],
    ['another version', { ...HELLO, v: 2 }, 4426, 'this server speaks version 1'],
  ] as const)('%s is refused', async ([, message, code, reason]) => {
    const { server, lines } = await serve();
    const client = new Raw(socketOf(server));
    await client.refused;
    client.say(message);
    expect(await client.closed).toEqual({ code, reason });
    expect(lines).toHaveLength(1);
  });

  test('a binary one is refused', async () => {
    const { server } = await serve();
    const client = new Raw(socketOf(server));
    await client.refused;
    client.socket.send(Buffer.from('SCF1'));
    expect(await client.closed).toMatchObject({ code: 4403 });
  });

  test('silence ends the connection', async () => {
    const { server } = await serve({ limits: { helloMs: 300 } });
    const client = new Raw(socketOf(server));
    expect(await client.closed).toEqual({ code: 4408, reason: 'no hello within 300 ms' });
  });
});

describe('control', () => {
  test('settings change, and all controllers are notified', async () => {
    const { show, server } = await serve();
    const [one, other] = [new Raw(socketOf(server)), new Raw(socketOf(server))];
    await Promise.all([one.greet({ role: 'control' }), other.greet({ role: 'control' })]);
    expect(one.texts[0]).toMatchObject({
      v: 1,
      type: 'welcome',
      role: 'control',
      settings: { strength: 1 },
      styles: [{ name: 'wave', thumbnail: '/thumbnails/wave' }, { name: 'broken' }],
      urls: { overlay: `http://127.0.0.1:${server.port}/overlay` },
    });
    one.say({ type: 'set', id: 7, settings: { style: 'wave', strength: 0.5 } });
    expect(await one.heard('done')).toMatchObject({ id: 7, settings: { style: 'wave', strength: 0.5 } });
    expect(await other.heard('settings')).toMatchObject({ settings: { style: 'wave', strength: 0.5 } });
    expect(show.settings.strength).toBe(0.5);
  });

  test.for([
    [{ strength: 8 }, 'LIVE_SETTING', 'strength is 8; expected a number from 0 to 1.'],
    [{ foo: 1 }, 'LIVE_SETTING', 'There is no setting "foo".'],
    [{ style: '../secret' }, 'LIVE_STYLE', 'There is no style "../secret" in this show.'],
    [{ second: '/etc/passwd' }, 'LIVE_STYLE', 'There is no style "/etc/passwd" in this show.'],
    [{ outside: '/etc/passwd' }, 'LIVE_STYLE', 'There is no style "/etc/passwd" in this show.'],
    [{ style: 'broken' }, 'PRESET_CHECKSUM', 'The model is not the one that was named.'],
  ] as const)('%j is answered with what is wrong, and the connection stays', async ([settings, code, message]) => {
    const { show, server } = await serve();
    const before = show.settings;
    const client = await new Raw(socketOf(server)).greet({ role: 'control' });
    client.say({ type: 'set', id: 1, settings });
    expect(await client.heard('error')).toEqual({ type: 'error', id: 1, code, message, hint: expect.any(String) });
    client.say({ type: 'set', id: 2, settings: {} });
    expect(await client.heard('done')).toMatchObject({ id: 2 });
    expect(show.settings).toEqual(before);
  });

  test('figures come every second', async () => {
    const { show, server } = await serve();
    const viewer = await new Raw(socketOf(server)).greet();
    const client = await new Raw(socketOf(server)).greet({ role: 'control' });
    show.step();
    await until(() => viewer.frames.length === 1);
    const { stats } = await client.heard(
      'stats',
      ({ stats }) => (stats as { latency: { encode: number } }).latency.encode > 0,
    );
    expect(stats).toMatchObject({ fpsIn: 30, viewers: 1, controllers: 1, drops: { source: 3, viewers: 0 } });
  });

  test('a viewer may not change anything', async () => {
    const { show, server } = await serve();
    const viewer = await new Raw(socketOf(server)).greet();
    viewer.say({ type: 'set', id: 1, settings: { strength: 0 } });
    expect(await viewer.closed).toEqual({ code: 4403, reason: 'a viewer may not change settings' });
    expect(show.settings.strength).toBe(1);
  });

  test('a viewer that may control can set a style', async () => {
    const { show, server } = await serve();
    await new Raw(socketOf(server)).greet({ style: 'wave' });
    await until(() => show.settings.style === 'wave');
    const viewer = await new Raw(socketOf(server)).greet({ style: '../wave' });
    show.step();
    await until(() => viewer.frames.length === 1);
    expect(show.settings.style).toBe('wave');
  });
});

describe('a camera', () => {
  const picture = (image: Uint8Array, over = {}) => {
    const header = { kind: 1, sequence: 5, pts: 0, capturedAt: 1000, width: 64, height: 36, ...over };
    return Buffer.concat([writeHeader(header, image.length), image]);
  };
  const jpeg = () =>
    sharp({ create: { width: 64, height: 36, channels: 3, background: '#f80' } })
      .jpeg()
      .toBuffer();

  test('sends pictures; its clock is corrected', async () => {
    const { show, server } = await serve();
    const camera = await new Raw(socketOf(server)).greet({ role: 'camera' });
    const image = await jpeg();
    camera.socket.send(picture(image));
    await camera.heard('ack', ({ sequence }) => sequence === 5);
    // Sent 50 ms late by its own clock, so it is that much older.
    camera.socket.send(picture(image, { sequence: 6, capturedAt: 950 }));
    await camera.heard('ack', ({ sequence }) => sequence === 6);
    expect(show.fed).toHaveLength(2);
    expect(Buffer.from(show.fed[0]!.jpeg)).toEqual(image);
    const [first, second] = show.fed.map(({ capturedAt }) => capturedAt);
    expect(Math.abs(first! - Date.now())).toBeLessThan(5000);
    expect(first! - second!).toBeCloseTo(50, 1);
  });

  test.for([
    ['no frame', async () => Buffer.from('hello'), 4400],
    ['no JPEG', async () => picture(Buffer.from('<svg/>')), 4400],
    ['another kind', async () => picture(await jpeg(), { kind: 3 }), 4400],
    ['no time', async () => picture(await jpeg(), { capturedAt: Number.NaN }), 4400],
    ['more than 4 MiB', async () => picture(new Uint8Array(4 * 2 ** 20)), 1009],
  ] as const)('that sends %s is closed', async ([, make, code]) => {
    const { show, server } = await serve();
    const camera = await new Raw(socketOf(server)).greet({ role: 'camera' });
    camera.socket.send(await make());
    expect(await camera.closed).toMatchObject({ code });
    expect(show.fed).toEqual([]);
  });

  test('is replaced by the next one', async () => {
    const { show, server } = await serve();
    const first = await new Raw(socketOf(server)).greet({ role: 'camera' });
    const second = await new Raw(socketOf(server)).greet({ role: 'camera' });
    expect(await first.closed).toEqual({ code: 4409, reason: 'another camera took over' });
    second.socket.send(picture(await jpeg()));
    await until(() => show.fed.length === 1);
  });

  test('is refused where the source is not a browser', async () => {
    const show = new Stand();
    Object.defineProperty(show, 'feed', { value: undefined });
    const { server } = await serve({}, show);
    const camera = await new Raw(socketOf(server)).greet({ role: 'camera' });
    expect(await camera.closed).toEqual({ code: 4404, reason: 'the picture of this show comes from elsewhere' });
  });

  test('may not send more bytes than allowed', async () => {
    const { server } = await serve({ limits: { cameraBytesPerSecond: 1000 } });
    const camera = await new Raw(socketOf(server)).greet({ role: 'camera' });
    camera.socket.send(picture(Buffer.concat([await jpeg(), Buffer.alloc(1000)])));
    expect(await camera.closed).toEqual({ code: 4429, reason: 'too many bytes a second' });
  });
});

describe('a hostile client', () => {
  test('that floods is closed, with one line in the log; others go on', async () => {
    const { show, server, lines } = await serve();
    const viewer = await new Raw(socketOf(server)).greet({ inFlight: 1 });
    const flood = await new Raw(socketOf(server)).greet();
    for (let n = 0; n < 5000; n++) flood.ack(n);
    expect(await flood.closed).toEqual({ code: 4429, reason: 'too many messages a second' });
    show.step();
    await until(() => viewer.frames.length === 1);
    expect(lines).toEqual(['viewer 127.0.0.1 was disconnected: too many messages a second']);
  });

  test.for([
    ['whole', false],
    ['in fragments', true],
  ] as const)('that sends too much, %s, is closed before it has arrived', async ([, fragments]) => {
    const { server } = await serve();
    const client = await new Raw(socketOf(server)).greet();
    const piece = Buffer.alloc(32 * 1024, 'a');
    if (!fragments) client.socket.send(Buffer.alloc(1024 * 1024, 'a').toString());
    // It never ends: only a limit on what has come so far can stop it.
    else for (let n = 0; n < 8; n++) client.socket.send(piece, { binary: false, fin: false });
    expect(await client.closed).toMatchObject({ code: 4413 });
  });

  test('that sends a message of 17 KiB is closed', async () => {
    const { server } = await serve();
    const client = await new Raw(socketOf(server)).greet({ role: 'control' });
    client.say({ type: 'set', id: 1, settings: { style: 'a'.repeat(17 * 1024) } });
    expect(await client.closed).toMatchObject({ code: 4413 });
  });

  test('that sends a message in many small fragments is understood or closed', async () => {
    const { server } = await serve();
    const client = await new Raw(socketOf(server)).greet({ role: 'control' });
    const text = JSON.stringify({ type: 'set', id: 3, settings: { strength: 0.25 } });
    for (const [n, letter] of [...text].slice(0, 50).entries())
      client.socket.send(n < 49 ? letter : text.slice(49), { fin: n === 49 });
    expect(await client.heard('done')).toMatchObject({ id: 3, settings: { strength: 0.25 } });
    for (let n = 0; n < 500; n++) client.socket.send('a', { fin: false });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  test('that violates the WebSocket protocol is cut off', async () => {
    const { server, lines } = await serve();
    const socket = connectTcp(server.port, '127.0.0.1');
    afterTest(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.from('ffffffffffffffffffff', 'hex'));
    socket.resume();
    await closed;
    expect(lines).toHaveLength(1);
  });

  test('that no longer answers pings is dropped', async () => {
    const { server } = await serve({ limits: { pingMs: 200 } });
    const gone = await new Raw(socketOf(server), { autoPong: false }).greet();
    const there = await new Raw(socketOf(server)).greet();
    expect((await gone.closed).code).toBe(1006);
    await pause(500);
    expect(there.socket.readyState).toBe(there.socket.OPEN);
    expect(server.deliveryStats().viewers).toBe(1);
  });

  test('that sends its headers slowly is cut off', async () => {
    const { server } = await serve({ limits: { helloMs: 500 } });
    expect(await tell(server.port, 'GET / HTTP/1.1\r\nHost: 127.0')).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(await tell(server.port, '')).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  test('that opens more connections than allowed is turned away', async () => {
    const { server } = await serve({ limits: { connections: 3 } });
    const few = [1, 2, 3].map(() => new Raw(socketOf(server)));
    await Promise.all(few.map((client) => client.greet()));
    const more = new Raw(socketOf(server));
    expect((await more.closed).code).toBe(1006);
    few[0]!.socket.close();
    await few[0]!.closed;
    const again = await new Raw(socketOf(server)).greet();
    expect(again.texts[0]).toMatchObject({ type: 'welcome' });
  });

  test('200 connects and disconnects a second leave nothing behind', async () => {
    const { show, server } = await serve({ limits: { connections: 2000, connectionsPerAddress: 2000 } });
    const viewer = await new Raw(socketOf(server)).greet();
    viewer.socket.on('message', (_, binary) => binary && viewer.ack(viewer.frames.at(-1)!.sequence));
    const began = performance.now();
    const clients: Raw[] = [];
    let opened = 0;
    for (let round = 0; round < 60; round++) {
      show.step();
      for (let n = 0; n < 10; n++) {
        const client = new Raw(socketOf(server));
        clients.push(client);
        client.socket.on('open', () => {
          opened++;
          client.say(HELLO);
          if (n % 2) client.socket.terminate();
          else client.socket.close();
        });
      }
      await pause(Math.max(0, (round + 1) * 50 - (performance.now() - began)));
    }
    await Promise.all(clients.map(({ closed }) => closed));
    expect(opened).toBe(600);
    await until(() => server.deliveryStats().viewers === 1);
    show.step();
    const { newest } = show;
    await until(() => viewer.frames.at(-1)?.pts === newest?.pts);
  });
});

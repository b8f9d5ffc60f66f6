import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { type DetailedPeerCertificate, connect as tlsConnect } from 'node:tls';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { lanAddresses } from '#src/live/server/access/certificate.js';
import { startServer } from '#src/live/server/server.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { afterTest, pause, Raw, Stand, serve, socketOf, tell, until } from '../stand.js';

const folder = freshFolder();

interface Asked {
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly tls?: boolean;
}

/** Asks for a path exactly as it is written, which `fetch` would tidy up. */
function ask(
  port: number,
  path: string,
  { host = '127.0.0.1', method = 'GET', headers = {}, tls = false }: Asked = {},
) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const options = { host, port, path, method, headers, agent: false, rejectUnauthorized: false };
    const asked = (tls ? requestTls : request)(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('pages', () => {
  test.for([
    ['/', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/overlay', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/overlay?fit=cover', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/overlay.js', 'text/javascript; charset=utf-8', 'import '],
    ['/overlay.css', 'text/css; charset=utf-8', ''],
    ['/client.js', 'text/javascript; charset=utf-8', 'import '],
    ['/wire.js', 'text/javascript; charset=utf-8', ''],
    ['/healthz', 'text/plain; charset=utf-8', 'ok\n'],
  ] as const)('%s is served', async ([path, type, beginning]) => {
    const { server } = await serve();
    const { status, headers, body } = await ask(server.port, path);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type });
    expect(body.toString().slice(0, beginning.length)).toBe(beginning);
    const head = await ask(server.port, path, { method: 'HEAD' });
    expect({ status: head.status, length: head.headers['content-length'], bytes: head.body.length }).toEqual({
      status: 200,
      length: String(body.length),
      bytes: 0,
    });
  });

  test.for([
    '/nothing',
    '/overlay/',
    '/overlay.html',
    '/control.html',
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/pages/../overlay.js',
    '//overlay',
    '/./overlay',
    '/live.js',
    '/server.js',
    '/thumbnails/',
    '/thumbnails/none',
    '/thumbnails/broken',
    '/thumbnails/../overlay.js',
    '/thumbnails/%2e%2e%2foverlay.js',
    '/thumbnails/%',
    '/thumbnails/__proto__',
    '/qr.svg?page=__proto__',
    'http://127.0.0.1/overlay',
    '*',
  ])('%s is not there', async (path) => {
    const { server } = await serve();
    expect((await ask(server.port, path)).status).toBe(404);
  });

  test.for(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
    const { server } = await serve();
    const { status, headers } = await ask(server.port, '/', { method });
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD' });
  });

  test('load nothing from other origins, and cannot be framed', async () => {
    const { server } = await serve({ allowedOrigins: ['https://my.page', 'null'] });
    const headersOf = async (path: string) => (await ask(server.port, path)).headers;
    const control = await headersOf('/');
    expect(control).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      'permissions-policy': expect.stringMatching(/^camera=\(\), /),
    });
    const policy = (headers: Record<string, unknown>) => String(headers['content-security-policy']).split('; ');
    expect(policy(control)).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "media-src 'self' blob:",
      `connect-src 'self' ws://127.0.0.1:${server.port} wss://127.0.0.1:${server.port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(policy(await headersOf('/overlay'))).toContain("frame-ancestors 'self' https://my.page");
    expect(await headersOf('/camera')).toMatchObject({
      'permissions-policy': expect.stringMatching(/^camera=\(self\), /),
    });
  });
});

describe('pictures', () => {
  test('the snapshot is the newest frame', async () => {
    const { show, server } = await serve();
    expect((await ask(server.port, '/snapshot.jpg')).status).toBe(503);
    show.step({}, 20);
    show.step({}, 220);
    const { status, headers, body } = await ask(server.port, '/snapshot.jpg');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'image/jpeg' });
    const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 64, height: 36, channels: 3 });
    expect(Math.abs(data[0]! - 220)).toBeLessThan(3);
  });

  test('transparent parts are white in a snapshot', async () => {
    const { show, server } = await serve();
    show.step({ channels: 4 }, 0);
    const { body } = await ask(server.port, '/snapshot.jpg');
    expect((await sharp(body).raw().toBuffer())[0]).toBeGreaterThan(252);
  });

  test('a thumbnail is the picture that the show gives', async () => {
    const { show, server } = await serve();
    show.pictures.wave = { body: Buffer.from('picture'), type: 'image/webp' };
    const { status, headers, body } = await ask(server.port, '/thumbnails/wave');
    expect({ status, type: headers['content-type'], body: String(body) }).toEqual({
      status: 200,
      type: 'image/webp',
      body: 'picture',
    });
    delete show.pictures.wave;
    expect((await ask(server.port, '/thumbnails/wave')).status).toBe(404);
  });

  test('a QR code is one', async () => {
    const { server } = await serve();
    const { status, headers, body } = await ask(server.port, '/qr.svg?page=overlay');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'image/svg+xml' });
    const { width, height, channels } = await sharp(body).metadata();
    expect(width).toBe(height);
    expect(channels).toBeGreaterThan(2);
  });
});

describe('access control', () => {
  test.for([
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.2', 421],
    ['[::2]', 421],
    ['localhost:1:2', 421],
    ["localhost'; script-src *", 421],
    ['localhost', 200],
    ['LOCALHOST:1234', 200],
    ['[::1]:1', 200],
    ['127.0.0.1', 200],
    ['my.name:443', 200],
  ] as const)('Host %s: %i', async ([host, status]) => {
    const { server } = await serve({ allowedHosts: ['My.Name'] });
    expect((await ask(server.port, '/', { headers: { host } })).status).toBe(status);
    const socket = new Raw(socketOf(server), { headers: { host } });
    expect(await socket.refused).toBe(status === 200 ? undefined : status);
  });

  test('no Host: 421', async () => {
    const { server } = await serve();
    expect(await tell(server.port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
    expect(await tell(server.port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^(HTTP\/1\.1 400 |$)/);
  });

  test.for([
    ['http://evil.example', 403],
    ['null', 403],
    ['file://', 403],
    ['', 403],
    ['http://127.0.0.1', 403],
    ['http://127.0.0.1:1', 403],
    ['https://my.page', 200],
  ] as const)('Origin %s: %i', async ([origin, status]) => {
    const { server } = await serve({ allowedOrigins: ['https://my.page'] });
    const { status: got, headers } = await ask(server.port, '/client.js', { headers: { origin } });
    expect(got).toBe(status);
    expect(headers['access-control-allow-origin']).toBe(status === 200 ? origin : undefined);
    expect(await new Raw(socketOf(server), { headers: { origin } }).refused).toBe(status === 200 ? undefined : 403);
  });

  test('an origin that may watch may not control', async () => {
    const { show, server } = await serve({ allowedOrigins: ['https://my.page'] });
    const headers = { origin: 'https://my.page' };
    const viewer = await new Raw(socketOf(server), { headers }).greet({ style: 'wave' });
    expect(viewer.texts[0]).toMatchObject({ type: 'welcome' });
    for (const role of ['control', 'camera']) {
      const other = await new Raw(socketOf(server), { headers }).greet({ role });
      expect(await other.closed).toEqual({ code: 4403, reason: 'another site may only watch' });
    }
    expect(show.settings.style).toBeNull();
    expect((await ask(server.port, '/qr.svg', { headers })).status).toBe(401);
  });

  test('the own origin may control', async () => {
    const { server } = await serve();
    const headers = { origin: `http://127.0.0.1:${server.port}` };
    const client = await new Raw(socketOf(server), { headers }).greet({ role: 'control' });
    expect(client.texts[0]).toMatchObject({ type: 'welcome' });
    const other = { origin: `http://localhost:${server.port}`, host: `localhost:${server.port}` };
    expect(await new Raw(socketOf(server), { headers: other }).refused).toBeUndefined();
  });

  test('with a token, control and camera need it, and watching does not', async () => {
    const { server } = await serve({ token: 'sesame' });
    expect(server.urls).toEqual({
      control: `http://127.0.0.1:${server.port}/#token=sesame`,
      overlay: `http://127.0.0.1:${server.port}/overlay`,
      camera: `http://127.0.0.1:${server.port}/camera#token=sesame`,
    });
    for (const role of ['control', 'camera']) {
      const [none, wrong, right] = [undefined, 'sesam', 'sesame'].map((token) =>
        new Raw(socketOf(server)).greet({ role, token }),
      );
      expect(await (await none!).closed).toEqual({ code: 4401, reason: 'a token is needed' });
      expect(await (await wrong!).closed).toEqual({ code: 4401, reason: 'the token is wrong' });
      expect((await right!).texts[0]).toMatchObject({ type: 'welcome', role });
    }
    expect((await new Raw(socketOf(server)).greet()).texts[0]).toMatchObject({ role: 'viewer' });
    expect((await ask(server.port, '/qr.svg')).status).toBe(401);
    expect((await ask(server.port, '/qr.svg?token=sesam')).status).toBe(401);
    expect((await ask(server.port, '/qr.svg?token=sesame')).status).toBe(200);
    expect((await ask(server.port, '/qr.svg', { headers: { authorization: 'Bearer sesame' } })).status).toBe(200);
  });

  test('without the token a viewer cannot set a style', async () => {
    const { show, server } = await serve({ token: 'sesame' });
    await new Raw(socketOf(server)).greet({ style: 'wave' });
    await new Raw(socketOf(server)).greet({ style: 'wave', token: 'x' });
    await new Raw(socketOf(server)).greet({ role: 'control', token: 'sesame' });
    expect(show.settings.style).toBeNull();
  });

  test('with a token for watching, frames and pictures need it, or that for control', async () => {
    const { show, server } = await serve({ token: 'sesame', viewToken: 'peeking' });
    show.step();
    show.pictures.wave = { body: Buffer.from('picture'), type: 'image/jpeg' };
    expect(server.urls.overlay).toBe(`http://127.0.0.1:${server.port}/overlay#token=peeking`);
    expect(await (await new Raw(socketOf(server)).greet()).closed).toMatchObject({ code: 4401 });
    for (const token of ['peeking', 'sesame']) {
      expect((await new Raw(socketOf(server)).greet({ token })).texts[0]).toMatchObject({ type: 'welcome' });
      expect((await ask(server.port, `/snapshot.jpg?token=${token}`)).status).toBe(200);
    }
    const peeker = await new Raw(socketOf(server)).greet({ role: 'control', token: 'peeking' });
    expect(await peeker.closed).toMatchObject({ code: 4401 });
    expect((await ask(server.port, '/snapshot.jpg')).status).toBe(401);
    expect((await ask(server.port, '/thumbnails/wave')).status).toBe(401);
    const control = await new Raw(socketOf(server)).greet({ role: 'control', token: 'sesame' });
    const [card] = control.texts[0]!.styles as { thumbnail: string }[];
    expect((await ask(server.port, card!.thumbnail)).status).toBe(200);
  });

  test('a link or a window of another site changes nothing', async () => {
    const { server } = await serve();
    const visit = (site: string) =>
      ask(server.port, '/overlay?fit=cover&style=wave', { headers: { 'sec-fetch-site': site } });
    for (const site of ['cross-site', 'same-site']) {
      expect(await visit(site)).toMatchObject({ status: 303, headers: { location: '/overlay?fit=cover' } });
    }
    for (const site of ['none', 'same-origin']) expect((await visit(site)).status).toBe(200);
  });

  test('who guesses tokens has to wait after ten, also with the right one; asking again with an old one is no guess', async () => {
    const { server, lines } = await serve({ token: 'sesame', viewToken: 'peeking' });
    const qr = (token: string) => ask(server.port, `/qr.svg?token=${token}`);
    for (let n = 0; n < 20; n++) expect((await qr('an-old-one')).status).toBe(401);
    for (let n = 0; n < 5; n++) expect((await qr('peeking')).status).toBe(401);
    for (let n = 0; n < 5; n++) expect((await qr(`guess-${n}`)).status).toBe(401);
    for (let n = 0; n < 3; n++) {
      const headers = { authorization: `Bearer bear-${n}` };
      expect((await ask(server.port, '/snapshot.jpg', { headers })).status).toBe(401);
    }
    const last = await new Raw(socketOf(server)).greet({ role: 'control', token: 'guess-9' });
    expect(await last.closed).toMatchObject({ code: 4429, reason: 'too many wrong tokens: try again in 1 s' });
    expect(await qr('sesame')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect((await ask(server.port, '/snapshot.jpg?token=peeking')).status).toBe(429);
    const right = await new Raw(socketOf(server)).greet({ role: 'control', token: 'sesame' });
    expect(await right.closed).toMatchObject({ code: 4429 });
    expect((await ask(server.port, '/healthz')).status).toBe(200);
    await pause(1100);
    expect((await qr('sesame')).status).toBe(200);
    expect((await qr('guess-10')).status).toBe(429);
    expect(lines).toContain('127.0.0.1 has tried 10 wrong tokens or more: it has to wait 1 s.');
  });

  test.skipIf(lanAddresses().length === 0)('a crowd of strangers keeps nobody out who runs the show', async () => {
    const limits = { connections: 20, connectionsKept: 10, connectionsPerAddress: 8, helloMs: 800 };
    const { server, lines } = await serve({ host: '0.0.0.0', token: 'sesame', limits });
    const lan = lanAddresses().find((address) => !address.includes(':'))!;
    const crowd = Array.from({ length: 30 }, () => connectTcp(server.port, lan));
    for (const socket of crowd) {
      socket.on('error', () => undefined);
      afterTest(() => socket.destroy());
    }
    await until(() => crowd.filter(({ destroyed, closed }) => destroyed || closed).length >= 22);
    expect((await ask(server.port, '/healthz')).status).toBe(200);
    const control = await new Raw(socketOf(server)).greet({ role: 'control', token: 'sesame' });
    expect(control.texts[0]).toMatchObject({ type: 'welcome' });
    expect(lines.filter((line) => line.startsWith(`A connection from ${lan} was refused: 8 of `))).toHaveLength(1);
  });

  test.skipIf(lanAddresses().length === 0)(
    'viewers have a limit, which this machine and the token are beyond',
    async () => {
      const { show, server, lines } = await serve({ host: '0.0.0.0', token: 'sesame', viewers: 2 });
      show.step();
      const lan = lanAddresses().find((address) => !address.includes(':'))!;
      const url = `ws://${lan}:${server.port}/ws`;
      for (const _ of [1, 2]) expect((await new Raw(url).greet()).texts[0]).toMatchObject({ type: 'welcome' });
      const more = await new Raw(url).greet();
      expect(await more.closed).toEqual({ code: 4503, reason: '2 watch already, which is as many as may' });
      expect(lines).toEqual([`client ${lan} was disconnected: 2 watch already, which is as many as may`]);
      expect((await new Raw(url).greet({ token: 'sesame' })).texts[0]).toMatchObject({ type: 'welcome' });
      expect((await new Raw(socketOf(server)).greet()).texts[0]).toMatchObject({ type: 'welcome' });
    },
  );

  test.skipIf(lanAddresses().length === 0)(
    'beyond this machine there is a token, the same after a restart',
    async () => {
      const options = { host: '0.0.0.0', folder: join(folder, 'wide') };
      const { server } = await serve(options);
      const [lan] = lanAddresses();
      expect(server.token).toMatch(/^[\w-]{22}$/);
      expect(server.qr).toMatch(/█/);
      expect(server.urls.control).toBe(
        `http://${lan!.includes(':') ? `[${lan}]` : lan}:${server.port}/#token=${server.token}`,
      );
      expect(server.localUrls.overlay).toBe(`http://127.0.0.1:${server.port}/overlay`);
      expect((await ask(server.port, '/', { host: lan! })).status).toBe(200);
      expect((await ask(server.port, '/', { host: lan!, headers: { host: 'evil.example' } })).status).toBe(421);
      expect((await serve(options)).server.token).toBe(server.token);
      const alone = await serve({});
      expect([alone.server.token, alone.server.qr]).toEqual([undefined, undefined]);
      await expect(ask(alone.server.port, '/', { host: lan! })).rejects.toThrow('ECONNREFUSED');
    },
  );
});

test('token and certificate that cannot be stored are valid for this run', async () => {
  writeFileSync(join(folder, 'file'), '');
  const { server } = await serve({ host: '0.0.0.0', tls: true, folder: join(folder, 'file/below') });
  expect(server.token).toMatch(/^[\w-]{22}$/);
  expect((await ask(server.port, '/healthz', { tls: true })).status).toBe(200);
});

test('who does not read an answer loses its place', async () => {
  const { show, server } = await serve({ limits: { helloMs: 500, connections: 1 } });
  const [width, height] = [3000, 3000];
  show.step({ width, height, data: new Uint8Array(width * height * 3).map(() => Math.random() * 256) });
  const deaf = connectTcp(server.port, '127.0.0.1');
  afterTest(() => deaf.destroy());
  deaf.on('error', () => undefined);
  deaf.pause();
  deaf.write('GET /snapshot.jpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await until(() => deaf.bytesWritten > 0);
  await expect(ask(server.port, '/healthz')).rejects.toThrow();
  let there = false;
  while (!there)
    there = await ask(server.port, '/healthz').then(
      () => true,
      () => pause(100).then(() => false),
    );
});

describe('TLS', () => {
  const certificateOf = (port: number) =>
    new Promise<DetailedPeerCertificate>((resolve) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate(true));
        socket.destroy();
      });
    });

  test('with a self-signed certificate, stored for the next run', async () => {
    const options = { tls: true, folder: join(folder, 'tls') };
    const { show, server } = await serve(options);
    show.step();
    expect(server.urls.camera).toBe(`https://127.0.0.1:${server.port}/camera`);
    expect((await ask(server.port, '/', { tls: true })).status).toBe(200);
    const url = `wss://127.0.0.1:${server.port}/ws`;
    const headers = { origin: `https://127.0.0.1:${server.port}` };
    const viewer = await new Raw(url, { headers, rejectUnauthorized: false }).greet();
    expect(viewer.texts[0]).toMatchObject({ type: 'welcome' });
    const certificate = await certificateOf(server.port);
    expect(certificate.subjectaltname).toContain('IP Address:127.0.0.1');
    for (const address of lanAddresses())
      expect(certificate.subjectaltname).toContain(address.split('::')[0]!.toUpperCase());
    const again = await serve(options);
    expect((await certificateOf(again.server.port)).fingerprint256).toBe(certificate.fingerprint256);
  });

  test('this machine may use plain HTTP: OBS accepts no self-signed certificate', async () => {
    const { show, server } = await serve({ tls: true, folder: join(folder, 'tls'), limits: { helloMs: 500 } });
    show.step();
    expect(server.localUrls.overlay).toBe(`http://127.0.0.1:${server.port}/overlay`);
    const control = await new Raw(socketOf(server)).greet({ role: 'control' });
    expect(control.texts[0]).toMatchObject({ urls: server.urls, localUrls: server.localUrls });
    expect((await ask(server.port, '/overlay')).status).toBe(200);
    const viewer = await new Raw(socketOf(server)).greet();
    expect(viewer.texts[0]).toMatchObject({ type: 'welcome' });
    expect(await tell(server.port, 'GET / HTTP/1.1\r\nHost: 127.0')).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(await tell(server.port, '')).toBe('');
    expect(await tell(server.port, '\x16\x03\x01')).toBe('');
  });

  test.skipIf(lanAddresses().length === 0)('others may not go without', async () => {
    const { server } = await serve({ host: '0.0.0.0', tls: true, folder: join(folder, 'tls') });
    const [host] = lanAddresses();
    await expect(ask(server.port, '/', { host: host! })).rejects.toThrow();
    expect((await ask(server.port, '/', { host: host!, tls: true })).status).toBe(200);
  });

  test('invalid certificate files are named in the error', async () => {
    writeFileSync(join(folder, 'bad.pem'), 'nothing');
    const missing = { cert: join(folder, 'none.pem'), key: join(folder, 'bad.pem') };
    expect(await failure(startServer(new Stand(), { port: 0, tls: missing }))).toMatchObject({
      name: 'OptionError',
      code: 'TLS_FILE',
      message: expect.stringMatching(/none\.pem cannot be read: /),
    });
    const bad = { cert: join(folder, 'bad.pem'), key: join(folder, 'bad.pem') };
    expect(await failure(startServer(new Stand(), { port: 0, tls: bad }))).toMatchObject({
      code: 'TLS_FILE',
      message: expect.stringMatching(/bad\.pem cannot be used: /),
    });
  });

  test('a certificate of one’s own', async () => {
    await serve({ tls: true, folder: join(folder, 'own') });
    const own = { cert: join(folder, 'own/certificate.pem'), key: join(folder, 'own/key.pem') };
    const { server } = await serve({ tls: own });
    expect((await ask(server.port, '/healthz', { tls: true })).body.toString()).toBe('ok\n');
  });
});

describe('starting and stopping', () => {
  test('a port in use is an error', async () => {
    const { server } = await serve();
    const show = new Stand();
    expect(await failure(startServer(show, { port: server.port }))).toEqual({
      name: 'OptionError',
      code: 'LIVE_PORT_TAKEN',
      message: `Port ${server.port} is taken by another program.`,
      hint: 'Stop the other program, or choose another port; 0 takes a free one.',
    });
    expect(show.listeners).toBe(0);
  });

  test.for([
    [
      'five characters for other machines',
      { host: '0.0.0.0', token: '12345' },
      'The token has 5 characters; expected 6 to 200.',
    ],
    ['five characters here', { token: '12345' }, 'The token has 5 characters; expected 6 to 200.'],
    ['none', { token: '' }, 'The token has 0 characters; expected 6 to 200.'],
    ['five for watching', { viewToken: '12345' }, 'The view token has 5 characters; expected 6 to 200.'],
    [
      'more than the protocol takes',
      { viewToken: 'x'.repeat(201) },
      'The view token has 201 characters; expected 6 to 200.',
    ],
  ] as const)('a token of %s is refused', async ([, options, message]) => {
    expect(await failure(startServer(new Stand(), { port: 0, ...options }))).toMatchObject({
      code: 'LIVE_TOKEN',
      message,
    });
  });

  test.for([
    [{ port: 99_999 }, 'port is 99999; expected a whole number from 0 to 65535.'],
    [{ port: 80.5 }, 'port is 80.5; expected a whole number from 0 to 65535.'],
    [{ port: -1 }, 'port is -1; expected a whole number from 0 to 65535.'],
    [{ viewers: -1 }, 'viewers is -1; expected a whole number from 0 to 100000.'],
  ] as const)('%j is refused', async ([options, message]) => {
    const code = 'LIVE_OPTION';
    expect(await failure(startServer(new Stand(), { port: 0, ...options }))).toMatchObject({ code, message });
  });

  test('an IPv6 address may stand in brackets', async () => {
    const { server } = await serve({ host: '[::1]' });
    expect(server.urls.overlay).toBe(`http://[::1]:${server.port}/overlay`);
    expect((await ask(server.port, '/healthz', { host: '::1' })).status).toBe(200);
  });

  test('an address of another machine is told', async () => {
    expect(await failure(startServer(new Stand(), { port: 0, host: '192.0.2.1', token: 'open sesame' }))).toMatchObject(
      {
        code: 'LIVE_LISTEN',
        message: expect.stringMatching(/^Cannot listen on 192\.0\.2\.1:0: /),
      },
    );
  });

  test('closing ends all connections, also those that do not answer, and releases the show', async () => {
    const { show, server } = await serve();
    const polite = await new Raw(socketOf(server)).greet();
    const deaf = await new Raw(socketOf(server)).greet({ role: 'control' });
    deaf.socket.pause();
    await server.close();
    expect(await polite.closed).toEqual({ code: 1001, reason: 'the server stops' });
    expect(show.listeners).toBe(0);
    await expect(ask(server.port, '/')).rejects.toThrow('ECONNREFUSED');
  });
});

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROUTES } from '#src/live/server/api/api.js';
import { DEFAULT_SETTINGS, LOOK_SETTINGS } from '#src/live/settings/table.js';
import { deskOf } from '../../desk.js';
import { serve, until } from '../../stand.js';

/** A show with an API, and a way to ask it. */
async function api(token?: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'stylecast-looks-')), 'looks.json');
  const { asked, controls } = deskOf(path);
  const served = await serve({ controls: () => controls, token });
  const base = `http://127.0.0.1:${served.server.port}/api/`;
  const call = async (method: string, address: string, body?: unknown, headers: Record<string, string> = {}) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(base + address, { method, body: text, headers: { ...authorization, ...headers } });
    const answer = await response.text();
    const json = response.headers.get('content-type') === 'application/json';
    return { status: response.status, body: json ? JSON.parse(answer) : answer };
  };
  return { ...served, asked, path, base, call };
}

test('what there is', async () => {
  const { call, show } = await api();
  const { status, body } = await call('GET', 'show');
  expect(status).toBe(200);
  expect(body).toMatchObject({ settings: show.settings, stats: { fpsIn: 30, viewers: 0 }, masks: show.masks });
  expect(body.styles.map(({ name }: { name: string }) => name)).toEqual(['wave', 'broken']);
  expect((await call('GET', 'styles')).body.styles).toEqual(body.styles);
});

test('settings change by the rules of the WebSocket', async () => {
  const { call, show } = await api();
  expect(await call('PATCH', 'settings', { style: 'wave', strength: 0.4 })).toMatchObject({
    status: 200,
    body: { style: 'wave', strength: 0.4, mirror: false },
  });
  expect(show.settings).toMatchObject({ style: 'wave', strength: 0.4 });
  expect(await call('PATCH', 'settings', { strength: 8 })).toEqual({
    status: 400,
    body: {
      code: 'LIVE_SETTING',
      message: 'strength is 8; expected a number from 0 to 1.',
      hint: 'Correct strength.',
    },
  });
  expect((await call('PATCH', 'settings', { style: '../x' })).body.code).toBe('LIVE_STYLE');
  expect((await call('PATCH', 'settings', { style: 'broken' })).body.code).toBe('PRESET_CHECKSUM');
  for (const body of ['{', '[]', 'null', 'x'.repeat(300_000)]) {
    expect((await call('PATCH', 'settings', body)).body.code).toBe('API_BODY');
  }
  expect(show.settings).toMatchObject({ style: 'wave', strength: 0.4 });
});

test('snapshots, recordings and streams', async () => {
  const { call, asked } = await api();
  expect(await call('POST', 'snapshot')).toEqual({ status: 201, body: { file: 'stylecast-1.png' } });
  expect((await call('POST', 'record/start', { file: 'a.mp4' })).body).toEqual({ output: 'record a.mp4' });
  await call('POST', 'record/start');
  await call('POST', 'publish/start', { url: 'rtmp://host/app/key', kilobits: 3000 });
  expect((await call('POST', 'publish/stop', { output: 'rtmp://***' })).body).toEqual({ stopped: ['rtmp://***'] });
  expect((await call('POST', 'record/stop')).body).toEqual({ stopped: [] });
  expect((await call('POST', 'hls/start', { folder: 'stream' })).body).toEqual({ output: 'hls stream' });
  await call('POST', 'hls/stop');
  expect(asked).toEqual([
    ['record', 'a.mp4'],
    ['record', undefined],
    ['publish', 'rtmp://host/app/key', 3000],
    ['stop', 'publish', 'rtmp://***'],
    ['stop', 'record', undefined],
    ['hls', 'stream'],
    ['stop', 'hls', undefined],
  ]);
  expect((await call('POST', 'record/start', { path: '/x' })).body).toMatchObject({
    code: 'API_FIELD',
    message: 'path is "/x"; expected file (string).',
  });
});

test('looks are kept, in order, applied, exported and forgotten', async () => {
  const { call, show, path } = await api();
  await call('PATCH', 'settings', { style: 'wave', strength: 0.3, mirror: true });
  expect((await call('PUT', 'looks/Calm%20sea', { color: '#336699', key: '1' })).status).toBe(200);
  await call('PATCH', 'settings', { style: null, strength: 1, mirror: false });
  await call('PUT', 'looks/Plain');
  await call('PUT', 'looks/Plain', { key: '2' });
  const { body } = await call('GET', 'looks');
  expect(body.looks).toMatchObject([
    { name: 'Calm sea', color: '#336699', key: '1', settings: { style: 'wave', strength: 0.3 } },
    { name: 'Plain', key: '2', settings: { style: null, strength: 1 } },
  ]);
  expect(body.looks[0].settings).not.toHaveProperty('mirror');
  expect((await call('POST', 'looks/Calm%20sea')).body).toMatchObject({ style: 'wave', strength: 0.3, mirror: false });
  expect(show.settings.style).toBe('wave');
  await call('PUT', 'looks', { looks: [...body.looks].reverse() });
  expect(JSON.parse(readFileSync(path, 'utf8')).looks.map(({ name }: { name: string }) => name)).toEqual([
    'Plain',
    'Calm sea',
  ]);
  expect((await call('DELETE', 'looks/Plain')).body).toEqual({ removed: 'Plain' });
  expect((await call('DELETE', 'looks/Plain')).status).toBe(404);
  expect((await call('POST', 'looks/none')).status).toBe(404);
  const wrong = [{ key: 'ab' }, { color: 'red' }, { settings: { paused: true } }, { settings: { blend: 3 } }, { x: 1 }];
  for (const look of wrong) expect((await call('PUT', 'looks/wrong', look)).status).toBe(400);
  // All that may be kept come in at once.
  const most = Array.from({ length: 200 }, (_, n) => ({ ...body.looks[0], name: `${n} ${'x'.repeat(50)}` }));
  expect((await call('PUT', 'looks', { looks: most })).status).toBe(200);
  writeFileSync(path, 'damage');
  expect((await call('GET', 'looks')).body).toMatchObject({ code: 'LOOKS' });
});

test('events tell of settings, figures and looks', async () => {
  const { base, show, call } = await api();
  const response = await fetch(`${base}events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let heard = '';
  const reader = response.body!.getReader();
  const reading = (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard += Buffer.from(value).toString();
    }
  })();
  await until(() => heard.includes('event: stats\n'));
  await show.change({ strength: 0.7 });
  await until(() => heard.includes('"strength":0.7'));
  await call('PUT', 'looks/Calm');
  await until(() => /event: looks\ndata: .*"name":"Calm"/.test(heard));
  const listening = show.listeners;
  await reader.cancel();
  await reading;
  await until(() => show.listeners < listening);
});

describe('who may', () => {
  test('only who shows the token, as a bearer', async () => {
    const { server, base, call } = await api('open-sesame');
    expect((await call('GET', 'show')).status).toBe(200);
    for (const authorization of ['Bearer wrong', 'Basic b3Blbi1zZXNhbWU=']) {
      expect((await call('GET', 'show', undefined, { authorization })).status).toBe(401);
    }
    expect((await fetch(`${base}show?token=open-sesame`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${server.port}/api/settings`, { method: 'PATCH' })).status).toBe(401);
  });

  test('no page of another site', async () => {
    const { call, show } = await api();
    const before = show.settings;
    for (const origin of ['https://evil.example', 'null']) {
      expect((await call('PATCH', 'settings', { mirror: true }, { origin })).status).toBe(403);
    }
    expect(show.settings).toBe(before);
  });

  test.for([
    ['GET', 'nothing', 404],
    ['GET', '', 404],
    ['GET', 'looks/%', 404],
    ['GET', '__proto__', 404],
    ['DELETE', 'settings', 405],
    ['GET', 'record/start', 405],
  ] as const)('%s /api/%s: %i', async ([method, path, status]) => {
    const { call } = await api();
    expect((await call(method, path)).status).toBe(status);
  });

  test('what a show cannot do, or not yet', async () => {
    const { server } = await serve();
    const response = await fetch(`http://127.0.0.1:${server.port}/api/snapshot`, { method: 'POST' });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, 'LIVE_WAITING']);
  });
});

test('docs/openapi.json names every address and setting that there is', () => {
  const { paths, components } = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
  const addresses = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) => (method === 'parameters' ? [] : [`${method.toUpperCase()} ${path}`])),
  );
  const there = Object.entries(ROUTES).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} /${path.replace(':name', '{name}')}`),
  );
  expect(addresses.sort()).toEqual(there.sort());
  expect(Object.keys(components.schemas.Settings.properties).sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
  expect(Object.keys(components.schemas.Look.properties.settings.properties)).toEqual([...LOOK_SETTINGS]);
});

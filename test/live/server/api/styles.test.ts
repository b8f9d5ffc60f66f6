import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { StyleCard } from '#src/live/show/types.js';
import { vectorsOf } from '#src/model/style-vectors.js';
import { freshFolder } from '../../../fixtures/ffmpeg.js';
import { galleryShow, painting } from '../../added.js';
import { Raw, serve, socketOf, until } from '../../stand.js';

/** A show with an API, and a way to send pictures to it. */
async function api(token?: string, folder?: string) {
  const shown = await galleryShow(folder);
  const served = await serve({ controls: () => shown.controls, token }, shown.show);
  const base = `http://127.0.0.1:${served.server.port}/api/`;
  const call = async (method: string, address: string, body?: Buffer | string | object, headers = {}) => {
    const sent = Buffer.isBuffer(body) || typeof body === 'string' ? body : body && JSON.stringify(body);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const init = {
      method,
      body: (sent ?? null) as string | Uint8Array<ArrayBuffer> | null,
      headers: { ...authorization, ...headers },
    };
    const response = await fetch(base + address, init);
    const answer = await response.text();
    return { status: response.status, body: answer.startsWith('{') ? JSON.parse(answer) : answer };
  };
  const files = () => readdirSync(shown.folder).sort();
  return { ...shown, ...served, base, call, files };
}

/** Whether a process learns a picture. */
function learns(picture: string): boolean {
  const all = execFileSync('ps', ['-A', '-o', 'args=']).toString().split('\n');
  return all.some((line) => line.includes(`train ${picture}`));
}

test('a picture is a style at once, is learned, and stays for the next show', async () => {
  const { call, server, show, folder, gallery, files } = await api();
  const other = await new Raw(socketOf(server)).greet({ role: 'control' });
  const { status, body } = await call('POST', 'styles?name=Evening%20by_the-sea.jpg', await painting('#245'));
  expect(status).toBe(201);
  const name = 'painters:evening-by-the-sea';
  const thumbnail = `/thumbnails/${encodeURIComponent(name)}`;
  expect(body.style).toEqual({ name, title: 'Evening by the sea', added: 'predicted', tier: 'lite', thumbnail });
  // The others hear of it at once, and the picture is served small.
  const heard = (await other.heard('styles')).styles as StyleCard[];
  expect(heard.at(-1)).toEqual(body.style);
  const small = await fetch(`http://127.0.0.1:${server.port}${thumbnail}`);
  expect(await sharp(Buffer.from(await small.arrayBuffer())).metadata()).toMatchObject({ width: 360, height: 240 });
  expect(files()).toEqual(['evening-by-the-sea-small.jpg', 'evening-by-the-sea.jpg', 'styles.json']);
  const predicted = vectorsOf((await gallery.style(name)).manifest);

  // Another of that name gets another one.
  const second = await call('POST', 'styles?name=evening-by-the-sea.png', await painting('#a42'));
  expect(second.body.style).toMatchObject({ name: `${name}-2`, title: 'Evening by the sea 2' });
  expect((await call('PATCH', `styles/${encodeURIComponent(name)}-2`, { title: 'Dusk' })).body.style.title).toBe(
    'Dusk',
  );
  const taken = await call('PATCH', `styles/${encodeURIComponent(name)}-2`, { title: 'Evening by the sea' });
  expect([taken.status, taken.body.code]).toEqual([400, 'STYLE_TITLE']);
  expect((await call('PATCH', 'settings', { style: name })).status).toBe(200);
  expect((await call('DELETE', `styles/${encodeURIComponent(name)}`)).body).toEqual({
    code: 'STYLE_IN_USE',
    message: '"Evening by the sea" is painted with; it was not removed.',
    hint: 'Choose another style first.',
  });

  // Learned in a process of its own: one at a time.
  expect((await call('POST', 'learn/start', { style: name })).status).toBe(202);
  const busy = await call('POST', 'learn/start', { style: `${name}-2` });
  expect(busy.body).toMatchObject({ code: 'STYLE_LEARNING', message: '"Evening by the sea" is being learned.' });
  await expect.poll(() => show.styles.find((card) => card.name === name)?.added).toBe('learned');
  const learned = vectorsOf((await gallery.style(name)).manifest);
  expect(learned).not.toEqual(predicted);

  // A show that begins later has both; one that is removed is gone with its pictures.
  const next = await galleryShow(folder);
  expect(next.gallery.cards.slice(-2).map(({ title, added }) => [title, added])).toEqual([
    ['Evening by the sea', 'learned'],
    ['Dusk', 'predicted'],
  ]);
  expect(vectorsOf((await next.gallery.style(name)).manifest)).toEqual(learned);
  expect((await call('DELETE', `styles/${encodeURIComponent(name)}-2`)).status).toBe(200);
  expect(files()).toEqual(['evening-by-the-sea-small.jpg', 'evening-by-the-sea.jpg', 'styles.json']);
  expect((await call('DELETE', 'styles/painters%3Aink')).body.code).toBe('LIVE_STYLE');
});

test('learning can be stopped, and ends with the show', async () => {
  const { call, show, book, folder } = await api();
  const { body } = await call('POST', 'styles?name=dusk.jpg', await painting('#245'));
  const { name } = body.style;
  const picture = join(folder, 'dusk.jpg');
  await call('POST', 'learn/start', { style: name });
  expect(book.figures).toEqual({ style: name, state: 'learning', share: 0 });
  await until(() => learns(picture));
  expect((await call('POST', 'learn/stop')).body).toEqual({ stopped: name });
  expect(learns(picture)).toBe(false);
  expect(book.figures).toBeUndefined();
  expect((await call('POST', 'learn/stop')).body).toEqual({ stopped: null });
  await call('POST', 'learn/start', { style: name });
  await until(() => learns(picture));
  await book.close();
  expect(learns(picture)).toBe(false);
  expect(show.styles.at(-1)).toMatchObject({ name, added: 'predicted' });
});

test('what is no picture, or too much of one, is refused, and nothing is left of it', async () => {
  const { call, files } = await api();
  const bomb = sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: '#000' } });
  const cases: [string, Buffer, RegExp][] = [
    ['empty', Buffer.alloc(0), /no picture/],
    ['text', Buffer.from('#!/bin/sh\nrm -rf /'), /no picture/],
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'), /format svg/],
    ['half', (await painting('#123')).subarray(0, 500), /no picture/],
    ['bomb', await bomb.png({ compressionLevel: 1 }).toBuffer(), /10000x10000 pixels; expected .* 64 megapixels/],
    ['thin', await painting('#123', { width: 900, height: 20 }), /900x20 pixels/],
  ];
  for (const [name, bytes, message] of cases) {
    const { status, body } = await call('POST', `styles?name=${name}.jpg`, bytes);
    expect([name, status, body.code]).toEqual([name, 400, 'STYLE_PICTURE']);
    expect(body.message).toMatch(message);
  }
  const large = await call('POST', 'styles?name=large.jpg', Buffer.alloc(17 * 2 ** 20));
  expect([large.status, large.body.code]).toEqual([413, 'API_BODY']);
  expect(files()).toEqual([]);
});

test('only who shows the token, from no other site', async () => {
  const { call, base, files } = await api('open-sesame');
  const picture = await painting('#245');
  expect((await fetch(`${base}styles?name=a.jpg`, { method: 'POST', body: new Uint8Array(picture) })).status).toBe(401);
  const inAddress = `${base}styles?name=a.jpg&token=open-sesame`;
  expect((await fetch(inAddress, { method: 'POST', body: new Uint8Array(picture) })).status).toBe(401);
  expect((await call('POST', 'styles?name=a.jpg', picture, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await call('POST', 'styles?name=a.jpg', picture, { authorization: 'Bearer wrong' })).status).toBe(401);
  expect(files()).toEqual([]);
});

test('a name leads nowhere else', async () => {
  const { call, folder, files, server } = await api();
  const picture = await painting('#245');
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'mine.jpg'), 'mine');
  symlinkSync(join(elsewhere, 'mine.jpg'), join(folder, 'dusk.jpg'));
  const { body } = await call('POST', 'styles?name=dusk.jpg', picture);
  expect(readFileSync(join(elsewhere, 'mine.jpg'), 'utf8')).toBe('mine');
  expect(lstatSync(join(folder, 'dusk.jpg')).isSymbolicLink()).toBe(false);
  const path = `/thumbnails/${encodeURIComponent(body.style.name)}`;
  const status = async () => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
  expect(await status()).toBe(200);
  for (const name of ['../../../etc/passwd', '..\\..\\boot.ini', '\0.jpg', '日本.jpg']) {
    expect((await call('POST', `styles?name=${encodeURIComponent(name)}`, picture)).status).toBe(201);
  }
  const names = files().filter((name) => /^[a-z0-9-]+\.jpg$/.test(name) && !name.endsWith('-small.jpg'));
  expect(names).toEqual(['boot.jpg', 'dusk.jpg', 'passwd.jpg', 'picture-2.jpg', 'picture.jpg']);
  // A small picture that was exchanged for a link that leads elsewhere is not served.
  rmSync(join(folder, 'dusk-small.jpg'));
  const outside = join(freshFolder(), 'outside.jpg');
  writeFileSync(outside, picture);
  symlinkSync(outside, join(folder, 'dusk-small.jpg'));
  expect(await status()).toBe(404);
});

test('of a crowd of pictures two are taken at a time, and a hundred are kept', async () => {
  const { call, folder, show } = await api();
  const picture = await painting('#245');
  await call('POST', 'styles?name=first.jpg', picture);
  const { styles } = JSON.parse(readFileSync(join(folder, 'styles.json'), 'utf8'));
  const most = Array.from({ length: 98 }, (_, n) => ({ ...styles[0], name: `one-${n}`, title: `One ${n}` }));
  writeFileSync(join(folder, 'styles.json'), JSON.stringify({ styles: [...styles, ...most] }));
  const answers = await Promise.all(Array.from({ length: 200 }, () => call('POST', 'styles?name=crowd.jpg', picture)));
  const statuses = answers.map(({ status }) => status);
  expect(new Set(statuses).size).toBeGreaterThan(1);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.every((status) => [201, 400, 429].includes(status))).toBe(true);
  expect(await call('POST', 'styles?name=more.jpg', picture)).toEqual({
    status: 400,
    body: {
      code: 'STYLES_FULL',
      message: '100 pictures are kept as styles, which is as many as may be.',
      hint: 'Remove one that is not needed any more.',
    },
  });
  expect(show.styles.filter(({ added }) => added)).toHaveLength(100);
  expect(existsSync(join(folder, 'more.jpg'))).toBe(false);
});

test('a list that is damaged is left as it is, and told', async () => {
  const { folder } = await galleryShow();
  mkdirSync(folder, { recursive: true });
  const list = join(folder, 'styles.json');
  writeFileSync(list, '{"styles": [{"name": "../x"}]}');
  const { call, notes } = await api(undefined, folder);
  expect(notes).toEqual([`The added styles are left out: ${list} cannot be used: it is damaged`]);
  expect((await call('POST', 'styles?name=a.jpg', await painting('#245'))).body.code).toBe('STYLES_KEPT');
  expect(readFileSync(list, 'utf8')).toBe('{"styles": [{"name": "../x"}]}');
});

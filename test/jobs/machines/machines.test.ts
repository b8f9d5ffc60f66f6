import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { VERSION } from '#src/jobs/folder.js';
import { RedisConnection } from '#src/jobs/machines/redis.js';
import { parseTask } from '#src/jobs/machines/task.js';
import { stylizeLongVideo } from '#src/jobs/video.js';
import { jsonLines, start } from '../../cli/run.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { preset } from '../../fixtures/networks.js';
import { rgbFrames } from '../../fixtures/readback.js';
import { freePort, Program } from '../../fixtures/servers.js';
import { longClip } from '../long-clip.js';

const folder = freshFolder();
const shared = join(folder, 'shared');
const at = (name: string) => join(shared, name);
mkdirSync(shared);
// No worker knows this preset: it comes with the job.
const style = preset(folder, 'negative');
const BEST = { crf: 0, encoderPreset: 'ultrafast' } as const;
const framesOf = (name: string) => rgbFrames(at(name)).map((frame) => createHash('md5').update(frame).digest('hex'));

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const testWithRedis = test.skipIf(!hasRedis);

beforeAll(async () => {
  if (!hasRedis) return;
  longClip(at('long.mp4'), '96x54');
  await stylizeLongVideo({ input: at('long.mp4'), style, output: at('here.mp4'), resume: true, ...BEST });
});

/** A Redis that keeps nothing, until the end of the test. */
async function redis(port?: number, ...more: string[]): Promise<{ url: string; port: number; server: Program }> {
  const used = port ?? (await freePort());
  const args = ['--port', `${used}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = new Program('redis-server', [...args, ...more]);
  const url = `redis://127.0.0.1:${used}`;
  if (more.length === 0) (await RedisConnection.open(url, () => undefined)).close();
  return { url, port: used, server };
}

/** `stylecast worker`, until the end of the test. */
function worker(url: string) {
  const args = ['worker', '--shared', shared, '--silence', '3', '--threads', '1', '--json'];
  const running = start(folder, args, { env: { STYLECAST_REDIS: url } });
  const said = (what: object) => () =>
    jsonLines(running.stdout()).some((line) => Object.entries(what).every(([key, value]) => line[key] === value));
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return { ...running, said, kill: (signal: NodeJS.Signals) => void running.child.kill(signal) };
}

/** Has workers paint the clip. */
function painting(url: string, output: string) {
  const notes: string[] = [];
  let frames = 0;
  const options = { input: at('long.mp4'), output: at(output), style, machines: { redis: url, shared }, ...BEST };
  const stop = new AbortController();
  const done = stylizeLongVideo({
    ...options,
    signal: stop.signal,
    onNote: (note) => notes.push(note),
    onProgress: (progress) => {
      frames = progress.frames;
    },
  });
  done.catch(() => undefined);
  return { done, notes, frames: () => frames, stop };
}

const POLL = { interval: 20 };

testWithRedis('workers that hang and die lose their segment alone; who comes late disturbs nobody', async () => {
  const { url } = await redis();
  const work = painting(url, 'there.mp4');
  await expect
    .poll(() => work.notes.join('\n'), POLL)
    .toMatch(/^No worker of stylecast \S+ for cpu is there: waiting\./m);
  const hanging = worker(url);
  await expect.poll(hanging.said({ type: 'segment', state: 'begun' }), POLL).toBe(true);
  hanging.kill('SIGSTOP');
  const dying = worker(url);
  await expect.poll(dying.said({ type: 'segment', state: 'begun' }), POLL).toBe(true);
  dying.kill('SIGKILL');
  const last = worker(url);
  await expect.poll(() => work.frames(), POLL).toBeGreaterThan(100);
  hanging.kill('SIGCONT');
  const { frames, output, device } = await work.done;
  expect({ frames, output, device }).toEqual({
    frames: framesOf('here.mp4').length,
    output: at('there.mp4'),
    device: 'cpu',
  });
  expect(framesOf('there.mp4')).toEqual(framesOf('here.mp4'));
  last.kill('SIGINT');
  const ended = await last.ended;
  expect(ended.code).toBe(130);
  expect(jsonLines(ended.stdout).at(-1)).toMatchObject({ type: 'result' });
});

testWithRedis(
  'Redis that is away is waited for, also when it has forgotten everything; what was stopped goes on',
  async () => {
    const first = await redis();
    const painter = worker(first.url);
    const begun = painting(first.url, 'again.mp4');
    await expect.poll(begun.frames, POLL).toBeGreaterThan(0);
    await first.server.stop();
    await expect.poll(() => begun.notes.join('\n'), POLL).toContain(`Redis at 127.0.0.1:${first.port} is away (`);
    await redis(first.port);
    await expect.poll(() => begun.notes.join('\n'), POLL).toContain(`Redis at 127.0.0.1:${first.port} is there again.`);
    await expect.poll(begun.frames, POLL).toBeGreaterThan(60);
    begun.stop.abort();
    const { interrupted, kept } = await begun.done;
    expect({ interrupted, of: kept?.of }).toEqual({ interrupted: true, of: 4 });
    const again = painting(first.url, 'again.mp4');
    await again.done;
    expect(again.notes.join('\n')).toMatch(/Resuming: [1-3] of 4 segments are done\./);
    expect(framesOf('again.mp4')).toEqual(framesOf('here.mp4'));
    expect(painter.child.exitCode).toBe(null);
  },
);

testWithRedis('a segment that fails three times ends the job, with its reason', async () => {
  const { url } = await redis();
  longClip(at('poisoned.mp4'), '96x54');
  const options = { input: at('poisoned.mp4'), output: at('never.mp4'), style, machines: { redis: url, shared } };
  const notes: string[] = [];
  const work = failure(stylizeLongVideo({ ...options, onNote: (note) => notes.push(note) }));
  await expect.poll(() => notes.join('\n'), POLL).toContain('No worker of');
  writeFileSync(at('poisoned.mp4'), 'another file');
  const painter = worker(url);
  const { code, message } = await work;
  expect(code).toBe('JOB_SEGMENT');
  expect(message).toMatch(
    /^Segment \d of 4 .* failed 3 times: .*poisoned\.mp4 is not the file that was planned with: bytes is /,
  );
  expect(jsonLines(painter.stdout()).filter(({ state }) => state === 'failed').length).toBeGreaterThanOrEqual(3);
});

testWithRedis('what is wrong with Redis or the folder is said', async () => {
  const { port } = await redis(undefined, '--requirepass', 'secret');
  const open = (url: string) => RedisConnection.open(url, () => undefined, { patience: 5000 });
  (await open(`redis://:secret@127.0.0.1:${port}`)).close();
  expect(await failure(open(`redis://:wrong@127.0.0.1:${port}`))).toMatchObject({ code: 'REDIS_PASSWORD' });
  expect(await failure(open(`redis://127.0.0.1:${port}`))).toMatchObject({ code: 'REDIS_PASSWORD' });
  expect(await failure(open('http://127.0.0.1'))).toMatchObject({ code: 'REDIS_ADDRESS' });
  const nobody = `127.0.0.1:${await freePort()}`;
  const away = await failure(RedisConnection.open(`redis://:secret@${nobody}`, () => undefined, { patience: 300 }));
  expect(away).toMatchObject({
    code: 'REDIS_AWAY',
    message: `Redis at ${nobody} cannot be reached: connect ECONNREFUSED ${nobody}.`,
  });
  const machines = { redis: `redis://:secret@127.0.0.1:${port}`, shared };
  const outside = stylizeLongVideo({ input: at('long.mp4'), output: join(folder, 'out.mp4'), style, machines });
  expect(await failure(outside)).toMatchObject({ code: 'SHARED_OUTSIDE' });
});

test('a worker runs what the schema of a segment allows alone', () => {
  const segment = { start: 0, frames: 10, from: null, leadIn: 0, continues: false, state: 'waiting', bytes: 0 };
  const known = { folder: 'a.mp4.stylecast-job', checksum: 'abc' };
  const file = { bytes: 1, modified: 1, ends: 'abc' };
  const task = {
    ...{ folder: 'a.mp4.stylecast-job', input: 'a.mp4', identity: file, options: { strength: 0.5 }, device: 'cpu' },
    ...{ style: known, scenes: [], segment, number: 0, of: 1, origin: 0, total: 10, extension: '.mp4' },
  };
  expect(parseTask({ version: VERSION, ...task })).toMatchObject(task);
  for (const wrong of [
    { version: '0.0.1' },
    { input: '../a.mp4' },
    { input: '/etc/passwd' },
    { folder: 'a/../../b' },
    { command: 'rm' },
    { options: { pixelFormat: 'rgb24 -y' } },
    { options: { mask: '../mask.png' } },
    { style: { ...known, folder: 'C:\\styles' } },
  ]) {
    expect(() => parseTask({ version: VERSION, ...task, ...wrong })).toThrow(/is none of this version \(/);
  }
});

import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { LiveSource, type LiveSourceOptions, type SourceSpec } from '#src/media/live/source.js';
import type { LiveFrame } from '#src/media/live-frame.js';
import { wallClock } from '#src/media/live-frame.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { makeFlashes } from '../../fixtures/flashes.js';
import { running, started } from '../../fixtures/processes.js';
import { ffmpegBeside, freePort, hasProtocol, NO_RTMP, Program, rtmpServer } from '../../fixtures/servers.js';

const folder = freshFolder();
const open: LiveSource[] = [];
afterEach(async () => {
  for (const source of open.splice(0)) await source.close();
});

async function openSource(spec: SourceSpec, options: LiveSourceOptions = {}): Promise<LiveSource> {
  const source = await LiveSource.open(spec, options);
  open.push(source);
  return source;
}

async function take(source: LiveSource, count: number): Promise<LiveFrame[]> {
  const frames: LiveFrame[] = [];
  while (frames.length < count) {
    const frame = await source.next();
    if (!frame) break;
    frames.push(frame);
  }
  return frames;
}

/** All that is left. */
function drain(source: LiveSource): Promise<LiveFrame[]> {
  return take(source, Number.POSITIVE_INFINITY);
}

const PATTERN: SourceSpec = { kind: 'pattern', size: { width: 320, height: 180 } };

function clip(name: string, ...args: string[]): string {
  const path = join(folder, name);
  ffmpeg(...args, path);
  return path;
}

describe('frames', () => {
  test('a pattern moves, at its rate and size, with its own time stamps', async () => {
    const states: string[] = [];
    const source = await openSource(PATTERN, { fps: 20, onState: (state) => states.push(state) });
    expect({ size: source.size, fps: source.fps, state: source.state }).toEqual({
      size: { width: 320, height: 180 },
      fps: 20,
      state: 'live',
    });
    const frames = await take(source, 10);
    expect(frames[0]).toMatchObject({ sequence: 0, pts: 0, channels: 3, width: 320, height: 180 });
    expect(frames[0]!.data).toHaveLength(320 * 180 * 3);
    expect(Buffer.compare(frames[0]!.data, frames[9]!.data)).not.toBe(0);
    for (const [n, frame] of frames.entries()) {
      expect(frame.pts).toBeCloseTo(frame.sequence / 20, 3);
      if (n > 0) expect(frame.capturedAt).toBeGreaterThan(frames[n - 1]!.capturedAt);
    }
    expect(states).toEqual(['live']);
    await source.close();
    expect(await source.next()).toBeUndefined();
  });

  test('a slow reader gets the newest frame; the others are counted', async () => {
    const source = await openSource(PATTERN, { fps: 30 });
    const [first] = await take(source, 1);
    await new Promise((done) => setTimeout(done, 1000));
    const [second] = await take(source, 1);
    expect(second!.sequence).toBeGreaterThan(first!.sequence + 5);
    expect(source.dropped).toBe(second!.sequence - first!.sequence - 1);
  });

  test('returned buffers are reused', async () => {
    const source = await openSource(PATTERN, { fps: 60 });
    const buffers = new Set<Uint8Array>();
    for (let n = 0; n < 30; n++) {
      const frame = (await source.next())!;
      buffers.add(frame.data);
      source.release(frame.data);
    }
    expect(buffers.size).toBeLessThan(8);
    const kept = await take(source, 8);
    expect(new Set(kept.map(({ data }) => data)).size).toBe(8);
  });

  test('smpte bars scroll; an unknown pattern is refused', async () => {
    const source = await openSource({ ...PATTERN, pattern: 'smptebars' } as SourceSpec);
    const frames = await take(source, 5);
    expect(Buffer.compare(frames[0]!.data, frames[4]!.data)).not.toBe(0);
    expect(await failure(LiveSource.open({ kind: 'pattern', pattern: 'toString' as 'testsrc2' }))).toEqual({
      name: 'OptionError',
      code: 'SOURCE_PATTERN',
      message: 'There is no pattern "toString"; expected testsrc2 or smptebars.',
      hint: 'Leave it out for the usual one.',
    });
  });
});

describe('files', () => {
  test('a file comes at its own pace, every frame at its time, and ends', async () => {
    const path = clip('one second.mov', '-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=1', '-c:v', 'mjpeg');
    const before = performance.now();
    const source = await openSource({ kind: 'file', path });
    const frames = await drain(source);
    const last = frames.at(-1)!;
    expect(performance.now() - before).toBeGreaterThan(900);
    expect(last.pts).toBeCloseTo(0.96, 3);
    expect(frames.length + source.dropped).toBe(25);
    expect(source.state).toBe('ended');
    expect(source.fps).toBe(25);
  });

  test('height and rate are limits; odd sizes become even, pixels square', async () => {
    const path = clip(
      'anamorphic.mov',
      ...['-f', 'lavfi', '-i', 'testsrc2=s=176x145:r=30:d=2,setsar=4/3', '-c:v', 'png'],
    );
    const source = await openSource({ kind: 'file', path }, { height: 90, fps: 10 });
    // 176 × 4/3 : 145 = 1.618
    expect(source.size).toEqual({ width: 146, height: 90 });
    expect(source.fps).toBe(10);
    const frames = await drain(source);
    expect(frames.length + source.dropped).toBeGreaterThanOrEqual(19);
    expect(frames.length + source.dropped).toBeLessThanOrEqual(21);
    const whole = await openSource({ kind: 'file', path }, { height: 1080 });
    expect(whole.size).toEqual({ width: 234, height: 144 });
  });

  test('the time stamps of a looped file continue', async () => {
    const path = clip('short.mov', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=20:d=0.5', '-c:v', 'mjpeg');
    const source = await openSource({ kind: 'file', path, loop: true });
    let last = -1;
    while (last < 1.2) {
      const frame = (await source.next())!;
      expect(frame.pts).toBeGreaterThan(last);
      last = frame.pts;
    }
    expect(source.state).toBe('live');
  });

  test('sound has the time of the frames', async () => {
    const path = join(folder, 'flashes.mov');
    makeFlashes(path, 3, '64x36');
    const source = await openSource({ kind: 'file', path }, { audio: true });
    const beeps: number[] = [];
    let last = Number.NEGATIVE_INFINITY;
    source.audio!.listen(({ pts, data }) => {
      for (let n = 0; n < data.length / 4; n++) {
        const time = pts + n / 48_000;
        if (Math.abs(data.readInt16LE(4 * n)) < 3000) continue;
        if (time - last > 0.3) beeps.push(time);
        last = time;
      }
    });
    const flashes: number[] = [];
    let bright = true;
    for (const frame of await drain(source)) {
      const now = frame.data[0]! > 120;
      if (now && !bright) flashes.push(frame.pts);
      bright = now;
    }
    expect(flashes.map((time) => Math.round(time))).toEqual([1, 2]);
    for (const flash of flashes) expect(Math.min(...beeps.map((beep) => Math.abs(beep - flash)))).toBeLessThan(0.04);
  });

  test('without sound there is none', async () => {
    const path = join(folder, 'short.mov');
    const source = await openSource({ kind: 'file', path }, { audio: true });
    expect(source.audio).toBeUndefined();
    expect(await drain(source)).not.toHaveLength(0);
  });

  test('its ffmpeg is gone after close', async () => {
    const path = clip('gone.mov', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=20:d=5', '-c:v', 'mjpeg');
    const source = await openSource({ kind: 'file', path });
    expect(running(path)).toHaveLength(1);
    await source.close();
    expect(running(path)).toHaveLength(0);
  });
});

describe('losses', () => {
  test('ffmpeg is killed: lost, then live again in the same size, time stamps continue', async () => {
    const path = join(folder, 'gone.mov');
    const states: (string | undefined)[][] = [];
    const source = await openSource(
      { kind: 'file', path, loop: true },
      { onState: (...change) => states.push(change) },
    );
    const before = (await take(source, 5)).at(-1)!;
    process.kill(await started(path), 'SIGKILL');
    await expect.poll(() => source.state).toBe('lost');
    await expect.poll(() => source.state).toBe('live');
    const after = (await take(source, 3)).at(-1)!;
    expect(after.pts).toBeGreaterThan(before.pts + 0.4);
    expect(after.data).toHaveLength(before.data.length);
    expect(states).toEqual([
      ['live', undefined],
      ['lost', `Live from ${path}: ffmpeg was killed (SIGKILL). Trying again.`],
      ['live', undefined],
    ]);
  });

  test.skipIf(!hasProtocol('srt'))('a stream dies and returns with another size', async () => {
    const port = await freePort();
    const send = (size: string) =>
      ffmpegBeside(
        ...['-re', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=20`, '-f', 'lavfi', '-i', 'sine=f=440'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '10', '-c:a', 'aac'],
        ...['-f', 'mpegts', `srt://127.0.0.1:${port}?mode=listener`],
      );
    const sender = send('320x180');
    const states: string[] = [];
    const url = `srt://127.0.0.1:${port}`;
    const source = await retried(() =>
      openSource({ kind: 'url', url }, { audio: true, onState: (state) => states.push(state) }),
    );
    expect(source.size).toEqual({ width: 320, height: 180 });
    let heard = 0;
    source.audio!.listen(({ data }) => {
      heard += data.length;
    });
    const [before] = await take(source, 1);
    await sender.stop();
    await expect.poll(() => source.state).toBe('lost');
    const heardBefore = heard;
    send('180x180');
    await expect.poll(() => source.state).toBe('live');
    const frames = await take(source, 5);
    const after = frames.at(-1)!;
    expect({ width: after.width, height: after.height }).toEqual({ width: 320, height: 180 });
    expect([...after.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(after.pts).toBeGreaterThan(before!.pts + 0.5);
    await expect.poll(() => heard).toBeGreaterThan(heardBefore);
    expect(states).toEqual(['live', 'lost', 'live']);
  });

  test.skipIf(NO_RTMP !== undefined)(`RTMP through a server (${NO_RTMP ?? 'nginx'})`, async () => {
    const port = await freePort();
    await rtmpServer(join(folder, 'rtmp-source'), port);
    const url = `rtmp://127.0.0.1:${port}/live/key`;
    ffmpegBeside(
      ...['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25', '-f', 'lavfi', '-i', 'sine=f=440'],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
        '-g',
        '25',
        '-c:a',
        'aac',
        '-f',
        'flv',
        url,
      ],
    );
    const source = await retried(() => openSource({ kind: 'url', url }, { audio: true }));
    expect({ size: source.size, fps: source.fps }).toEqual({ size: { width: 320, height: 180 }, fps: 25 });
    expect(source.audio).toBeDefined();
    expect(await take(source, 25)).toHaveLength(25);
  });

  test('a source without frames for ten seconds counts as lost', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    try {
      expect(await failure(LiveSource.open({ kind: 'url', url: `tcp://127.0.0.1:${port}` }))).toEqual({
        name: 'MediaError',
        code: 'LIVE_TIMEOUT',
        message: `Live from tcp://127.0.0.1:${port}: no frame for 10 s.`,
        hint: 'Check that the camera or the sender runs.',
      });
    } finally {
      server.close();
    }
  });
});

const XVFB = spawnSync('Xvfb', ['-help']).error === undefined;

test.skipIf(!XVFB)(`a screen under X11 (${XVFB ? 'Xvfb' : 'Xvfb is not installed'})`, async () => {
  new Program('Xvfb', [':87', '-screen', '0', '320x240x24']);
  const source = await retried(() => openSource({ kind: 'screen', screen: ':87' }, { fps: 10 }));
  expect({ size: source.size, fps: source.fps }).toEqual({ size: { width: 320, height: 240 }, fps: 10 });
  expect(await take(source, 3)).toHaveLength(3);
});

describe('sources that cannot be opened', () => {
  test('nothing listens there; no passwords or keys in the message', async () => {
    const port = await freePort();
    expect(
      await failure(LiveSource.open({ kind: 'url', url: `rtmp://me:pass@127.0.0.1:${port}/live/secret` })),
    ).toEqual({
      name: 'MediaError',
      code: 'LIVE_REFUSED',
      message: `Live from rtmp://***@127.0.0.1:${port}/live/***: nothing listens there.`,
      hint: 'Check the address, and that the other side runs.',
    });
  });

  test('no URL, no file, no camera, no valid option', async () => {
    expect(await failure(LiveSource.open({ kind: 'url', url: 'clip.mp4' }))).toMatchObject({
      code: 'SOURCE_URL',
      message: '"clip.mp4" is no URL; expected one such as rtsp://host/path.',
    });
    expect(await failure(LiveSource.open({ kind: 'file', path: join(folder, 'none.mp4') }))).toMatchObject({
      code: 'MEDIA_NOT_FOUND',
    });
    expect(await failure(LiveSource.open({ kind: 'camera', camera: 'No such camera' }))).toMatchObject({
      name: 'OptionError',
      code: 'CAMERA_UNKNOWN',
    });
    expect(await failure(LiveSource.open(PATTERN, { fps: 0 }))).toEqual({
      name: 'OptionError',
      code: 'LIVE_OPTION',
      message: 'fps is 0; expected a number from 1 to 240.',
      hint: 'Correct fps or leave it out.',
    });
  });

  test('aborted while it waits for the first frame', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    const url = `tcp://127.0.0.1:${port}`;
    try {
      const opening = failure(LiveSource.open({ kind: 'url', url }, { signal: AbortSignal.timeout(500) }));
      expect(await opening).toMatchObject({
        code: 'SOURCE_CLOSED',
        message: 'The source was closed before its first frame.',
      });
      await expect.poll(() => running(url)).toHaveLength(0);
    } finally {
      server.close();
    }
  });

  test('close while it tries', async () => {
    const path = join(folder, 'gone.mov');
    const source = await openSource({ kind: 'file', path, loop: true });
    process.kill(await started(path), 'SIGKILL');
    await expect.poll(() => source.state).toBe('lost');
    await source.close();
    expect(running(path)).toHaveLength(0);
  });
});

describe('a browser', () => {
  const jpeg = (width: number, height: number, background: string) =>
    sharp({ create: { width, height, channels: 3, background } })
      .jpeg()
      .toBuffer();

  test('pictures become frames of one size', async () => {
    const states: string[] = [];
    const source = await openSource({ kind: 'browser' }, { height: 180, onState: (state) => states.push(state) });
    expect({ size: source.size, state: source.state }).toEqual({
      size: { width: 320, height: 180 },
      state: 'connecting',
    });
    const capturedAt = wallClock() - 20;
    source.feed?.(await jpeg(640, 360, '#f00'), capturedAt);
    const red = (await source.next())!;
    expect(red).toMatchObject({ sequence: 0, pts: 0, channels: 3, width: 320, height: 180, capturedAt });
    expect([...red.data.subarray(0, 3)]).toEqual([254, 0, 0]);
    source.feed?.(await jpeg(90, 180, '#0f0'), wallClock());
    const upright = (await source.next())!;
    expect(upright.pts).toBeGreaterThan(0);
    expect([...upright.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(upright.data[(90 * 320 + 160) * 3 + 1]).toBeGreaterThan(250);
    expect(states).toEqual(['live']);
  });

  test('garbage is dropped, and times from wrong clocks are replaced', async () => {
    const source = await openSource({ kind: 'browser', size: { width: 64, height: 64 } });
    source.feed?.(Buffer.from('no picture'), wallClock());
    await expect.poll(() => source.dropped).toBe(1);
    const whole = await jpeg(64, 64, '#00f');
    source.feed?.(whole.subarray(0, whole.length / 2), wallClock());
    await expect.poll(() => source.dropped).toBe(2);
    const before = wallClock();
    source.feed?.(whole, before + 3_600_000);
    const frame = (await source.next())!;
    expect(frame.capturedAt).toBeGreaterThanOrEqual(before);
    expect(frame.capturedAt).toBeLessThanOrEqual(wallClock());
  });
});

/** A sender needs a moment until it listens. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((done) => setTimeout(done, 250));
    }
  }
}

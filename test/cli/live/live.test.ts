import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { type ConnectOptions, connect, type LiveConnection } from '#src/live/protocol/client.js';
import type { LiveUrls } from '#src/live/protocol/protocol.js';
import type { FrameMessage } from '#src/live/protocol/wire.js';
import type { LiveSettings, LiveStats, OutputFigures } from '#src/live/show/types.js';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { identity, invert } from '../../engine/networks.js';
import { endless } from '../../fixtures/hostile.js';
import {
  commandOf,
  freshFolder,
  jsonLines,
  LAUNCH,
  listing,
  look,
  makeClip,
  makePreset,
  processesIn,
  run,
  start,
} from '../run.js';

const folder = freshFolder();
const FFMPEG = (await findFfmpeg()).path;
const SCRIPT = '/usr/bin/script';
const patience = { interval: 30 };

beforeAll(() => {
  makePreset(folder, 'keep', writeModel(identity));
  makePreset(folder, 'invert', writeModel(invert));
  makePreset(folder, 'broken', writeModel(invert));
  writeFileSync(join(folder, 'presets', 'broken', 'model.onnx'), 'damage');
  makeClip(folder, 'clip.mp4', 2);
});

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Ready {
  readonly urls: LiveUrls;
  readonly settings: LiveSettings;
  readonly styles: readonly { readonly name: string }[];
}

/** Starts `stylecast live`, as a process of its own, and waits until it is ready. */
async function live(...args: string[]) {
  const running = start(folder, ['live', '--json', '--style', 'invert', '--port', '0', ...args]);
  ends.push(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  const lines = (type: string) => jsonLines(running.stdout()).filter((line) => line.type === type);
  await expect.poll(() => lines('ready').length + (running.child.exitCode === null ? 0 : 1), patience).toBe(1);
  const ready = lines('ready')[0] as unknown as Ready | undefined;
  if (!ready) throw new Error(`it ended: ${JSON.stringify(await running.ended)}`);
  const notes = () => lines('note').map(({ text }) => String(text));
  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    running.child.kill(signal);
    return running.ended;
  };
  return { ...running, ...ready, lines, notes, stop };
}

/** Connects a client that is closed after the test. */
function client(url: string, options: ConnectOptions = {}): LiveConnection {
  const connection = connect(url, options);
  ends.push(() => connection.close());
  return connection;
}

/** Watches a show: all frames that came, newest last. */
function watch(url: string): FrameMessage[] {
  const frames: FrameMessage[] = [];
  client(url, { onFrame: (frame) => void frames.push({ ...frame, image: frame.image.slice() }) });
  return frames;
}

async function control(url: string): Promise<LiveConnection> {
  const connection = client(url, { role: 'control' });
  await expect.poll(() => connection.state, patience).toBe('live');
  return connection;
}

/** How bright a picture is, 0 to 255. */
async function brightness(jpeg: Uint8Array): Promise<number> {
  const { channels } = await sharp(jpeg).greyscale().stats();
  return channels[0]!.mean;
}

describe('a show from its start to its end', () => {
  test('a looped file: addresses, painted frames, figures, a clean end by Ctrl-C', async () => {
    const show = await live('--file', 'clip.mp4', '--loop');
    expect(show.urls.overlay).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/overlay$/);
    expect(show.settings).toMatchObject({ style: 'invert', strength: 1, paused: false });
    expect(show.styles.map(({ name }) => name)).toEqual(expect.arrayContaining(['invert', 'keep', 'great-wave']));
    const frames = watch(show.urls.overlay);
    // Longer than the file: it begins again.
    await expect.poll(() => frames.at(-1)?.pts ?? 0, patience).toBeGreaterThan(3);
    expect(frames.at(-1)).toMatchObject({ width: 160, height: 90, kind: 1 });
    const painted = await brightness(frames.at(-1)!.image);
    const controller = await control(show.urls.control);
    await controller.set({ style: null });
    const from = frames.length;
    await expect.poll(() => frames.length, patience).toBeGreaterThan(from + 20);
    expect(painted + (await brightness(frames.at(-1)!.image))).toBeCloseTo(255, -2);
    await expect.poll(() => show.lines('stats').length, patience).toBeGreaterThan(0);
    const stats = show.lines('stats').at(-1) as unknown as LiveStats;
    expect(stats).toMatchObject({ viewers: 1, picture: { width: 160, height: 90 }, source: 'live' });

    const { code, signal, stdout, stderr } = await show.stop();
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const last = jsonLines(stdout).at(-1)!;
    expect(last.type).toBe('result');
    expect(last.frames).toBeGreaterThan(20);
    expect(processesIn(folder)).toEqual([]);
  });

  test('a file that is not looped ends the show', async () => {
    const show = await live('--file', 'clip.mp4');
    const { code, stdout } = await show.ended;
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'result' });
  });

  test('SIGTERM ends it as cleanly', async () => {
    const show = await live('--pattern', '--height', '144');
    expect(await show.stop('SIGTERM')).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(processesIn(folder)).toEqual([]);
  });

  test('interrupted before it began, it ends without a word of failure', async () => {
    const running = start(folder, ['live', '--pattern', '--height', '144', '-s', 'keep', '--port', '0']);
    while (processesIn(folder).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    const { code, signal, stderr } = await running.ended;
    expect(signal).toBeNull();
    expect(stderr.split('\n')).toContain('note: stopping: finishing what is open.');
    // It may just have begun.
    expect([0, 130]).toContain(code);
    expect(stderr).not.toContain('something went wrong');
    expect(processesIn(folder)).toEqual([]);
  });

  test('a browser as the camera: what is handed in comes out painted', async () => {
    const show = await live('--browser', '--height', '90');
    const frames = watch(show.urls.overlay);
    const camera = client(show.urls.camera, { role: 'camera' });
    await expect.poll(() => camera.state, patience).toBe('live');
    const create = { width: 160, height: 90, channels: 3, background: '#101010' } as const;
    const image = await sharp({ create }).jpeg().toBuffer();
    const timer = setInterval(() => camera.send({ image, width: 160, height: 90 }), 50);
    ends.push(() => clearInterval(timer));
    await expect.poll(() => frames.length, patience).toBeGreaterThan(2);
    expect(await brightness(frames.at(-1)!.image)).toBeGreaterThan(220);
  });
});

test('noise is taken off a file when that is asked for, by --denoise alone or with on, and never of a browser', async () => {
  const filters = () =>
    processesIn(folder)
      .map(commandOf)
      .filter((command) => command.includes('showinfo'));
  for (const [asked, expected] of [
    [[], false],
    [['--denoise'], true],
    [['--denoise', 'off'], false],
    [['--denoise', 'on'], true],
  ] as const) {
    const show = await live('--file', 'clip.mp4', '--loop', ...asked);
    expect(filters().map((command) => command.includes('hqdn3d'))).toEqual([expected]);
    await show.stop();
  }
  const { code, stderr } = await run(folder, ['live', '--browser', '--denoise', '--style', 'invert', '--port', '0']);
  expect(stderr).toContain("stylecast: The pictures of a browser's camera are not denoised.");
  expect(code).toBe(1);
});

describe('what is wrong is said plainly, and nothing is left', () => {
  test.for([
    [['--file', 'missing.mp4'], 'MEDIA_NOT_FOUND'],
    [['--file', 'clip.mp4', '--style', 'broken'], 'PRESET_CHECKSUM'],
    [['--file', 'clip.mp4', '--pattern'], 'LIVE_SOURCES'],
    [['--pattern', '--vary', '0.5'], 'BLEND'],
    [['--pattern', '--loop'], 'LIVE_LOOP'],
    [['--pattern', '--blend', '0.3'], 'OPTION_RENAMED'],
    [['--pattern', '--fine', '0.3'], 'OPTION_RENAMED'],
    [['--pattern', '--output-height', '144'], 'OPTION_RENAMED'],
    [['--pattern', '--microphone', 'default'], 'LIVE_MICROPHONE'],
    [['--pattern', '--cert', 'a.pem'], 'TLS_PAIR'],
    [['--pattern', '--height', '144', '--record', 'clip.mp4'], 'OUTPUT_EXISTS'],
  ] as const)('%j: %s', async ([args, code]) => {
    const ended = await run(folder, ['live', '--json', '--style', 'invert', '--port', '0', ...args]);
    const error = jsonLines(ended.stdout).at(-1)!;
    expect(error).toMatchObject({ type: 'error', code, message: expect.any(String), hint: expect.any(String) });
    expect(ended).toMatchObject({ code: 1, signal: null, stderr: '' });
    expect(processesIn(folder)).toEqual([]);
  });

  test('--height alone is told what it is now, where an old script may mean the height of the network', async () => {
    const notes = async (...args: string[]) => {
      const ended = await run(folder, ['live', '--json', '--pattern', '--style', 'nowhere', '--port', '0', ...args]);
      return jsonLines(ended.stdout).filter(({ type }) => type === 'note');
    };
    const text = '--height 144 is the height of the picture. ';
    const [note, ...others] = await notes('--height', '144');
    expect(note).toMatchObject({ text: expect.stringContaining(text) });
    expect(note).toMatchObject({ text: expect.stringMatching(/network.*--working-height/) });
    expect(others).toEqual([]);
    expect(await notes('--height', '144', '--working-height', '180')).toEqual([]);
    expect(await notes()).toEqual([]);
  });

  test('no camera at all: the other sources are named', async ({ skip }) => {
    if (existsSync('/dev/video0')) skip('this machine has a camera');
    const { code, stderr } = await run(folder, ['live']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'stylecast: No camera was found on this machine.\n' +
        '  Name another source: --browser for the camera of a phone or browser, --file, --url, --screen or --pattern.\n',
    );
  });

  test('the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    ends.push(() => taken.close());
    const { port: number } = taken.address() as { port: number };
    const { code, stderr } = await run(folder, ['live', '--pattern', '-s', 'keep', '--port', String(number)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`stylecast: Port ${number} is taken by another program.\n  Stop the other program`);
  });
});

describe('while it runs', () => {
  test('a broken style is refused: the old one stays, and who asked is told', async () => {
    const show = await live('--pattern', '--height', '144');
    const controller = await control(show.urls.control);
    const frames = watch(show.urls.overlay);
    await expect(controller.set({ style: 'broken' })).rejects.toMatchObject({ hint: expect.any(String) });
    await expect(controller.set({ style: '../../presets/keep' })).rejects.toMatchObject({ code: 'LIVE_STYLE' });
    expect(await controller.set({ mirror: true })).toMatchObject({ style: 'invert', mirror: true });
    const from = frames.length;
    await expect.poll(() => frames.length, patience).toBeGreaterThan(from + 3);
  });

  test('a source that dies and returns: viewers keep the last picture, then it goes on', async () => {
    const port = await freePort();
    const url = `tcp://127.0.0.1:${port}`;
    const send = () => {
      const picture = 'testsrc2=size=160x90:rate=25';
      const args = ['-v', 'fatal', '-re', '-f', 'lavfi', '-i', picture, '-c:v', 'mjpeg', '-f', 'nut'];
      const sender = spawn(FFMPEG, [...args, `${url}?listen=1`], { stdio: 'ignore' });
      ends.push(() => sender.kill('SIGKILL'));
      return sender;
    };
    const first = send();
    const show = await live('--url', url);
    const frames = watch(show.urls.overlay);
    await expect.poll(() => frames.length, patience).toBeGreaterThan(5);
    first.kill('SIGKILL');
    await expect
      .poll(() => show.notes().filter((note) => note.startsWith('The source is lost')), patience)
      .toHaveLength(1);
    send();
    await expect.poll(() => show.notes().filter((note) => note === 'The source is live.'), patience).toHaveLength(1);
    const from = frames.length;
    await expect.poll(() => frames.length, patience).toBeGreaterThan(from + 10);
    const sequences = frames.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  test('killed and started again: clients come back, and settings are as they were', async () => {
    const port = String(await freePort());
    const first = await live('--pattern', '--height', '144', '--port', port);
    const states: string[] = [];
    client(first.urls.overlay, { onFrame: () => undefined, onState: (state) => states.push(state) });
    const controller = await control(first.urls.control);
    await controller.set({ style: 'keep', strength: 0.25, mirror: true, paused: true });
    // It is written at once, but not before the answer.
    const file = join(folder, 'home', 'live', `${port}.json`);
    await expect.poll(() => readFileSync(file, 'utf8'), patience).toContain('0.25');
    await first.stop('SIGKILL');
    await expect.poll(() => states.at(-1), patience).toBe('lost');

    const args = ['live', '--json', '--port', port, '--pattern', '--height', '144'];
    const second = start(folder, args);
    ends.push(() => second.child.kill('SIGKILL'));
    await expect
      .poll(() => jsonLines(second.stdout()).filter(({ type }) => type === 'ready'), patience)
      .toHaveLength(1);
    const [ready] = jsonLines(second.stdout()).filter(({ type }) => type === 'ready') as unknown as [Ready];
    expect(ready.settings).toMatchObject({ style: 'keep', strength: 0.25, mirror: true, paused: false });
    await expect.poll(() => states.at(-1)).toBe('live');
    second.child.kill('SIGINT');
    await second.ended;

    const fresh = start(folder, [...args, '--fresh', '--style', 'invert']);
    ends.push(() => fresh.child.kill('SIGKILL'));
    await expect.poll(() => jsonLines(fresh.stdout()).filter(({ type }) => type === 'ready'), patience).toHaveLength(1);
    const [again] = jsonLines(fresh.stdout()).filter(({ type }) => type === 'ready') as unknown as [Ready];
    expect(again.settings).toMatchObject({ style: 'invert', strength: 1, mirror: false });
  });

  test('damaged settings are left out with one note', async () => {
    const port = String(await freePort());
    mkdirSync(join(folder, 'home', 'live'), { recursive: true });
    const file = join(folder, 'home', 'live', `${port}.json`);
    writeFileSync(file, '{"strength": 0.');
    const show = await live('--pattern', '--height', '144', '--working-height', '144', '--port', port);
    expect(show.notes()).toEqual([`${file} is damaged; the settings start afresh.`]);
    expect(show.settings).toMatchObject({ strength: 1, style: 'invert' });
  });

  test('beyond this machine a token is needed, which the addresses carry', async () => {
    const show = await live('--pattern', '--height', '144', '--host', '0.0.0.0', '--token', 'secret');
    expect(show.urls.control).toMatch(/#token=secret$/);
    const states: string[] = [];
    client(show.urls.control.split('#')[0]!, {
      role: 'control',
      token: 'wrong',
      onState: (state) => states.push(state),
    });
    await expect.poll(() => states.at(-1), patience).toBe('refused');
    await control(show.urls.control);
  });
});

describe('a style that never ends', () => {
  beforeAll(() => {
    makePreset(folder, 'endless', writeModel(endless()));
    writeFileSync(join(folder, 'endless.onnx'), writeModel(endless()));
  });

  test.for(['endless', 'endless.onnx'])('%s at the start: Ctrl-C ends it', async (style) => {
    const running = start(folder, ['live', '--pattern', '--height', '144', '--port', '0', '--style', style]);
    ends.push(() => running.child.kill('SIGKILL'));
    // It is tried in a process of its own.
    const trying = () => processesIn(folder).some((pid) => /try-style|import-process/.test(commandOf(pid)));
    await expect.poll(trying, { interval: 30 }).toBe(true);
    const since = performance.now();
    running.child.kill('SIGINT');
    await running.ended;
    // Long before the time limit on trying a style, whatever else the machine does.
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(processesIn(folder)).toEqual([]);
  });

  test('while the show goes on: something else can be chosen at once', async () => {
    const show = await live('--pattern', '--height', '144');
    const controller = await control(show.urls.control);
    const endlessly = controller.set({ style: 'endless' });
    await expect
      .poll(() => processesIn(folder).some((pid) => commandOf(pid).includes('try-style')), patience)
      .toBe(true);
    const since = performance.now();
    expect(await controller.set({ style: null })).toMatchObject({ style: null });
    expect(await endlessly).toMatchObject({ style: null });
    expect(performance.now() - since).toBeLessThan(1000);
    await expect
      .poll(() => processesIn(folder).some((pid) => commandOf(pid).includes('try-style')), patience)
      .toBe(false);
    expect(await controller.set({ style: 'keep' })).toMatchObject({ style: 'keep' });
  });
});

describe('outputs', () => {
  test.for([
    ['Ctrl-C', 'SIGINT'],
    ['a terminal that closes', 'SIGHUP'],
  ] as const)('%s during a recording leaves a whole file, with sound in step', async ([, signal]) => {
    const show = await live('--file', 'clip.mp4', '--loop', '--record', 'show.mp4');
    const recording = () =>
      show.lines('stats').map(({ outputs }) => (outputs as Record<string, OutputFigures>)['record show.mp4']?.state);
    await expect.poll(() => recording().filter((state) => state === 'live').length, patience).toBeGreaterThan(3);
    const { code, stdout, stderr } = await show.stop(signal);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'result', files: ['show.mp4'] });
    const found = look(join(folder, 'show.mp4'));
    expect(found).toMatchObject({ width: 160, height: 90 });
    expect(found.video).toBeGreaterThan(2);
    expect(Math.abs(found.audio - found.video)).toBeLessThan(0.3);
    expect(listing(folder).filter((name) => name.startsWith('show'))).toEqual(['show.mp4']);
    rmSync(join(folder, 'show.mp4'));
    expect(processesIn(folder)).toEqual([]);
  });

  test('HLS and a target that is down: the rest goes on, and it is tried again', async () => {
    const target = `tcp://127.0.0.1:${await freePort()}`;
    const show = await live('--file', 'clip.mp4', '--loop', '--hls', 'stream', '--publish', target, '--no-audio');
    const frames = watch(show.urls.overlay);
    const states = () => (show.lines('stats').at(-1)?.outputs ?? {}) as Record<string, OutputFigures>;
    await expect.poll(() => states()[target]?.state, patience).toMatch(/^retrying in \d+ s: /);
    expect(show.notes().find((note) => note.startsWith(`${target}: retrying`))).toBeDefined();
    const playlist = join(folder, 'stream', 'index.m3u8');
    await expect
      .poll(() => existsSync(playlist) && readFileSync(playlist, 'utf8'), patience)
      .toContain('segment00000.ts');
    const from = frames.length;
    await expect.poll(() => frames.length, patience).toBeGreaterThan(from + 5);
    // Now somebody listens.
    const listener = spawn(FFMPEG, [
      '-v',
      'error',
      '-i',
      `${target}?listen=1`,
      '-t',
      '1',
      '-y',
      join(folder, 'got.ts'),
    ]);
    ends.push(() => listener.kill('SIGKILL'));
    await expect.poll(() => listener.exitCode, { interval: 100 }).toBe(0);
    expect(look(join(folder, 'got.ts'))).toMatchObject({ width: 160, height: 90 });
    expect(await show.stop()).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(playlist, 'utf8')).toContain('#EXT-X-ENDLIST');
  });
});

describe('keys in a terminal', () => {
  test('change settings, take a snapshot, help and quit', async ({ skip }) => {
    if (!existsSync(SCRIPT)) skip('needs script, which makes a terminal');
    const port = await freePort();
    const where = join(folder, 'keys');
    mkdirSync(where);
    // The first by name, before what comes with stylecast: keys count.
    makePreset(where, 'a-2-keep', writeModel(identity));
    makePreset(where, 'a-1-invert', writeModel(invert));
    const command = `${process.execPath} ${LAUNCH} live --pattern --height 144 -s a-2-keep --port ${port}`;
    const terminal = spawn(SCRIPT, ['-qfec', command, '/dev/null'], {
      cwd: where,
      env: { ...process.env, STYLECAST_HOME: join(where, 'home'), COLUMNS: '120' },
    });
    ends.push(() => terminal.kill('SIGKILL'));
    let shown = '';
    terminal.stdout.on('data', (data) => {
      shown += data;
    });
    const ended = new Promise<number | null>((resolve) => terminal.on('close', resolve));
    await expect.poll(() => shown, patience).toContain('Press h for the keys, q to quit.');
    expect(shown).toContain(`http://127.0.0.1:${port}/overlay`);

    let settings: Partial<LiveSettings> = {};
    const controller = client(`http://127.0.0.1:${port}/`, {
      role: 'control',
      onSettings: (now) => {
        settings = now;
      },
    });
    await expect.poll(() => [controller.state, settings.style], patience).toEqual(['live', 'a-2-keep']);
    const press = (keys: string) => terminal.stdin.write(keys);
    press('1');
    await expect.poll(() => settings.style, patience).toBe('a-1-invert');
    press(']--cxmp');
    const all = { style: 'a-2-keep', strength: 0.8, keepColors: true, mirror: true, mask: 'person', paused: true };
    await expect.poll(() => settings, patience).toMatchObject(all);
    press('\u001b[A');
    press('h');
    await expect.poll(() => shown, patience).toContain('more, less of a second style');
    press('s');
    await expect.poll(() => readdirSync(where).filter((name) => name.endsWith('.png')), patience).toHaveLength(1);
    const [snapshot] = readdirSync(where).filter((name) => name.endsWith('.png'));
    expect(await sharp(join(where, snapshot!)).metadata()).toMatchObject({ width: 256, height: 144, format: 'png' });
    // The status line.
    await expect
      .poll(() => shown, patience)
      .toMatch(/paused {2}\d+ ms {2}a-2-keep {2}144 of 144 lines {2}CPU \(\d+ threads?\)/);
    // Ctrl-C; `q` does the same without a word.
    press('\u0003');
    expect(await ended).toBe(0);
    expect(shown).toContain('note: stopping: finishing what is open.');
    expect(shown.trimEnd()).toMatch(/0:\d\d, \d+ frames$/);
    expect(processesIn(where)).toEqual([]);
  });
});

test('stylecast cameras: what there is, or what to do', async () => {
  const { code, stdout, stderr } = await run(folder, ['cameras']);
  expect(code).toBe(0);
  if (existsSync('/dev/video0')) expect(stdout).toMatch(/^0 {2}/);
  else expect({ stdout, stderr }).toMatchObject({ stdout: '', stderr: expect.stringContaining('live --browser') });
  expect(JSON.parse((await run(folder, ['cameras', '--json'])).stdout)).toBeInstanceOf(Array);
});

test('stylecast snap: a camera that is not there, and a file that is no picture', async () => {
  const none = await run(folder, ['snap', 'photo.jpg', '--camera', '77']);
  expect(none).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('There is no camera "77"') });
  const text = await run(folder, ['snap', 'photo.txt', '--json']);
  expect(jsonLines(text.stdout).at(-1)).toMatchObject({ type: 'error', hint: expect.any(String) });
  expect(text.code).toBe(1);
});

describe('stylecast video --broadcast', () => {
  test('frames are watched while the file is made', async () => {
    makeClip(folder, 'long.mp4', 20);
    const args = ['video', 'long.mp4', '-s', 'invert', '-o', 'out.mp4', '--broadcast', '--port', '0', '--json'];
    const running = start(folder, args);
    ends.push(() => running.child.kill('SIGKILL'));
    await expect.poll(() => jsonLines(running.stdout()).some(({ type }) => type === 'ready'), patience).toBe(true);
    const ready = jsonLines(running.stdout()).find(({ type }) => type === 'ready') as unknown as Ready;
    const frames = watch(ready.urls.overlay);
    await expect.poll(() => frames.length, patience).toBeGreaterThan(3);
    expect(frames.at(-1)).toMatchObject({ width: 160, height: 90 });
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('an option for pages without it is an error', async () => {
    const { code, stderr } = await run(folder, ['video', 'clip.mp4', '-s', 'invert', '-o', 'no.mp4', '--port', '1']);
    expect(code).toBe(1);
    expect(stderr).toBe('stylecast: --port is given without --broadcast.\n  Add --broadcast, or leave --port out.\n');
  });
});

import { spawnSync } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOutput } from '#src/live/outputs/open.js';
import { failure } from '../../fixtures/failure.js';
import { FFMPEG, ffprobe, freshFolder } from '../../fixtures/ffmpeg.js';
import { flashesAndBeeps, makeFlashes, offsets } from '../../fixtures/flashes.js';
import { ffmpegBeside, freePort, hasProtocol, NO_RTMP, rtmpServer } from '../../fixtures/servers.js';
import { feed, opened, openedSource } from './feeder.js';

const folder = freshFolder();
const clip = join(folder, 'flashes.mov');
makeFlashes(clip, 8);
const SIZE = { width: 320, height: 180 };
const PATTERN = { kind: 'pattern', size: SIZE } as const;

test.skipIf(NO_RTMP !== undefined)(
  `RTMP: down at first, then up, down and up again; the rest goes on (${NO_RTMP ?? 'nginx'})`,
  async () => {
    const port = await freePort();
    const url = `rtmp://127.0.0.1:${port}/live/stream-key`;
    const source = await openedSource(PATTERN);
    const { output, states } = await opened({ kind: 'publish', url }, { size: source.size, fps: source.fps });
    const recording = await opened({ kind: 'record', path: join(folder, 'beside.mkv') }, { size: SIZE, fps: 30 });
    const fed = feed(source, [output, recording.output]);
    expect(output.name).toBe(`rtmp://127.0.0.1:${port}/live/***`);
    await expect.poll(() => output.state).toBe('retrying in 1 s: nothing listens there');
    const server = await rtmpServer(join(folder, 'rtmp'), port);
    await expect.poll(() => output.state).toBe('live');
    await expect.poll(() => output.figures.bytes).toBeGreaterThan(10_000);
    const copy = join(folder, 'played.mkv');
    const viewer = ffmpegBeside('-i', url, '-t', '2', '-c', 'copy', copy);
    expect(await viewer.exited).toBe(0);
    expect(ffprobe(copy).streams.map(({ codec_name, width }) => [codec_name, width])).toEqual([
      ['h264', 320],
      ['aac', undefined],
    ]);
    await server.stop();
    await expect.poll(() => output.state).toMatch(/^retrying in \d+ s: /);
    await rtmpServer(join(folder, 'rtmp'), port);
    await expect.poll(() => output.state).toBe('live');
    // What was sent before counts still.
    expect(output.figures.bytes).toBeGreaterThan(10_000);
    await source.close();
    await fed;
    await output.close();
    await recording.output.close();
    expect(states.filter((state) => state === 'live')).toHaveLength(2);
    expect(states.at(-1)).toBe('closed');
    expect(states.join()).not.toContain('stream-key');
    expect(recording.states).toEqual(['live', 'closed']);
  },
);

/** Listeners by protocol: what ffmpeg reads as a server, and where to send to. */
const LISTENERS = {
  srt: (port: number) => ({ input: [`srt://127.0.0.1:${port}?mode=listener`], url: `srt://127.0.0.1:${port}` }),
  rtsp: (port: number) => {
    const url = `rtsp://127.0.0.1:${port}/live`;
    return { input: ['-rtsp_flags', 'listen', url], url };
  },
  tcp: (port: number) => ({ input: [`tcp://127.0.0.1:${port}?listen=1`], url: `tcp://127.0.0.1:${port}` }),
} as const;

for (const [protocol, listener] of Object.entries(LISTENERS)) {
  const missing = protocol === 'srt' && !hasProtocol('srt');
  test.skipIf(missing)(`${protocol}: picture and sound arrive in sync`, async () => {
    const { input, url } = listener(await freePort());
    const copy = join(folder, `${protocol}.mkv`);
    const options = input.length > 1 ? input.slice(0, -1) : [];
    const server = ffmpegBeside(...options, '-i', input.at(-1)!, '-c', 'copy', copy);
    await new Promise((done) => setTimeout(done, 1000));
    const source = await openedSource({ kind: 'file', path: clip });
    const { output, states } = await opened(
      { kind: 'publish', url },
      { size: source.size, fps: source.fps, audio: source.audio },
    );
    await feed(source, [output]);
    await output.close();
    // A listener does not learn by itself that an SRT sender has gone.
    await Promise.race([server.exited, new Promise((done) => setTimeout(done, 3000))]);
    await server.stop('SIGINT');
    expect(states).toContain('live');
    const found = flashesAndBeeps(copy);
    expect(found.flashes.length).toBeGreaterThanOrEqual(2);
    for (const offset of offsets(found)) expect(offset).toBeLessThan(40);
  });
}

test('a server that accepts and never answers delays nothing, and is retried', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as { port: number };
  try {
    const source = await openedSource(PATTERN);
    const url = `rtmp://127.0.0.1:${port}/live/key`;
    const { output, states } = await opened({ kind: 'publish', url }, { size: SIZE, fps: 30 });
    const fed = feed(source, [output]);
    await expect.poll(() => states[0]).toBe('retrying in 1 s: it takes no more frames');
    expect(output.dropped).toBeGreaterThan(100);
    expect(source.dropped).toBeLessThan(output.dropped / 2);
    await source.close();
    await fed;
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

test('errors that can be detected early are, without the key', async () => {
  const options = { size: SIZE, fps: 30 };
  expect(await failure(openOutput({ kind: 'publish', url: 'ftp://me:word@host/show' }, options))).toEqual({
    name: 'OptionError',
    code: 'PUBLISH_URL',
    message:
      'ftp://***@host/show is nothing to publish to; expected a URL with rtmp, rtmps, srt, rtsp, udp, tcp, whip, whips.',
    hint: 'Services show theirs beside the stream key: rtmp://host/app/key.',
  });
  expect(await failure(openOutput({ kind: 'publish', url: 'rtmp://host/app/key', kilobits: 0 }, options))).toEqual({
    name: 'OptionError',
    code: 'LIVE_OPTION',
    message: 'kilobits is 0; expected a whole number from 100 to 100000.',
    hint: 'Correct --kilobits or leave it out.',
  });
});

test('WHIP needs an ffmpeg that has it, and says which', async () => {
  const options = { size: SIZE, fps: 25 };
  const { stdout } = spawnSync(FFMPEG, ['-hide_banner', '-muxers'], { encoding: 'utf8' });
  const url = 'whips://secret-token@host.example/whip/live';
  if (/\bE\s+whip\b/.test(stdout)) {
    const output = await openOutput({ kind: 'publish', url }, options);
    expect(output.name).toBe('whips://***@host.example/whip/live');
    return output.close();
  }
  const refused = await failure(openOutput({ kind: 'publish', url }, options));
  expect(refused).toEqual({
    name: 'MediaError',
    code: 'MEDIA_MUXER',
    message: expect.stringMatching(
      /^ffmpeg \d\S* cannot send to whips:\/\/\*\*\*@host\.example\/whip\/live: it has no muxer "whip", which came with ffmpeg 8\.0\.$/,
    ),
    hint: 'Install ffmpeg 8.0 or newer (FFMPEG_PATH names it), or publish by rtmp:// or srt://.',
  });
});

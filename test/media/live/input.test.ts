import { afterEach, expect, test, vi } from 'vitest';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { liveFailureOf } from '#src/media/live/failure.js';
import { liveInputs } from '#src/media/live/input.js';
import { failure } from '../../fixtures/failure.js';

const wish = { fps: 30, ffmpeg: await findFfmpeg(), platform: 'linux' } as const;
afterEach(() => vi.unstubAllEnvs());

async function url(text: string) {
  const { name, ends, candidates: ways } = await liveInputs({ kind: 'url', url: text }, wish);
  const options = ways[0]!.inputs[0]!.options;
  return { name, ends, paced: options.includes('-re'), tcp: options.includes('tcp') };
}

test('live streams are read as they arrive; recordings and playlists at their own pace', async () => {
  const live = { ends: false, paced: false, tcp: false };
  expect(await url('rtsp://me:word@cam/1')).toEqual({ ...live, name: 'rtsp://***@cam/1', tcp: true });
  expect(await url('http://cam/video.mjpg')).toEqual({ ...live, name: 'http://cam/video.mjpg' });
  expect(await url('https://host/live.m3u8?token=1')).toEqual({
    ...{ ...live, paced: true },
    name: 'https://host/live.m3u8?token=***',
  });
  expect(await url('https://host/clip.MP4')).toEqual({
    ...live,
    ends: true,
    paced: true,
    name: 'https://host/clip.MP4',
  });
});

test('a screen on each system', async () => {
  const screen = async (platform: NodeJS.Platform, which?: string) => {
    const spec = { kind: 'screen', ...(which === undefined ? {} : { screen: which }) } as const;
    const { source, options } = (await liveInputs(spec, { ...wish, platform })).candidates[0]!.inputs[0]!;
    return [source, options[options.indexOf('-f') + 1]];
  };
  vi.stubEnv('DISPLAY', ':7');
  expect(await screen('linux')).toEqual([':7', 'x11grab']);
  expect(await screen('linux', ':0.0+10,20')).toEqual([':0.0+10,20', 'x11grab']);
  expect(await screen('darwin', '1')).toEqual(['Capture screen 1:none', 'avfoundation']);
  expect(await screen('win32')).toEqual(['desktop', 'gdigrab']);
  vi.stubEnv('DISPLAY', '');
  expect(await failure(screen('linux'))).toMatchObject({
    code: 'SCREEN_UNSUPPORTED',
    message: 'There is no X display (DISPLAY is not set) to take the screen of.',
  });
});

test('the output of ffmpeg becomes one reason', () => {
  const reason = (line: string) =>
    liveFailureOf({ failure: new Error('code 1'), signal: undefined, tail: [line] }).reason;
  expect(
    [
      '[tcp @ 0x1] Connection to tcp://127.0.0.1:1 failed: Connection refused',
      '/dev/video0: Device or resource busy',
      '[video4linux2,v4l2 @ 0x1] Cannot open video device /dev/video9: No such file or directory',
      '[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized',
      '[tcp @ 0x1] Failed to resolve hostname nowhere.invalid: Name or service not known',
      'rtmp://host/app/key: Something else',
    ].map(reason),
  ).toEqual([
    'nothing listens there',
    'another program uses it',
    'it is not there',
    'it refuses the user, password or key',
    'the host is not known',
    'rtmp://host/app/*** Something else',
  ]);
});

import { expect, test } from 'vitest';
import { maskSecrets } from '#src/media/ffmpeg/secret.js';

test.each([
  ['rtsp://admin:p%40ss@10.0.0.5:554/h264', 'rtsp://***@10.0.0.5:554/h264'],
  ['rtsp://admin:p@ss@10.0.0.5/h264', 'rtsp://***@10.0.0.5/h264'],
  ['rtmp://live.example.org/app/live_123_abc', 'rtmp://live.example.org/app/***'],
  ['rtmps://live.example.org:443/rtmp/key?x=1', 'rtmps://live.example.org:443/rtmp/***'],
  ['srt://host:9000?streamid=publish:me&passphrase=secret words', 'srt://host:9000?streamid=***&passphrase=*** words'],
  ['https://host/live.m3u8?token=abc&quality=high', 'https://host/live.m3u8?token=***&quality=high'],
  [
    'Opening rtmp://u:p@h/a/k failed; http://host/clip.mp4 too',
    'Opening rtmp://***@h/a/*** failed; http://host/clip.mp4 too',
  ],
  ['a clip@home.mp4', 'a clip@home.mp4'],
])('%s', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

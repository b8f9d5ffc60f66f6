import { expect, test } from 'vitest';
import { ffmpegError } from '#src/media/ffmpeg/failure.js';

const why = (tail: readonly string[], signal?: NodeJS.Signals, failure = new Error('ffmpeg exited with code 1')) => {
  const { name, code, message, hint } = ffmpegError({ failure, signal, tail }, 'encoding out.mp4');
  return { name, code, message, hint };
};

test.each([
  ['out.mp4: No space left on device', 'MEDIA_DISK_FULL', 'the disk is full'],
  ['Error writing trailer of out.mp4: Disk quota exceeded', 'MEDIA_DISK_FULL', 'the disk is full'],
  ['out.mp4: Permission denied', 'MEDIA_NOT_WRITABLE', 'permission denied'],
  ['out.mp4: Read-only file system', 'MEDIA_NOT_WRITABLE', 'permission denied'],
  ['fps 12288 is too large', 'MEDIA_TIMECODE', 'so few frames cannot have a timecode'],
  ["Unknown encoder 'libx264'", 'MEDIA_ENCODER', 'the encoder does not work'],
  ['[vost#0:0] Error while opening encoder - maybe incorrect parameters', 'MEDIA_ENCODER', 'the encoder does not work'],
])('%s', (line, code, reason) => {
  expect(why(['before', line, 'after'])).toMatchObject({
    name: 'MediaError',
    code,
    message: `ffmpeg failed while encoding out.mp4: ${reason}.`,
    hint: expect.stringMatching(/\.$/),
  });
});

test('killed', () => {
  expect(why(['No space left on device'], 'SIGKILL')).toMatchObject({
    code: 'MEDIA_FFMPEG_KILLED',
    message: 'ffmpeg was killed (SIGKILL) while encoding out.mp4.',
  });
});

test('for an unknown reason: the last line of stderr, or the exit code', () => {
  expect(why(['a', 'b', 'c', 'd'])).toEqual({
    name: 'MediaError',
    code: 'MEDIA_FFMPEG_FAILED',
    message: 'ffmpeg failed while encoding out.mp4: b | c | d',
    hint: 'Its last words are above; check the input and the output options.',
  });
  expect(why([]).message).toBe('ffmpeg failed while encoding out.mp4: ffmpeg exited with code 1');
});

test('what an encoder says of the reason, and none of its statistics', () => {
  const tail = [
    '[libx264 @ 0x55] using cpu capabilities: MMX2 SSE2Fast',
    '[libx264 @ 0x55] width not divisible by 2 (321x180): cannot open',
    'Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0',
    'Conversion failed!',
  ];
  expect(why(tail).message).toBe(
    'ffmpeg failed while encoding out.mp4: the encoder does not work (width not divisible by 2 (321x180): cannot open).',
  );
  const counted = [
    'Could not find codec parameters for stream 3',
    '[libx264 @ 0x55] kb/s:113.21',
    'Conversion failed!',
  ];
  expect(why(counted).message).toBe(
    'ffmpeg failed while encoding out.mp4: Could not find codec parameters for stream 3',
  );
});

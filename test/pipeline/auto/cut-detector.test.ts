import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CameraMotionEstimator } from '#src/engine/stabilize/camera-motion.js';
import type { Size } from '#src/frame.js';
import { VideoSource } from '#src/media/files/decode.js';
import { probe } from '#src/media/probe/probe.js';
import { APPEARANCE_SIZE } from '#src/pipeline/auto/appearance.js';
import { CutDetector } from '#src/pipeline/auto/cut-detector.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';

const flat = (red: number, green: number, blue: number) =>
  Uint8Array.from({ length: 3 * 400 }, (_, i) => [red, green, blue][i % 3]!);
const [day, night, white] = [flat(180, 160, 120), flat(20, 20, 60), flat(255, 255, 255)];

/** The frames with which scenes begin. */
function cuts(frames: readonly Uint8Array[], size: Size = { width: 20, height: 20 }): number[] {
  const finder = new CutDetector();
  return [...frames.map((frame) => finder.next(frame, size)), finder.end()].filter((cut) => cut !== undefined);
}

const times = <T>(count: number, value: T): T[] => Array(count).fill(value);

test.each([
  ['none', times(10, day), []],
  ['one', [...times(5, day), ...times(5, night)], [5]],
  ['two', [...times(3, day), ...times(4, night), ...times(3, day)], [3, 7]],
  ['a flash', [...times(5, day), white, ...times(5, day)], []],
  ['two frames of a flash', [...times(5, day), white, white, ...times(5, day)], []],
  ['a flash at the cut', [...times(5, day), white, ...times(5, night)], [5]],
  ['with the last frame', [...times(5, day), night], [5]],
  ['no frames', [], []],
])('%s', (_, frames, expected) => {
  expect(cuts(frames)).toEqual(expected);
});

test('a fade is no cut', () => {
  const steps = Array.from({ length: 60 }, (_, n) => {
    // Every pixel of its own brightness, as in a picture.
    return Uint8Array.from({ length: 3 * 400 }, (_, i) => (Math.floor(i / 3) % 200) * (1 - n / 60) + 20);
  });
  expect(cuts(steps)).toEqual([]);
});

test('of large pictures as of small ones', () => {
  const large = (grey: number) => new Uint8Array(1280 * 720 * 3).fill(grey);
  const frames = [large(30), large(30), large(200), large(200), large(200)];
  expect(cuts(frames, { width: 1280, height: 720 })).toEqual([2]);
});

/** The first second of one sample, then two of the other. */
const folder = freshFolder();
const joined = join(folder, 'joined.mkv');
const same = 'scale=320:180,fps=25,setsar=1,format=yuv420p';
ffmpeg(
  ...['-t', '1', '-i', 'samples/basketball.mp4', '-t', '2', '-i', 'samples/launch.mp4', '-filter_complex'],
  `[0:v]${same}[a];[1:v]${same}[b];[a][b]concat=n=2`,
  ...['-c:v', 'libx264', '-preset', 'ultrafast', joined],
);

describe.each([
  ['a cut', 'samples/launch.mp4', [74]],
  ['no cut', 'samples/basketball.mp4', []],
  ['a cut between two clips', joined, [25]],
])('%s of a real clip', (_, clip, expected) => {
  test('is found', async () => {
    const frames: Uint8Array[] = [];
    for await (const { data } of new VideoSource(await probe(clip), { size: APPEARANCE_SIZE })) frames.push(data);
    expect(cuts(frames, APPEARANCE_SIZE)).toEqual(expected);
  });

  test('is one for the stabilizer too', async () => {
    const source = new VideoSource(await probe(clip));
    const camera = new CameraMotionEstimator(source.size);
    const found: number[] = [];
    let frame = 0;
    for await (const { data } of source) {
      if (camera.update(data).cut) found.push(frame);
      frame++;
    }
    expect(found).toEqual([0, ...expected]);
  });
});

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readImage } from '#src/media/files/pictures/image.js';
import { frameNumber, saveFrame } from '#src/media/files/video-frame.js';
import { silent } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();
// Twelve frames, 80 ms each but for a gap after the fifth; the clock begins at 1 s.
const clip = silent(join(folder, 'clip.mkv'), [
  '-vf',
  'scale=128:72,setpts=1/TB+(N*0.08+if(gt(N\\,4)\\,0.4\\,0))/TB',
  '-fps_mode',
  'passthrough',
  '-frames:v',
  '12',
]);
const output = join(folder, 'out.png');
const save = (which: { frame?: number; time?: number }, to = output) =>
  saveFrame({ input: clip, output: to, overwrite: true, ...which });

test('a frame is found by its number, and is the one that ffmpeg gives for it', async () => {
  const saved = await save({ frame: 7 });
  expect(saved).toEqual({ output, frame: 7, time: expect.closeTo(0.96, 3), width: 128, height: 72 });
  const scaled = 'select=eq(n\\,7),scale=flags=bicubic+accurate_rnd+full_chroma_int';
  const expected = ffmpeg('-i', clip, '-vf', scaled, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1');
  const { data } = (await readImage(output)).frame;
  const away = data.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0) / data.length;
  expect(away).toBeLessThan(1);
  const other = (await save({ frame: 8 })) && (await readImage(output)).frame.data;
  const moved = other.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0) / data.length;
  expect(moved).toBeGreaterThan(2 * away);
});

test.each([
  [0, 0],
  [0.079, 0],
  [0.08, 1],
  // The fifth frame is shown until the sixth begins.
  [0.7, 4],
  [0.8, 5],
  [1.28, 11],
])('at %d s frame %i is shown', async (time, frame) => {
  expect(await save({ time })).toMatchObject({ frame });
});

test('what lies past the end is refused, and nothing is written', async () => {
  const to = join(folder, 'late.png');
  expect(await failure(save({ frame: 12 }, to))).toEqual({
    name: 'MediaError',
    code: 'MEDIA_NO_FRAMES',
    message: `${clip} has 12 frames, numbers 0 to 11; there is no frame 12.`,
    hint: 'Frames are counted from 0; a time such as 0:04.5 finds one as well.',
  });
  expect(await failure(save({ time: 9 }, to))).toMatchObject({
    code: 'MEDIA_NO_FRAMES',
    message: expect.stringMatching(/lasts \d\.\d+ s; it has no frame at 9 s\.$/),
  });
  expect(await failure(save({}, to))).toMatchObject({ code: 'OPTION_VALUE' });
  expect(await failure(save({ frame: 1.5 }, to))).toMatchObject({
    message: 'frame: expected a whole number from 0, got 1.5',
  });
  expect(await failure(saveFrame({ input: clip, frame: 1, output: clip }))).toMatchObject({ code: 'OUTPUT_FORMAT' });
  expect(existsSync(to)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
});

test.each([
  ['frame_0120.png', 120],
  ['a/frame_0120-painted.jpg', 120],
  ['Frame 7.png', 7],
  ['frame_0001/mine.png', undefined],
  ['mine.png', undefined],
  ['mine-120.png', undefined],
])('the number in %s is %s', (file, number) => {
  expect(frameNumber(file)).toBe(number);
});

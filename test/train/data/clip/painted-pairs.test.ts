import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Random } from '#src/nets/parameters/random.js';
import { ClipFrames } from '#src/train/data/clip/clip-frames.js';
import { paintedFiles } from '#src/train/data/clip/painted-files.js';
import { PaintedPairs } from '#src/train/data/clip/painted-pairs.js';
import { failure } from '../../../fixtures/failure.js';
import { type PaintedClip, paintedClip } from './painted-clip.js';

let made: PaintedClip;
let clip: ClipFrames;
let pairs: PaintedPairs;
beforeAll(async () => {
  made = await paintedClip();
  clip = await ClipFrames.read(made.clip, [2, 8]);
  pairs = await PaintedPairs.read(paintedFiles(made.painted), clip, made.clip);
});
afterAll(() => rmSync(made.folder, { recursive: true }));

describe('paintedFiles', () => {
  it('reads the number of the frame, in order of the frames', () => {
    expect(paintedFiles(['x/frame_0120.png', '7=a=b.png'])).toEqual([
      { file: 'a=b.png', frame: 7 },
      { file: 'x/frame_0120.png', frame: 120 },
    ]);
  });

  it('says what is lacking', async () => {
    expect(await failure(Promise.resolve().then(() => paintedFiles(['mine.png'])))).toEqual({
      name: 'OptionError',
      code: 'OPTION_VALUE',
      message: 'painted: expected the number of a frame in the name, such as frame_0120.png, got mine.png',
      hint: 'Say which frame it is of: --painted 120=mine.png, counted from 0.',
    });
    const twice = ['3=a.png', 'frame_0003.png'];
    expect(await failure(Promise.resolve().then(() => paintedFiles(twice)))).toMatchObject({
      message: 'painted: expected one painting a frame, got two of frame 3',
    });
  });
});

test('crops of frames and paintings show the same place, also over the border', () => {
  const size = 160;
  for (let step = 0; step < 6; step++) {
    const { frames, paintings } = pairs.crops(1, step, 1, size);
    // What was painted is the negative.
    expect(paintings.every((value, i) => value === 255 - frames[i]!)).toBe(true);
    expect(pairs.crops(1, step, 1, size).frames).toEqual(frames);
  }
  expect(pairs.crops(1, 0, 1, size).frames).not.toEqual(pairs.crops(1, 1, 1, size).frames);
});

test('beside a frame the painting that is nearer in time is shown the more often', () => {
  const [first, last] = pairs.pairs as [(typeof pairs.pairs)[0], (typeof pairs.pairs)[0]];
  const shareOfLast = (share: number) => {
    const time = first.time + share * (last.time - first.time);
    const at = { time, left: 4, top: 8 };
    const corner = (8 * last.painting.width + 4) * 3;
    const wanted = last.painting.data.slice(corner, corner + 96);
    const shown = Array.from({ length: 200 }, (_, i) => pairs.beside(at, new Random(3, i), 32).subarray(0, 96));
    return shown.filter((row) => row.every((value, i) => value === wanted[i])).length / shown.length;
  };
  expect(shareOfLast(-1)).toBe(0);
  expect(shareOfLast(0.25)).toBeCloseTo(0.25, 1);
  expect(shareOfLast(0.9)).toBeCloseTo(0.9, 1);
  expect(shareOfLast(2)).toBe(1);
});

test('a painting of another size is refused with the size that is wanted', async () => {
  const file = join(made.folder, 'frame_0002-small.png');
  await sharp(made.painted[0]!).resize(100, 96, { fit: 'fill' }).toFile(file);
  expect(await failure(PaintedPairs.read(paintedFiles([file]), clip, made.clip))).toEqual({
    name: 'TrainError',
    code: 'TRAIN_PICTURE',
    message: `${file} has 100×96 pixels; expected 128×96, the size of frame 2 of clip.mkv`,
    hint: 'Paint over the picture that "stylecast frame" writes, and keep its size: what is painted must lie over what it shows.',
  });
});

test('a frame that the clip has not is refused', async () => {
  expect(await failure(ClipFrames.read(made.clip, [2, 40]))).toMatchObject({
    code: 'MEDIA_NO_FRAMES',
    message: `${made.clip} has 10 frames, numbers 0 to 9; there is no frame 40.`,
  });
});

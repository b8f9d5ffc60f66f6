import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stillByWebcam } from '#src/media/cameras/webcam-still.js';
import { readImage } from '#src/media/files/pictures/image.js';
import { snap } from '#src/media/snap.js';
import { failure } from '../fixtures/failure.js';
import { freshFolder } from '../fixtures/ffmpeg.js';

const folder = freshFolder();
const path = join(folder, 'still.jpg');

test('every option is checked before anything runs', async () => {
  expect(await failure(snap(path, { size: { width: 640.5, height: 360 } }))).toEqual({
    name: 'OptionError',
    code: 'SNAP_SIZE',
    message: 'The size is 640.5x360; expected whole numbers from 16 to 8192.',
    hint: 'For example 1280x720.',
  });
  const injected = '1; touch /tmp/owned' as unknown as number;
  expect(await failure(snap(path, { size: { width: injected, height: 360 } }))).toMatchObject({ code: 'SNAP_SIZE' });
  expect(await failure(snap(path, { delay: injected }))).toEqual({
    name: 'OptionError',
    code: 'SNAP_DELAY',
    message: 'The delay is 1; touch /tmp/owned; expected whole seconds from 0 to 60.',
    hint: 'Leave it out for one second.',
  });
  expect(await failure(snap(join(folder, 'still.bmp')))).toMatchObject({ code: 'OUTPUT_FORMAT' });
  expect(await failure(snap(path, { camera: '; touch owned' }))).toMatchObject({ code: 'CAMERA_UNKNOWN' });
  expect({ written: existsSync(path), owned: existsSync('owned') }).toEqual({ written: false, owned: false });
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('stylecast-snap-'))).toEqual([]);
});

/** fswebcam brings a camera of its own, which shows colour bars. */
const FSWEBCAM = spawnSync('fswebcam', ['--version']).error === undefined;

test.skipIf(!FSWEBCAM)(
  `a still through node-webcam (${FSWEBCAM ? 'fswebcam' : 'fswebcam is not installed'})`,
  async () => {
    await stillByWebcam('TEST:bars', path, { width: 320, height: 240 }, 0);
    const { frame } = await readImage(path);
    expect({ width: frame.width, height: frame.height }).toEqual({ width: 320, height: 240 });
    const colours = new Set(Array.from({ length: 8 }, (_, n) => frame.data[(120 * 320 + 20 + 40 * n) * 3]! >> 6));
    expect(colours.size).toBeGreaterThan(1);
    expect(await failure(stillByWebcam('/dev/video987', path, { width: 320, height: 240 }, 0))).toEqual({
      name: 'MediaError',
      code: 'SNAP_FAILED',
      message: 'The camera /dev/video987 gave no picture: No webcam found',
      hint: 'Close other programs that use it.',
    });
  },
);

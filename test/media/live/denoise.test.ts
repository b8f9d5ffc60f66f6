import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LiveSource } from '#src/media/live/source.js';
import type { LiveFrame } from '#src/media/live-frame.js';
import { failure } from '../../fixtures/failure.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { meanError } from '../../fixtures/readback.js';

const folder = freshFolder();
const STILL = 'smptebars=size=128x96:rate=25:duration=0.8,setsar=1,gblur=8';

/** The last two frames of a file, taken live. */
async function lastFrames(path: string, denoise: boolean): Promise<[LiveFrame, LiveFrame]> {
  const source = await LiveSource.open({ kind: 'file', path }, { denoise, height: 72 });
  const frames: LiveFrame[] = [];
  for (let frame = await source.next(); frame; frame = await source.next()) frames.push(frame);
  await source.close();
  return frames.slice(-2) as [LiveFrame, LiveFrame];
}

describe('a still scene, live', () => {
  test('changes less when denoised, at the requested size', async () => {
    const path = join(folder, 'noisy.mkv');
    const noise = 'noise=alls=10:allf=t,format=yuv420p';
    ffmpeg('-f', 'lavfi', '-i', `${STILL},${noise}`, '-c:v', 'ffv1', path);
    const [plain, calm] = [await lastFrames(path, false), await lastFrames(path, true)];
    for (const { width, height } of [...plain, ...calm]) expect([width, height]).toEqual([96, 72]);
    const change = ([earlier, later]: readonly LiveFrame[]) => meanError(earlier!.data, later!.data);
    expect(change(plain)).toBeGreaterThan(1);
    expect(change(calm)).toBeLessThan(0.75 * change(plain));
  });

  // What cameras give: YUY2, and JPEG in full range with half of the colour.
  test.each([
    ['yuyv422', 'rawvideo', 'still.avi'],
    ['yuvj422p', 'mjpeg', 'still.mkv'],
    ['bgr0', 'ffv1', 'screen.mkv'],
  ])('keeps the colours of %s', async (format, codec, name) => {
    const path = join(folder, name);
    ffmpeg('-f', 'lavfi', '-i', STILL, '-pix_fmt', format, '-c:v', codec, '-q:v', '2', path);
    const [plain] = await lastFrames(path, false);
    const [calm] = await lastFrames(path, true);
    expect(meanError(calm.data, plain.data)).toBeLessThan(1.5);
  });

  test('of a browser cannot be denoised, which is an error', async () => {
    expect(await failure(LiveSource.open({ kind: 'browser' }, { denoise: true }))).toEqual({
      name: 'OptionError',
      code: 'DENOISE_BROWSER',
      message: "The pictures of a browser's camera are not denoised.",
      hint: 'Leave out --denoise, or take the camera with --camera where it is on this machine.',
    });
  });
});

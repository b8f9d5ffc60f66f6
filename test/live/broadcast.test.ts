import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { startBroadcast } from '#src/live/broadcast.js';
import { connect } from '#src/live/protocol/client.js';
import type { FrameMessage } from '#src/live/protocol/wire.js';
import { stylizeVideo } from '#src/pipeline/stylize/video.js';
import { silent } from '../fixtures/clips.js';
import { failure } from '../fixtures/failure.js';
import { freshFolder } from '../fixtures/ffmpeg.js';
import { preset } from '../fixtures/networks.js';
import { meanColour, rgbFrames, shownSize } from '../fixtures/readback.js';

const folder = freshFolder();
process.env.STYLECAST_HOME = folder;
const negative = preset(folder, 'negative');

test('the frames of a file are shown while it is processed', async () => {
  const broadcast = await startBroadcast('negative', { port: 0 });
  const frames: FrameMessage[] = [];
  const states: string[] = [];
  const viewer = connect(broadcast.urls.overlay, {
    onFrame: (frame) => frames.push({ ...frame, image: frame.image.slice() }),
    onState: (state) => states.push(state),
  });
  const control = connect(broadcast.urls.control, { role: 'control' });
  await expect.poll(() => [viewer.state, control.state]).toEqual(['live', 'live']);
  expect(frames).toEqual([]);

  const input = silent(join(folder, 'clip.mp4'));
  const output = join(folder, 'out.mp4');
  const options = { encoderPreset: 'ultrafast', crf: 0, onFrame: broadcast.push } as const;
  const result = await stylizeVideo({ input, output, style: negative, ...options });
  await expect.poll(() => frames.length).toBeGreaterThanOrEqual(1);
  await expect.poll(() => frames.at(-1)!.pts).toBeGreaterThan(0);

  expect(frames.length).toBeLessThanOrEqual(result.frames);
  const written = rgbFrames(output, [], 1000).map(meanColour);
  for (const { width, height, image } of frames) {
    expect({ width, height }).toEqual(shownSize(output));
    const shown = meanColour(await sharp(image).raw().toBuffer());
    // It is one of the frames that were written: its colours are.
    const nearest = Math.min(...written.map((colour) => Math.hypot(...colour.map((value, c) => value - shown[c]!))));
    expect(nearest).toBeLessThan(3);
  }
  const times = frames.map(({ pts }) => pts);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));

  expect(await failure(control.set({ strength: 0.5 }))).toMatchObject({
    code: 'BROADCAST_FIXED',
    message: 'A file that is being stylized cannot be changed on the way.',
  });
  viewer.close();
  control.close();
  await broadcast.close();
  expect(states.at(-1)).toBe('closed');
});

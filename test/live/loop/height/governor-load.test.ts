import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LivePainter } from '#src/engine/painter/live-painter.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { LiveShow } from '#src/live/loop/show.js';
import { Gallery } from '#src/live/settings/gallery/gallery.js';
import { DEFAULT_SETTINGS, MIN_HEIGHT } from '#src/live/settings/table.js';
import { conv, network } from '../../../engine/networks.js';
import { freshFolder } from '../../../fixtures/ffmpeg.js';
import { preset } from '../../../fixtures/networks.js';
import { FrameFeed } from '../../frames.js';

const folder = freshFolder();
process.env.STYLECAST_HOME = folder;
const SIZE = { width: 640, height: 360 };
const FPS = 10;

// Several times as much as a frame's time at full height, also on a fast machine, and little at the floor.
heavy(join(folder, 'presets', 'heavy'));
preset(join(folder, 'presets'), 'identity');

const feed = new FrameFeed(SIZE, FPS);
const painter = await LivePainter.open({ picture: SIZE, threads: 1 });
afterAll(async () => {
  feed.close();
  await painter.close();
});

test('under real load the height is lowered, and raised again when the load has gone', async ({ annotate }) => {
  const notes: string[] = [];
  const show = await LiveShow.open({
    source: feed,
    painter,
    gallery: await Gallery.open(),
    settings: { ...DEFAULT_SETTINGS, style: 'heavy' },
    fps: FPS,
    threads: 1,
    onNote: (note) => notes.push(note),
  });
  const running = show.run();
  const patience = { interval: 100 };
  expect(show.stats.working).toEqual(SIZE);

  await expect.poll(() => show.stats.working.height, patience).toBeLessThan(SIZE.height);
  const lowered = show.stats.working;
  expect(lowered.height).toBeGreaterThanOrEqual(MIN_HEIGHT);
  expect(lowered.width / lowered.height).toBeCloseTo(16 / 9, 1);
  expect(notes[0]).toMatch(/^The network works at \d+ lines instead of 360 to keep 10 fps\.$/);
  // Frames keep the size of the picture.
  expect(show.newest).toMatchObject(SIZE);

  const { paint } = show.stats.latency;
  await annotate(`worked at ${lowered.height} lines; painting took ${paint.toFixed(0)} ms before`);

  await show.change({ style: 'identity' });
  await expect.poll(() => show.stats.working, patience).toEqual(SIZE);
  expect(notes.at(-1)).toMatch(/^The network works at 360 lines instead of \d+ as there is time to spare\.$/);
  show.close();
  feed.close();
  await running;
});

/** A preset whose network is much work: a few wide convolutions at full size. */
function heavy(path: string): void {
  const model = writeModel(
    network((g, x) => {
      let value = conv(g, x, 64);
      for (let n = 0; n < 3; n++) value = conv(g, value, 64, { seed: n });
      return conv(g, value, 3);
    }),
  );
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'model.onnx'), model);
  const manifest = {
    format: 1,
    name: 'heavy',
    tier: 'fine',
    model: { sha256: createHash('sha256').update(model).digest('hex'), bytes: model.length },
    input: { name: 'image' },
    output: { name: 'stylized' },
  };
  writeFileSync(join(path, 'preset.json'), JSON.stringify(manifest));
}

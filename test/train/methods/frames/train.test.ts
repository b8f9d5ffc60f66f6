import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainProgress } from '#src/train/progress.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { failure } from '../../../fixtures/failure.js';
import { type PaintedClip, paintedClip } from '../../data/clip/painted-clip.js';
import { smallVgg } from '../../fixtures.js';

let made: PaintedClip;
let lossNetwork: string;
beforeAll(async () => {
  made = await paintedClip();
  lossNetwork = join(made.folder, 'vgg.safetensors');
  writeFileSync(lossNetwork, smallVgg());
});
afterAll(() => rmSync(made.folder, { recursive: true }));

const options = (name: string, extra: Partial<TrainOptions> = {}): TrainOptions => ({
  pictures: [],
  frames: made.clip,
  painted: made.painted,
  output: join(made.folder, name),
  lossNetwork,
  tier: 'tiny',
  size: 128,
  steps: 2,
  threads: 2,
  ...extra,
});

test('the painted frames are painted nearer to what was painted over them than before', async () => {
  const events: TrainProgress[] = [];
  const before = await trainStyle(options('before'));
  const after = await trainStyle({
    ...options('after', { steps: 60 }),
    onProgress: (progress) => events.push(progress),
  });
  expect(after.measured!.painted!).toBeLessThan(0.6 * before.measured!.painted!);
  expect(after.measured!.painted!).toBeLessThan(0.5 * after.measured!.photographPainted!);
  expect(before.measured!.photographPainted).toBe(after.measured!.photographPainted);
  expect(Object.keys(events.at(-1)!.losses)).toEqual([
    ...['pixels', 'content', 'style', 'range', 'mesh', 'adversarial', 'temporal', 'features'],
    ...['discriminator', 'share', 'loss', 'norm'],
  ]);
  const manifest = JSON.parse(readFileSync(join(after.preset!, 'preset.json'), 'utf8'));
  expect(manifest.credits.map(({ title }: { title: string }) => title)).toEqual(['frame_2', 'frame_8']);
  expect(manifest.training).toMatchObject({
    command:
      'stylecast train --method frames --frames clip.mkv --tier tiny --steps 60 --size 128 --loss-network vgg.safetensors --painted frame_2.png,frame_8.png -o after',
    data: '10 frames of clip.mkv; VGG-19 to relu3_1',
  });
  expect(readFileSync(join(after.training, 'report.html'), 'utf8')).toContain(
    `difference from what was painted</th><td>${after.measured!.painted!.toFixed(4)} (the frames themselves: `,
  );
});

test('a training that was stopped goes on, with the same paintings alone', async () => {
  const stop = new AbortController();
  const name = 'stopped';
  const half = await trainStyle({
    ...options(name, { steps: 4, signal: stop.signal }),
    onProgress: ({ step }) => step === 2 && stop.abort(),
  });
  expect(half).toMatchObject({ preset: undefined, interrupted: true, steps: 2 });
  expect(
    await failure(trainStyle(options(name, { steps: 4, resume: true, painted: made.painted.slice(1) }))),
  ).toMatchObject({ code: 'TRAIN_NO_CHECKPOINT' });
  const swapped = [`8=${made.painted[0]}`, `2=${made.painted[1]}`];
  expect(await failure(trainStyle(options(name, { steps: 4, resume: true, painted: swapped })))).toMatchObject({
    code: 'TRAIN_NO_CHECKPOINT',
  });
  expect(await trainStyle(options(name, { steps: 4, resume: true }))).toMatchObject({ interrupted: false, steps: 4 });
});

test('options that say nothing here are refused', async () => {
  const refused = async (extra: Partial<TrainOptions>) => (await failure(trainStyle(options('none', extra)))).message;
  expect(await refused({ pictures: ['style.png'] })).toBe('pictures: expected none beside frames, got style.png');
  expect(await refused({ photos: 'photos' })).toBe(
    'photos: expected none beside frames, which are all that is learned on, got photos',
  );
  expect(await refused({ method: 'gan' })).toBe('frames: expected the method frames with it, got gan');
  expect(await refused({ size: 96 })).toBe('size: expected a multiple of 32 from 128 beside frames, got 96');
  expect(await refused({ painted: [] })).toBe('painted: expected at least one painted frame, got none');
  const { frames: _, ...clipless } = options('none');
  expect(await failure(trainStyle(clipless))).toMatchObject({
    message: 'frames: expected the clip whose frames were painted, got none',
    hint: 'Name it with --frames.',
  });
});

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_THREADS } from '#src/engine/threads/most-threads.js';
import { tensor } from '#src/graph/elements.js';
import { readModel } from '#src/graph/onnx/read.js';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainProgress } from '#src/train/progress.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { loadCheckpoint } from '#src/train/weights/checkpoint.js';
import { numbers, run } from '../../graph/run.js';
import { picture, trainingFolder } from '../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
/** A training from its beginning to its end. */
let whole: Awaited<ReturnType<typeof train>>;
beforeAll(async () => {
  given = await trainingFolder();
  await picture(60, 200, 1).toFile(join(given.folder, 'narrow.png'));
  whole = await train('whole');
});
afterAll(() => rmSync(given.folder, { recursive: true }));

const options = (name: string, extra: Partial<TrainOptions> = {}): TrainOptions => ({
  pictures: [given.style],
  photos: given.photos,
  output: join(given.folder, name),
  lossNetwork: given.lossNetwork,
  tier: 'tiny',
  size: 64,
  steps: 8,
  threads: 2,
  ...extra,
});

/** Trains and returns the result with what was reported. */
async function train(name: string, extra: Partial<TrainOptions> = {}) {
  const events: TrainProgress[] = [];
  const result = await trainStyle({ ...options(name, extra), onProgress: (progress) => events.push(progress) });
  return { result, events };
}

const losses = (events: TrainProgress[]) => events.map(({ step, losses: all }) => [step, all]);

describe('trainStyle', () => {
  it('folds the norms into the weights if asked to', async () => {
    const opsOf = ({ result }: typeof whole) => {
      const { graph } = readModel(readFileSync(join(result.preset!, 'model.onnx')));
      return new Set(graph.nodes.map(({ op }) => op));
    };
    expect(opsOf(whole)).toContain('InstanceNormalization');
    expect(opsOf(await train('frozen', { steps: 4, freeze: true }))).not.toContain('InstanceNormalization');
  });

  it('goes from a picture to a preset, and says how far it is', async () => {
    const { result, events } = whole;
    expect(result.steps).toBe(8);
    expect(events.map(({ stage, step, steps }) => [stage, step, steps])).toEqual([
      ...[1, 2].map((step) => ['first', step, 8]),
      ...[3, 4, 5, 6, 7, 8].map((step) => ['second', step, 8]),
    ]);
    expect(Object.keys(events[0]!.losses)).toEqual([
      'content',
      'shapes',
      'structure',
      'light',
      'colour',
      'tint',
      'cast',
      'style',
      'smoothness',
      'range',
      'mesh',
      'loss',
      'norm',
      'balance',
    ]);
    expect(Object.keys(events[7]!.losses)).toEqual([
      'content',
      'shapes',
      'structure',
      'light',
      'colour',
      'tint',
      'cast',
      'style',
      'smoothness',
      'range',
      'mesh',
      'temporal',
      'features',
      'loss',
      'norm',
      'balance',
    ]);
    expect(existsSync(join(result.training, 'preview.png'))).toBe(true);
    expect(result.measured!.style).toBeGreaterThan(0);
    expect(Object.keys(result.measured!.warping)).toEqual(['1 px', '2 px', '4 px']);
    const page = readFileSync(join(result.training, 'report.html'), 'utf8');
    expect(page).toContain('data:image/png;base64,');
    expect(page).toContain(`distance of strokes</th><td>${result.measured!.style.toFixed(3)}`);
    expect(page.match(/<polyline/g)!.length).toBeGreaterThan(4);
    for (const term of ['structure', 'light', 'colour', 'balance']) expect(page).toContain(`>${term}: `);
    const manifest = JSON.parse(readFileSync(join(result.preset!, 'preset.json'), 'utf8')) as {
      input: { multiple: number };
      credits: object[];
      training: object;
    };
    expect(manifest.input.multiple).toBe(8);
    const sha256 = createHash('sha256').update(readFileSync(given.style)).digest('hex');
    expect(manifest.credits).toEqual([{ title: 'style', author: 'unknown', sha256 }]);
    expect(manifest.training).toMatchObject({
      command:
        'stylecast train style.png --photos photos --tier tiny --steps 8 --size 64 --loss-network vgg.safetensors -o whole',
      seed: 1,
      steps: 8,
      size: 64,
      data: '6 photographs of photos; VGG-19 to relu3_1',
    });
    const model = readModel(readFileSync(join(result.preset!, 'model.onnx')));
    const image = tensor(
      'float32',
      [1, 3, 40, 56],
      Float32Array.from({ length: 3 * 40 * 56 }, (_, i) => (i % 97) / 97),
    );
    const { stylized } = await run(model, { image });
    expect([...stylized!.dims]).toEqual([1, 3, 40, 56]);
    expect(numbers(stylized!).every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it.each([3, 6])('gives the same losses, bit for bit, when stopped after %i steps and resumed', async (stopAfter) => {
    const stop = new AbortController();
    const name = `stopped${stopAfter}`;
    const first: TrainProgress[] = [];
    const half = await trainStyle({
      ...options(name, { signal: stop.signal }),
      onProgress: (progress) => {
        first.push(progress);
        if (progress.step === stopAfter) stop.abort();
      },
    });
    expect(half.preset).toBeUndefined();
    expect(half.steps).toBe(stopAfter);
    const rest = await train(name, { resume: true });
    expect([...losses(first), ...losses(rest.events)]).toEqual(losses(whole.events));
    const strip = async (path: string) => sharp(join(path, 'preview.png')).raw().toBuffer();
    expect((await strip(rest.result.training)).equals(await strip(whole.result.training))).toBe(true);
    const bytes = (path: string) => readFileSync(join(path, 'model.onnx'));
    expect(bytes(rest.result.preset!).equals(bytes(whole.result.preset!))).toBe(true);
    const command = (path: string) => JSON.parse(readFileSync(join(path, 'preset.json'), 'utf8')).training.command;
    expect(command(rest.result.preset!)).toBe(command(whole.result.preset!).replace('-o whole', `-o ${name}`));
  });

  it('keeps the last checkpoint when a new one cannot be written', async () => {
    const stop = new AbortController();
    await trainStyle({
      ...options('full', { signal: stop.signal }),
      onProgress: ({ step }) => step === 2 && stop.abort(),
    });
    const training = join(given.folder, 'full.training');
    // A limit on the size of files stands for a disk without room.
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
    limit(statSync(join(training, 'checkpoint.safetensors')).size - 1);
    try {
      await expect(train('full', { resume: true })).rejects.toMatchObject({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringContaining(`could not write ${join(training, 'checkpoint.safetensors')}: `),
      });
    } finally {
      limit('unlimited');
    }
    expect((await loadCheckpoint(training)).done).toBe(2);
    cpSync(training, join(given.folder, 'nan.training'), { recursive: true });
  });

  it('leaves out photographs that cannot be read, and counts them', async () => {
    const broken = join(given.photos, '1a.jpg');
    writeFileSync(broken, readFileSync(join(given.photos, '0.jpg')).subarray(0, 300));
    const { result } = await train('broken', { steps: 4 });
    rmSync(broken);
    expect([...result.brokenPhotos.keys()]).toEqual([broken]);
  });

  it('learns: the loss falls to a fraction', async () => {
    const { events } = await train('learning', { steps: 120, temporal: 0 });
    const mean = (from: number, to: number) =>
      events.slice(from, to).reduce((sum, { losses: { loss } }) => sum + loss! / (to - from), 0);
    expect(mean(70, 80)).toBeLessThan(mean(0, 5) / 2);
    expect(mean(110, 120)).toBeLessThan(mean(0, 5) / 5);
  });

  it('needs neither photographs nor a loss network', async () => {
    const { pictures, output } = options('bare');
    const result = await trainStyle({ pictures, output, tier: 'tiny', size: 64, steps: 4 });
    expect(result.steps).toBe(4);
    expect(readFileSync(join(result.training, 'report.html'), 'utf8')).toContain('fixed random filters');
  });

  it('trains for a time, both stages of it', async () => {
    const began = performance.now();
    const { steps: _, ...timed } = options('timed', { minutes: 0.08 });
    const stages: string[] = [];
    const result = await trainStyle({ ...timed, onProgress: ({ stage }) => stages.push(stage) });
    expect(result.preset).toBe(timed.output);
    expect(new Set(stages)).toEqual(new Set(['first', 'second']));
    expect(stages.length).toBeGreaterThan(4);
    expect(performance.now() - began).toBeLessThan(90_000);
  });

  it('trains without motion when flicker does not count', async () => {
    const { events } = await train('calm', { temporal: 0, steps: 4 });
    expect(Object.keys(events.at(-1)!.losses)).not.toContain('temporal');
  });

  it('stops where the numbers end, and keeps the last good checkpoint', async () => {
    // As it was left after two steps.
    const training = join(given.folder, 'nan.training');
    const file = join(training, 'checkpoint.safetensors');
    const bytes = readFileSync(file);
    bytes.writeFloatLE(Number.NaN, 8 + Number(bytes.readBigUInt64LE()));
    writeFileSync(file, bytes);
    await expect(train('nan', { resume: true })).rejects.toMatchObject({
      code: 'TRAIN_DIVERGED',
      message: `the losses are no longer numbers at step 2; the last good checkpoint is in ${training}`,
    });
    const { before, done } = await loadCheckpoint(training);
    expect(before + done).toBe(2);
  });

  it.each<[string, string, () => Partial<TrainOptions>]>([
    ['OPTION_VALUE', 'size: expected a multiple of 32 from 64 to 1024, got 100', () => ({ size: 100 })],
    ['OPTION_VALUE', `threads: expected a whole number from 1 to ${MOST_THREADS}, got 0`, () => ({ threads: 0 })],
    ['OPTION_VALUE', 'minutes: expected minutes or steps, not both, got 5 and 8', () => ({ minutes: 5 })],
    ['OPTION_VALUE', 'method: expected one of single, ', () => ({ method: 'magic' })],
    ['OPTION_VALUE', 'tier: expected one of lite, standard, fine, tiny, got huge', () => ({ tier: 'huge' as 'lite' })],
    ['OPTION_VALUE', 'device: expected one of cpu, cuda, ', () => ({ device: 'abacus' as 'cpu' })],
    ['OPTION_VALUE', 'pictures: expected at least one picture, got none', () => ({ pictures: [] })],
    ['OPTION_VALUE', 'temporal: expected a number from 0 to 100, got NaN', () => ({ temporal: Number.NaN })],
    ['TRAIN_NO_PHOTOS', 'no photographs in ', () => ({ photos: join(given.folder, 'nowhere') })],
    ['TRAIN_PICTURE', 'could not read the style picture ', () => ({ pictures: [given.lossNetwork] })],
    ['TRAIN_PICTURE', 'could not read the style picture ', () => ({ pictures: [join(given.folder, 'nowhere.png')] })],
    [
      'TRAIN_PICTURE',
      'narrow.png has 60×200 pixels; expected at least 64 along each side',
      () => ({ pictures: [join(given.folder, 'narrow.png')] }),
    ],
    ['TRAIN_WEIGHTS', 'not a usable safetensors file: ', () => ({ lossNetwork: given.style })],
    ['TRAIN_WEIGHTS', 'could not read the loss network ', () => ({ lossNetwork: join(given.folder, 'none') })],
    ['TRAIN_NO_CHECKPOINT', 'nothing to resume: ', () => ({ resume: true })],
  ])('%s: %s', async (code, message, extra) => {
    await expect(train('wrong', extra())).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(existsSync(join(given.folder, 'wrong'))).toBe(false);
  });
});

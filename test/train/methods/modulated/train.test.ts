import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenStyle } from '#src/model/blend.js';
import { readStyle } from '#src/model/style.js';
import { vectorsOf } from '#src/model/style-vectors.js';
import { predictedStyle } from '#src/pipeline/predict.js';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainProgress } from '#src/train/progress.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { painted, scene } from '../../../engine/pictures.js';
import { picture, trainingFolder } from '../../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
beforeAll(async () => {
  given = await trainingFolder();
  await picture(150, 130, 2).toFile(join(given.folder, 'The Other.png'));
  mkdirSync(join(given.folder, 'again'));
  copyFileSync(given.style, join(given.folder, 'again', basename(given.style)));
});
afterAll(() => rmSync(given.folder, { recursive: true }));

const options = (name: string, extra: Partial<TrainOptions> = {}): TrainOptions => ({
  method: 'modulated',
  pictures: [given.style, join(given.folder, 'The Other.png')],
  photos: given.photos,
  output: join(given.folder, name),
  lossNetwork: given.lossNetwork,
  tier: 'tiny',
  size: 64,
  steps: 5,
  threads: 2,
  ...extra,
});

const losses = (events: readonly TrainProgress[]) => events.map(({ step, losses: all }) => [step, all]);

describe('training many styles', { timeout: 600_000 }, () => {
  it('gives a preset that names them, and the same one, bit for bit, when stopped and resumed', async () => {
    const straight: TrainProgress[] = [];
    const whole = await trainStyle({ ...options('whole'), onProgress: (progress) => straight.push(progress) });
    expect(Object.keys(whole.styles!)).toEqual(['style', 'the-other']);
    const style = await readStyle(whole.preset!);
    const { modulation, inputs, training } = style.manifest;
    expect(modulation!.styles.map(({ name }) => name)).toEqual(['style', 'the-other']);
    expect(modulation!.styles.map(({ sha256 }) => sha256)).toEqual(style.manifest.credits.map(({ sha256 }) => sha256));
    expect(inputs).toMatchObject([
      { name: 'style', dims: [2, 16] },
      { name: 'noise', dims: [32, 64, 64], default: 0 },
    ]);
    expect(training!.command).toContain('--method modulated');
    expect((await painted(style, scene(64, 48), 64, 48)).data.length).toBe(64 * 48 * 3);
    expect(readFileSync(join(whole.training, 'report.html'), 'utf8')).toContain('<th>the-other</th>');

    const stop = new AbortController();
    const parts: TrainProgress[] = [];
    const onProgress = (progress: TrainProgress) => {
      parts.push(progress);
      if (progress.step === 3) stop.abort();
    };
    await trainStyle({ ...options('stopped'), signal: stop.signal, onProgress });
    const rest = await trainStyle({ ...options('stopped', { resume: true }), onProgress: (each) => parts.push(each) });
    expect(losses(parts)).toEqual(losses(straight));
    const bytes = (folder: string) => readFileSync(join(folder, 'model.onnx'));
    expect(bytes(rest.preset!).equals(bytes(whole.preset!))).toBe(true);

    // The same checkpoint is no beginning for other styles.
    const pictures = [join(given.folder, 'The Other.png'), given.style];
    await expect(trainStyle(options('stopped', { resume: true, pictures }))).rejects.toMatchObject({
      code: 'TRAIN_NO_CHECKPOINT',
      message: 'nothing to resume: the pictures of the style are not those that it was begun with',
    });
  });

  it('with pictures to learn from besides, paints like any picture, without a loss network', async () => {
    const any = join(given.folder, 'pictures');
    mkdirSync(any);
    await picture(400, 320, 4).toFile(join(any, 'one.png'));
    writeFileSync(join(any, 'broken.jpg'), 'no picture');
    const { preset, brokenPhotos } = await trainStyle(options('any', { any, steps: 4 }));
    expect([...brokenPhotos.keys()]).toEqual([join(any, 'broken.jpg')]);
    const { modulation } = (await readStyle(preset!)).manifest;
    expect(modulation!.prediction!.file).toBe('predict.onnx');
    // A picture that it learned is predicted to be what it learned from it.
    const known = await predictedStyle(given.style, preset);
    expect(known.name).toBe('any:style-picture');
    const [first, second] = modulation!.styles.map(({ vector }) => vector) as [readonly number[], readonly number[]];
    const distance = (a: ArrayLike<number>, b: readonly number[]) => Math.hypot(...b.map((value, i) => value - a[i]!));
    expect(distance(vectorsOf(known.manifest)!, first)).toBeLessThan(0.05 * distance(second, first));
    // One that it never saw is a style of its own, which blends with the others by the name of its file.
    const unseen = await predictedStyle(join(any, 'one.png'), preset);
    expect(unseen.manifest.modulation!.styles.map(({ name }) => name)).toEqual(['one', 'style', 'the-other']);
    const blended = chosenStyle(unseen, { blend: { one: 0.5, style: 0.5 } });
    expect((await painted(blended, scene(64, 48), 64, 48)).data.length).toBe(64 * 48 * 3);

    await expect(trainStyle(options('any', { any, steps: 4, resume: true }))).resolves.toMatchObject({ steps: 4 });
    await expect(trainStyle(options('any', { steps: 4, resume: true }))).rejects.toMatchObject({
      message: 'nothing to resume: the checkpoint is of the styles 4 further pictures and parts; expected 0',
    });
  });

  it.each<[string, () => Partial<TrainOptions>]>([
    // Given twice, it is shown twice as often, and is still one style.
    ['pictures: expected 2 to 32 of them, one a style, got 1', () => ({ pictures: [given.style, given.style] })],
    [
      'pictures: expected files whose names have letters from a to z, or digits, got 神奈川.jpg',
      () => ({ pictures: [given.style, '神奈川.jpg'] }),
    ],
    [
      'pictures: expected a name of its own for each style, got "style" again',
      () => ({ pictures: [given.style, join(given.folder, 'again', basename(given.style))] }),
    ],
    [
      'freeze: expected no freezing with many styles, whose norms are what tells them apart, got it',
      () => ({ freeze: true }),
    ],
    [
      'any: expected the method modulated with it, got single',
      () => ({ any: given.photos, method: 'single', pictures: [given.style] }),
    ],
  ])('%s', async (message, extra) => {
    await expect(trainStyle(options('wrong', extra()))).rejects.toMatchObject({ code: 'OPTION_VALUE', message });
  });
});

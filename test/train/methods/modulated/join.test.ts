import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStyle } from '#src/model/style.js';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainProgress } from '#src/train/progress.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { painted, scene } from '../../../engine/pictures.js';
import { picture, trainingFolder } from '../../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
let many: string;
beforeAll(async () => {
  given = await trainingFolder();
  await picture(150, 130, 2).toFile(join(given.folder, 'other.png'));
  await picture(170, 130, 5).toFile(join(given.folder, 'new.png'));
  many = join(given.folder, 'many');
  const pictures = [given.style, join(given.folder, 'other.png')];
  const shared = { photos: given.photos, lossNetwork: given.lossNetwork, size: 64, threads: 2 };
  await trainStyle({
    method: 'modulated',
    pictures,
    output: many,
    any: given.photos,
    tier: 'tiny',
    steps: 20,
    ...shared,
  });
  await trainStyle({ pictures: [given.style], output: join(given.folder, 'one'), tier: 'tiny', steps: 2, ...shared });
}, 600_000);
afterAll(() => rmSync(given.folder, { recursive: true }));

const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  pictures: [join(given.folder, 'new.png')],
  into: many,
  photos: given.photos,
  output: join(given.folder, 'more'),
  lossNetwork: given.lossNetwork,
  size: 64,
  steps: 30,
  threads: 2,
  overwrite: true,
  ...extra,
});

describe('a further style of a preset of many', { timeout: 600_000 }, () => {
  it('is nearer to its picture than what was predicted', async () => {
    const pictures = ['presets/photographs/night.jpg'];
    const { lossNetwork: _, ...plain } = options({ into: 'painters', pictures, styleStrength: 4 });
    const measured = async (steps: number) => (await trainStyle({ ...plain, steps, seed: 3 })).measured!;
    const [predicted, learned] = [await measured(1), await measured(60)];
    expect(learned.style).toBeLessThan(0.9 * predicted.style);
  });

  it('stands before the others, which stay as they were', async () => {
    const events: TrainProgress[] = [];
    const result = await trainStyle(options({ onProgress: (progress) => events.push(progress) }));
    expect(events.map(({ step, steps }) => [step, steps])).toEqual(Array.from({ length: 30 }, (_, i) => [i + 1, 30]));
    expect(Object.keys(result.styles!)).toEqual(['new']);
    const page = readFileSync(join(result.training, 'into.html'), 'utf8');
    expect(page).toContain('<svg');
    const strip = await sharp(Buffer.from(/base64,([^"]+)/.exec(page)![1]!, 'base64'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(strip.info).toMatchObject({ width: 3 * 64, height: 64, channels: 3 });
    const [photograph, predicted, learned] = [0, 1, 2].map((n) => strip.data.subarray(n * 64 * 3, (n + 1) * 64 * 3));
    expect(predicted).not.toEqual(photograph);
    expect(learned).not.toEqual(predicted);

    const [before, after] = [await readStyle(many), await readStyle(result.preset!)];
    expect(after.manifest.modulation!.styles.map(({ name }) => name)).toEqual(['new', 'style', 'other']);
    expect(after.manifest.modulation!.styles.slice(1)).toEqual(before.manifest.modulation!.styles);
    const small = after.manifest.modulation!.styles.map(({ thumbnail }) =>
      readFileSync(join(after.folder!, thumbnail!)),
    );
    expect(new Set(small.map((bytes) => bytes.toString('base64'))).size).toBe(3);
    expect(after.manifest.credits.length).toBe(3);
    expect(after.model).toEqual(before.model);
    expect(after.manifest.training!.command).toContain('--into many');
    expect((await painted(after, scene(64, 48), 64, 48)).data).not.toEqual(
      (await painted(before, scene(64, 48), 64, 48)).data,
    );
    // And another one into that.
    const pictures = [join(given.folder, 'photos', '0.jpg'), join(given.folder, 'photos', '2.webp')];
    const two = await trainStyle(options({ into: result.preset!, output: result.preset!, pictures, steps: 2 }));
    expect(two.steps).toBe(4);
    const names = (await readStyle(two.preset!)).manifest.modulation!.styles.map(({ name }) => name);
    expect(names).toEqual(['0', '2', 'new', 'style', 'other']);
  });

  it('takes the place of a style that has its name', async () => {
    const output = join(given.folder, 'anew');
    const pictures = [join(given.folder, 'other.png')];
    const [before, after] = [
      await readStyle(many),
      await readStyle((await trainStyle(options({ output, pictures }))).preset!),
    ];
    expect(after.manifest.modulation!.styles.map(({ name }) => name)).toEqual(['style', 'other']);
    expect(after.manifest.modulation!.styles[0]).toEqual(before.manifest.modulation!.styles[0]);
    expect(after.manifest.modulation!.styles[1]!.vector).not.toEqual(before.manifest.modulation!.styles[1]!.vector);
    expect(after.manifest.credits.length).toBe(2);
  });

  it('is not lost when the training that its preset came from goes on', async () => {
    await trainStyle(options({ output: many, overwrite: false, steps: 1 }));
    const pictures = [given.style, join(given.folder, 'other.png')];
    const { photos, lossNetwork } = given;
    const further = { method: 'modulated' as const, pictures, output: many, any: photos, photos, lossNetwork };
    await expect(trainStyle({ ...further, threads: 2, resume: true })).rejects.toMatchObject({
      code: 'PRESET_EXISTS',
      message: `${many} has further styles by now, which would be lost: new.`,
    });
    expect(readFileSync(`${many}.training/report.html`, 'utf8')).not.toEqual(
      readFileSync(`${many}.training/into.html`, 'utf8'),
    );
  });

  it('leaves nothing behind when it is stopped', async () => {
    const stop = new AbortController();
    const output = join(given.folder, 'stopped');
    const result = await trainStyle(options({ output, signal: stop.signal, onProgress: () => stop.abort() }));
    expect(result.preset).toBeUndefined();
    expect(result.steps).toBe(1);
    expect(existsSync(output)).toBe(false);
  });

  it.each<[string, string, () => Partial<TrainOptions>]>([
    ['PRESET_ONE_STYLE', 'one has one style; expected a preset of many.', () => ({ into: join(given.folder, 'one') })],
    [
      'OPTION_VALUE',
      'temporal: expected none beside into, which trains no network, got 0.5',
      () => ({ temporal: 0.5 }),
    ],
    ['OPTION_VALUE', 'into: expected the method modulated with it, got single', () => ({ method: 'single' })],
  ])('%s: %s', async (code, message, extra) => {
    await expect(trainStyle(options(extra()))).rejects.toMatchObject({ code, message });
  });
});

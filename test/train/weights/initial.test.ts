import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { loadCheckpoint } from '#src/train/weights/checkpoint.js';
import { initialWeights } from '#src/train/weights/initial.js';
import { trainingFolder } from '../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
const folder = mkdtempSync(join(tmpdir(), 'stylecast-'));
const train = (name: string, extra: Partial<TrainOptions>) =>
  trainStyle({
    pictures: [given.style],
    photos: given.photos,
    output: join(folder, name),
    lossNetwork: given.lossNetwork,
    tier: 'tiny',
    size: 64,
    steps: 4,
    threads: 2,
    temporal: 0,
    ...extra,
  });

beforeAll(async () => {
  given = await trainingFolder();
  await train('first', { from: 'scratch', steps: 8 });
});
afterAll(() => {
  rmSync(given.folder, { recursive: true });
  rmSync(folder, { recursive: true });
});

describe('what a training begins with', () => {
  it('is the end of the first stage of another, from its folder or its file', async () => {
    const [random, begun, file] = [
      await train('random', { from: 'scratch' }),
      await train('begun', { from: join(folder, 'first.training') }),
      await train('file', { from: join(folder, 'first.training', 'beginning.safetensors') }),
    ];
    const first = async (training: string) => (await loadCheckpoint(training)).history[0]!.losses;
    expect(await first(begun.training)).toEqual(await first(file.training));
    expect((await first(begun.training)).loss).toBeLessThan((await first(random.training)).loss!);
  });

  it('is random where it is asked to be, and the same for one seed', async () => {
    const list = [{ name: 'a', dims: [3], offset: 0, size: 3, start: { deviation: 1 } }] as const;
    const of = (seed: number) => initialWeights('scratch', 'lite', list, seed);
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
  });

  it('may be a smaller network, but not a larger one', async () => {
    const larger = await train('larger', { from: join(folder, 'first.training'), tier: 'lite', steps: 2 });
    const begun = await train('begun-again', { from: join(folder, 'first.training'), steps: 2 });
    const first = async (training: string) => (await loadCheckpoint(training)).history[0]!.losses;
    expect((await first(larger.training)).loss).toBeCloseTo((await first(begun.training)).loss!, 3);
    const lite = new URL('../../../presets/beginnings/lite.safetensors', import.meta.url).pathname;
    await expect(train('other', { from: lite })).rejects.toMatchObject({
      code: 'TRAIN_BEGINNING',
      message: expect.stringMatching(/it has \d+ parameters; expected \d+ for the tier tiny$/),
      hint: 'Name the .training folder of a style of the same tier or a smaller one with --from, or use --from scratch.',
    });
  });

  it('must be there', async () => {
    await expect(train('none', { from: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'TRAIN_BEGINNING',
      message: expect.stringMatching(/^cannot begin with .*nowhere: ENOENT/),
    });
  });
});

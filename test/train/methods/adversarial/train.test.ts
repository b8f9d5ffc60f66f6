import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '#src/graph/onnx/read.js';
import { readStyle } from '#src/model/style.js';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainProgress } from '#src/train/progress.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { loadCheckpoint, saveCheckpoint } from '#src/train/weights/checkpoint.js';
import { trainingFolder } from '../../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
beforeAll(async () => {
  given = await trainingFolder();
});
afterAll(() => rmSync(given.folder, { recursive: true }));

const options = (name: string, extra: Partial<TrainOptions> = {}): TrainOptions => ({
  method: 'adversarial',
  pictures: [],
  domain: given.photos,
  output: join(given.folder, name),
  lossNetwork: given.lossNetwork,
  tier: 'tiny',
  size: 64,
  steps: 6,
  threads: 2,
  ...extra,
});

/** Trains and returns the result with what was reported. */
async function train(name: string, extra: Partial<TrainOptions> = {}) {
  const events: TrainProgress[] = [];
  const result = await trainStyle({ ...options(name, extra), onProgress: (progress) => events.push(progress) });
  return { result, events };
}

/** Trains for some steps, then stops. */
async function stopped(name: string, after: number, extra: Partial<TrainOptions> = {}) {
  const stop = new AbortController();
  const events: TrainProgress[] = [];
  const result = await trainStyle({
    ...options(name, { ...extra, signal: stop.signal }),
    onProgress: (progress) => {
      events.push(progress);
      if (progress.step === after) stop.abort();
    },
  });
  return { result, events };
}

const losses = (events: TrainProgress[]) => events.map(({ step, losses: all }) => [step, all]);

describe('training on a domain', () => {
  it('goes from pictures to a preset, the same when it is stopped in both stages and resumed', async () => {
    const whole = await train('straight');
    const first = await stopped('stopped', 1);
    expect(first.result).toMatchObject({ preset: undefined, steps: 1 });
    cpSync(join(given.folder, 'stopped.training'), join(given.folder, 'nan.training'), { recursive: true });
    const second = await stopped('stopped', 4, { resume: true });
    const rest = await train('stopped', { resume: true });
    const parts = [first, second, rest].flatMap(({ events }) => losses(events));
    expect(parts).toEqual(losses(whole.events));
    const bytes = (path: string) => readFileSync(join(path, 'model.onnx'));
    expect(bytes(rest.result.preset!).equals(bytes(whole.result.preset!))).toBe(true);

    const { events, result } = whole;
    expect(events.map(({ stage }) => stage)).toEqual(['first', 'first', 'second', 'second', 'second', 'second']);
    const reported = ['content', 'adversarial', 'range', 'discriminator', 'share', 'loss', 'norm'];
    expect(Object.keys(events[0]!.losses)).toEqual(reported);
    expect(Object.keys(events[5]!.losses)).toEqual(reported.toSpliced(3, 0, 'temporal', 'features'));
    expect(result.measured!.domain).toBeGreaterThan(0);
    // The domain are waves, and the photographs made ones.
    expect(result.measured!.photographDomain).toBeGreaterThan(1e-3);
    const page = readFileSync(join(result.training, 'report.html'), 'utf8');
    for (const curve of ['discriminator', 'adversarial', 'content', 'share']) expect(page).toContain(`>${curve}: `);
    expect(page).toContain(`domain distance</th><td>${result.measured!.domain!.toFixed(3)}`);
    const manifest = JSON.parse(readFileSync(join(result.preset!, 'preset.json'), 'utf8')) as {
      credits: object[];
      training: { command: string };
    };
    expect(manifest.credits).toHaveLength(6);
    expect(manifest.training.command).toContain('stylecast train --method adversarial --domain photos --tier tiny');
    const { graph } = readModel(bytes(result.preset!) as never);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['image']);
    expect([...graph.constants.keys()].some((name) => /content|patch|verdict/.test(name))).toBe(false);
  });

  it('has a plain method beside it, which leaves out what cannot be read, and names a film by its folder', async () => {
    const domain = join(given.folder, 'film');
    mkdirSync(domain);
    // The broken ones come first of all, and of the pictures that are measured.
    for (let i = 0; i < 113; i++) {
      const file = join(domain, `${String(i).padStart(3, '0')}.png`);
      if (i < 12) writeFileSync(file, 'no picture');
      else copyFileSync(given.style, file);
    }
    const { events, result } = await train('film-style', { method: 'gan', temporal: 0, steps: 2, domain });
    // The plain method, without the content branch.
    expect(Object.keys(events[1]!.losses)).toEqual(['adversarial', 'range', 'discriminator', 'share', 'loss', 'norm']);
    expect(result.brokenPhotos.size).toBe(12);
    const { manifest } = await readStyle(result.preset!);
    expect(manifest.credits).toEqual([{ title: '101 pictures of film', author: 'unknown' }]);
    const page = readFileSync(join(result.training, 'report.html'), 'utf8');
    expect(page).toContain('<h2>Pictures left out</h2>');
    rmSync(domain, { recursive: true });
    mkdirSync(domain);
    writeFileSync(join(domain, 'one.jpg'), 'no picture');
    await expect(train('none', { domain })).rejects.toMatchObject({
      code: 'TRAIN_NO_PHOTOS',
      message: expect.stringContaining('none of 1 files can be read'),
    });
  });

  it('leaves no folder where there is no domain', async () => {
    const missing = options('nothing', { domain: join(given.folder, 'none') });
    await expect(trainStyle(missing)).rejects.toMatchObject({ code: 'TRAIN_NO_PHOTOS' });
    expect(existsSync(`${missing.output}.training`)).toBe(false);
  });

  it('is not resumed by the plain method', async () => {
    await expect(train('straight', { method: 'gan', resume: true })).rejects.toMatchObject({
      code: 'TRAIN_NO_CHECKPOINT',
      message: `the checkpoint in ${join(given.folder, 'straight.training')} is of the method adversarial; expected gan`,
    });
  });

  it('stops where the numbers end, and keeps the last good checkpoint', async () => {
    // As it was left after one step.
    const training = join(given.folder, 'nan.training');
    const file = join(training, 'checkpoint.safetensors');
    const bytes = readFileSync(file);
    bytes.writeFloatLE(Number.NaN, 8 + Number(bytes.readBigUInt64LE()));
    writeFileSync(file, bytes);
    await expect(train('nan', { resume: true })).rejects.toMatchObject({ code: 'TRAIN_DIVERGED' });
    expect((await loadCheckpoint(training)).done).toBe(1);
  });

  it('says when the discriminator has won', async () => {
    const few = { temporal: 0, steps: 12 };
    await stopped('lost', 9, few);
    const training = join(given.folder, 'lost.training');
    const checkpoint = await loadCheckpoint(training);
    // What the discriminator got right for 190 steps; the next one is asked for at step 10.
    const history = Array.from({ length: 19 }, (_, i) => ({ step: i * 10, losses: { share: 1 } }));
    await saveCheckpoint(training, { ...checkpoint, history });
    const { events, result } = await train('lost', { ...few, resume: true });
    const notes = events.flatMap(({ step, note }) => (note === undefined ? [] : [[step, note]]));
    expect(notes).toEqual([[11, expect.stringContaining('the discriminator tells nearly every patch')]]);
    const page = readFileSync(join(result.training, 'report.html'), 'utf8');
    expect(page).toContain(`<h2>Noticed</h2><ul><li>step 10: ${notes[0]![1]}`);
  });

  it.each<[string, string, () => Partial<TrainOptions>]>([
    ['OPTION_VALUE', 'domain: expected a folder of pictures, got none', () => ({ domain: undefined as never })],
    ['OPTION_VALUE', 'pictures: expected none beside a domain, got ', () => ({ pictures: [given.style] })],
    [
      'OPTION_VALUE',
      'domain: expected none with the method single, got ',
      () => ({ method: 'single', pictures: [given.style] }),
    ],
    ['OPTION_VALUE', 'freeze: expected no freezing with the method adversarial', () => ({ freeze: true })],
    [
      'OPTION_VALUE',
      'contentStrength: expected none with the method gan, got 2',
      () => ({ method: 'gan', contentStrength: 2 }),
    ],
    ['TRAIN_NO_PHOTOS', 'no pictures of the domain in ', () => ({ domain: join(given.folder, 'nowhere') })],
  ])('%s: %s', async (code, message, extra) => {
    await expect(train('wrong', extra())).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(existsSync(join(given.folder, 'wrong'))).toBe(false);
  });
});

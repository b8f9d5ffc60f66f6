import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStyle } from '#src/model/style.js';
import { trainStyle } from '#src/train/methods/method.js';
import type { TrainOptions } from '#src/train/settings/options.js';
import { picture, trainingFolder } from '../fixtures.js';

let given: Awaited<ReturnType<typeof trainingFolder>>;
beforeAll(async () => {
  given = await trainingFolder();
});
afterAll(() => rmSync(given.folder, { recursive: true }));

const options = (name: string, extra: Partial<TrainOptions> = {}): TrainOptions => ({
  pictures: [given.style],
  output: join(given.folder, name),
  lossNetwork: given.lossNetwork,
  tier: 'tiny',
  size: 64,
  steps: 2,
  threads: 2,
  ...extra,
});

describe('where a preset is to be saved', { timeout: 600_000 }, () => {
  it('is looked at before the training: what is there stays, unless asked otherwise', async () => {
    await trainStyle(options('one'));
    const manifest = readFileSync(join(given.folder, 'one', 'preset.json'), 'utf8');
    await expect(trainStyle(options('one', { seed: 2 }))).rejects.toMatchObject({
      code: 'PRESET_EXISTS',
      hint: 'Choose another name, or add --overwrite.',
    });
    expect(readFileSync(join(given.folder, 'one', 'preset.json'), 'utf8')).toBe(manifest);
    rmSync(join(given.folder, 'one'), { recursive: true });
    await expect(trainStyle(options('one'))).rejects.toMatchObject({
      code: 'TRAIN_EXISTS',
      hint: 'Go on with it by --resume, or begin anew with --overwrite.',
    });
    const { preset } = await trainStyle(options('one', { seed: 2, overwrite: true }));
    expect((await readStyle(preset!)).manifest.training!.seed).toBe(2);
  });

  it('may be an empty folder, but no other that is no preset', async () => {
    const output = join(given.folder, 'empty');
    mkdirSync(output);
    expect((await trainStyle(options('empty'))).preset).toBe(output);
    mkdirSync(join(given.folder, 'notes'));
    writeFileSync(join(given.folder, 'notes', 'mine.txt'), 'mine');
    await expect(trainStyle(options('notes', { overwrite: true }))).rejects.toMatchObject({
      code: 'PRESET_EXISTS',
      hint: 'It is no preset, so it is left alone: choose another name.',
    });
    expect(existsSync(join(given.folder, 'notes.training'))).toBe(false);
  });

  it.each(['my wave', 'wäve', '-wave', 'w'.repeat(101), 'auto'])(
    'has a name that a preset can have: not %s',
    async (name) => {
      await expect(trainStyle(options(name))).rejects.toMatchObject({
        code: 'OPTION_VALUE',
        message: expect.stringContaining('output: expected a name of at most 100 letters, digits'),
      });
    },
  );

  it('is the same with a slash behind it', async () => {
    const { preset, training } = await trainStyle(options('slash/'));
    expect([preset, training]).toEqual([join(given.folder, 'slash'), join(given.folder, 'slash.training')]);
    await expect(trainStyle(options('style.png/wave'))).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT',
      message: expect.stringContaining('could not make the folder'),
    });
  });

  it('goes on as it was begun, or not at all', async () => {
    const stop = new AbortController();
    const begun = { temporal: 0.5, steps: 4 };
    const stopped = await trainStyle(options('on', { ...begun, signal: stop.signal, onProgress: () => stop.abort() }));
    expect(stopped.preset).toBeUndefined();
    const other = join(given.folder, 'other.png');
    await picture(160, 120, 3).toFile(other);
    for (const [extra, message] of [
      [{ steps: 9 }, 'steps: expected what the training was begun with, got 9'],
      [{ temporal: 1 }, 'temporal: expected what the training was begun with, got 1'],
      [{ pictures: [other] }, 'nothing to resume: the pictures of the style are not those that it was begun with'],
      [{ photos: given.photos }, 'nothing to resume: the photographs are not those that it was begun with'],
      [{ lossNetwork: undefined }, 'nothing to resume: the loss network is not the one that it was begun with'],
    ] as [Partial<TrainOptions>, string][]) {
      const again = trainStyle(options('on', { ...begun, ...extra, resume: true }));
      await expect(again).rejects.toMatchObject({
        message,
        hint: expect.stringContaining('stylecast train style.png'),
      });
    }
    const { steps: _, ...unsaid } = options('on', { resume: true });
    expect((await trainStyle(unsaid)).steps).toBe(4);
  });

  it('needs the pictures at the beginning only, and says what compares them', async () => {
    const file = join(given.folder, 'gone.png');
    await picture(160, 120, 3).toFile(file);
    const notes: string[] = [];
    const { lossNetwork: _, ...plain } = options('gone', { pictures: [file] });
    const { preset } = await trainStyle({
      ...plain,
      onNote: (note) => notes.push(note),
      onProgress: () => rmSync(file, { force: true }),
    });
    expect((await readStyle(preset!)).manifest.credits[0]!.title).toBe('gone');
    expect(notes).toEqual([expect.stringMatching(/^comparing by /)]);
  });

  it('says what is missing where VGG-19 ends early', async () => {
    const notes: string[] = [];
    await trainStyle({ ...options('early'), onNote: (note) => notes.push(note) });
    expect(notes).toEqual([expect.stringMatching(/^strokes will be softer .* ends at relu3_1$/)]);
  });

  it('takes pictures whatever they are called', async () => {
    const name = `a\tpicture ${'n'.repeat(220)}`;
    await picture(160, 120, 3).toFile(join(given.folder, `${name}.png`));
    const { preset } = await trainStyle(options('named', { pictures: [join(given.folder, `${name}.png`)] }));
    const { manifest } = await readStyle(preset!);
    expect(manifest.credits[0]!.title).toBe(name.replace('\t', ' ').slice(0, 200));
    const pictures = [given.style, join(given.folder, `${name}.png`)];
    const many = await trainStyle(options('many', { method: 'modulated', pictures }));
    const { styles } = (await readStyle(many.preset!)).manifest.modulation!;
    expect(styles[1]!.name).toBe(`a-picture-${'n'.repeat(70)}`);
    expect(existsSync(join(many.preset!, styles[1]!.thumbnail!))).toBe(true);
  });
});

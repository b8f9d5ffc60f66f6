import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { writeModel } from '#src/graph/onnx/write.js';
import { findStyle } from '#src/model/library/find.js';
import { parseManifest } from '#src/model/manifest/schema.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder, makePreset } from '../preset.js';

const first = freshFolder();
const second = freshFolder();
const folders = [first, join(first, 'missing'), second];
for (const name of ['starry', 'wave', 'waves', 'udnie']) makePreset(second, name);
makePreset(first, 'wave', { title: 'my wave' });
makePreset(first, 'broken', '{');
makePreset(second, 'broken');

describe('findStyle', () => {
  it('finds a preset by name, the first folder first', async () => {
    expect((await findStyle('wave', { folders })).manifest.title).toBe('my wave');
    expect((await findStyle('udnie', { folders })).folder).toBe(join(second, 'udnie'));
  });

  it('finds a preset by its folder', async () => {
    expect((await findStyle(join(second, 'wave'), { folders: [] })).manifest.title).toBe('wave');
    expect((await findStyle(`${join(second, 'wave')}/`, { folders: [] })).name).toBe('wave');
  });

  it('finds a bare network by its file, asks its graph and assumes what is usual', async () => {
    const g = new GraphBuilder('foreign');
    g.output('painted', g.op('Identity', [g.input('photo', 'float32', ['n', 48, 64, 3])]));
    const model = writeModel(g.build());
    const file = join(first, 'Über Netz (2).onnx');
    writeFileSync(file, model);
    const style = await findStyle(file, { folders });
    const tensor = { type: 'float32', layout: 'nhwc', channels: 'rgb', range: [0, 1] };
    const sha256 = createHash('sha256').update(model).digest('hex');
    expect(style).toEqual({
      name: 'U-ber-Netz-2',
      model: Buffer.from(model),
      manifest: {
        format: 1,
        name: 'U-ber-Netz-2',
        title: 'U-ber-Netz-2',
        description: '',
        tier: 'foreign',
        licence: 'unstated',
        credits: [],
        model: { file: 'Über Netz (2).onnx', sha256, bytes: model.length },
        input: { ...tensor, name: 'photo', multiple: 1, size: { width: 64, height: 48 } },
        output: { ...tensor, name: 'painted' },
        inputs: [],
        state: [],
      },
    });
    expect(parseManifest(style.manifest, 'preset.json')).toEqual(style.manifest);
  });

  it.each([
    ['garbage', new TextEncoder().encode('<html>not found</html>')],
    ['nothing', new Uint8Array()],
  ])('refuses a bare file of %s', async (_name, bytes) => {
    const file = join(first, 'garbage.onnx');
    writeFileSync(file, bytes);
    expect(await failure(findStyle(file, { folders }))).toMatchObject({
      name: 'GraphError',
      hint: expect.stringContaining('.onnx'),
    });
  });

  it('does not pass over a broken preset', async () => {
    expect(await failure(findStyle('broken', { folders }))).toMatchObject({ code: 'PRESET_MANIFEST' });
  });

  it.each([
    ['wav', 'Did you mean "wave" or "waves"? '],
    ['Stary', 'Did you mean "starry"? '],
    ['s', 'Did you mean "starry"? '],
    ['mosaic-tiles', ''],
    ['', ''],
    ['\u001b[2J', ''],
  ])('does not know %j', async (name, guess) => {
    expect(await failure(findStyle(name, { folders }))).toEqual({
      name: 'PresetError',
      code: 'PRESET_UNKNOWN',
      message: `There is no style ${JSON.stringify(name)}; expected the name of a preset, a preset's folder or an .onnx file.`,
      hint: `${guess}Run "stylecast styles" for the styles there are.`,
    });
  });

  it('takes what has a slash in it for a path', async () => {
    expect(await failure(findStyle('../wave', { folders: [join(second, 'udnie')] }))).toMatchObject({
      code: 'PRESET_NOT_FOUND',
      message: "../wave is not a folder; expected a preset's folder or an .onnx file.",
    });
    expect(await failure(findStyle('..', { folders: [join(second, 'udnie')] }))).toMatchObject({
      code: 'PRESET_NO_MANIFEST',
    });
  });

  it('says that a bare network is missing', async () => {
    expect(await failure(findStyle('nowhere.onnx', { folders }))).toMatchObject({
      code: 'PRESET_NOT_FOUND',
      message: 'nowhere.onnx is no file; expected an .onnx file.',
    });
  });
});

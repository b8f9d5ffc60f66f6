import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { saveStyle } from '#src/model/save.js';
import { pictureNamed, predictedStyle } from '#src/pipeline/predict.js';
import { openStyle } from '#src/pipeline/style.js';
import { freshFolder } from '../fixtures/ffmpeg.js';
import { manyStyles } from '../fixtures/many-styles.js';

const folder = freshFolder();
process.env.STYLECAST_HOME = folder;
writeFileSync(join(folder, 'at 12:30.jpg'), '');

describe('a picture in the place of a style', () => {
  it.each([
    ['wave.jpg', { preset: undefined, picture: 'wave.jpg' }],
    ['a b/Wave.PNG', { preset: undefined, picture: 'a b/Wave.PNG' }],
    ['painters:wave.webp', { preset: 'painters', picture: 'wave.webp' }],
    ['painters:/home/me/wave.jpeg', { preset: 'painters', picture: '/home/me/wave.jpeg' }],
    ['C:\\pictures\\wave.jpg', { preset: undefined, picture: 'C:\\pictures\\wave.jpg' }],
    ['my presets/mine:wave.jpg', { preset: 'my presets/mine', picture: 'wave.jpg' }],
    [join(folder, 'at 12:30.jpg'), { preset: undefined, picture: join(folder, 'at 12:30.jpg') }],
    ['painters:wave', undefined],
    ['network.onnx', undefined],
  ])('%s', (name, expected) => {
    expect(pictureNamed(name)).toEqual(expected);
  });

  it('needs a preset that can paint like any picture', async () => {
    // Those that come with stylecast are looked through as well.
    const { manifest, model } = await manyStyles('few', ['wave', 'scream']);
    const { model: _, ...rest } = manifest;
    const preset = join(folder, 'presets', 'few');
    await saveStyle(preset, rest, model);
    await expect(predictedStyle('wave.jpg', preset)).rejects.toMatchObject({
      code: 'PRESET_ONE_STYLE',
      message: 'few has no network that predicts styles; expected one that can paint like any picture.',
    });
    await expect(openStyle('few:wave.jpg')).rejects.toMatchObject({ code: 'PRESET_ONE_STYLE' });
  });
});

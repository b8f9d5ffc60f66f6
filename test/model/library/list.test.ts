import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listStyles } from '#src/model/library/list.js';
import { freshFolder, makePreset, shortest } from '../preset.js';

const first = freshFolder();
const second = freshFolder();
const credit = { title: 'The Great Wave', author: 'Hokusai', year: 1831 };
makePreset(first, 'wave', { title: 'Wave', licence: 'MIT', credits: [credit] });
makePreset(second, 'wave', { title: 'hidden behind the first' });
makePreset(second, 'autumn');
makePreset(second, '.draft');
makePreset(second, 'broken', '{');
makePreset(second, 'escaping', { model: { ...shortest('x').model, file: '../wave/model.onnx' } });
rmSync(join(makePreset(second, 'hollow'), 'model.onnx'));
mkdirSync(join(second, 'notes'));
writeFileSync(join(second, 'readme.txt'), 'no preset');

describe('listStyles', () => {
  it('lists good presets and reports broken ones beside them', async () => {
    const { styles, broken } = await listStyles({ folders: [first, join(first, 'missing'), second] });
    const usual = { tier: 'lite', bytes: 8, styles: [], anyPicture: false };
    expect(styles).toEqual([
      { ...usual, name: 'autumn', title: 'autumn', licence: 'unstated', credits: [], folder: join(second, 'autumn') },
      { ...usual, name: 'wave', title: 'Wave', licence: 'MIT', credits: [credit], folder: join(first, 'wave') },
    ]);
    expect(broken).toMatchObject([
      {
        name: 'broken',
        folder: join(second, 'broken'),
        code: 'PRESET_MANIFEST',
        problem: `${join(second, 'broken', 'preset.json')} is not JSON; expected a preset's manifest.`,
        hint: 'Correct the file, or import the network again.',
      },
      { name: 'escaping', code: 'PRESET_PATH' },
      { name: 'hollow', code: 'PRESET_NO_MODEL' },
    ]);
  });

  it('has nothing to list where there is nothing', async () => {
    expect(await listStyles({ folders: [] })).toEqual({ styles: [], broken: [] });
  });
});

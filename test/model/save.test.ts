import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '#src/model/manifest/schema.js';
import { saveStyle } from '#src/model/save.js';
import { readStyle } from '#src/model/style.js';
import { failure } from '../fixtures/failure.js';
import { freshFolder, makePreset, network, shortest } from './preset.js';

const folder = freshFolder();
const manifest = parseManifest(shortest('night'), 'preset.json');
const other = new Uint8Array([1, 2, 3]);

/** Everything in a folder, hidden files too. */
function everything(parent: string): string[] {
  return readdirSync(parent, { recursive: true }).map(String).sort();
}

describe('saveStyle', () => {
  it('saves what can be read again, parents included', async () => {
    const target = join(folder, 'a/b/night');
    const saved = await saveStyle(target, manifest, network);
    expect(await readStyle(target)).toEqual({ ...saved, model: Buffer.from(network) });
    expect(saved.manifest).toEqual(manifest);
    expect(everything(join(folder, 'a/b'))).toEqual(['night', 'night/model.onnx', 'night/preset.json']);
  });

  it('measures the network itself', async () => {
    const { manifest: saved } = await saveStyle(join(folder, 'measured'), manifest, other);
    expect(saved.model).toEqual({
      file: 'model.onnx',
      bytes: 3,
      sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81',
    });
  });

  it('never overwrites unasked', async () => {
    const target = makePreset(join(folder, 'taken'), 'night');
    expect(await failure(saveStyle(target, manifest, other))).toEqual({
      name: 'PresetError',
      code: 'PRESET_EXISTS',
      message: `${target} exists already; expected a new folder.`,
      hint: 'Choose another name, or say that it may be overwritten.',
    });
    expect([...(await readStyle(target)).model]).toEqual([...network]);
    await saveStyle(target, manifest, other, { overwrite: true });
    expect([...(await readStyle(target)).model]).toEqual([...other]);
    expect(everything(join(folder, 'taken'))).toEqual(['night', 'night/model.onnx', 'night/preset.json']);
  });

  it('never replaces what is no preset, asked or not', async () => {
    const photos = join(folder, 'photos');
    mkdirSync(photos);
    writeFileSync(join(photos, 'holiday.jpg'), 'x');
    const file = join(folder, 'thesis.txt');
    writeFileSync(file, 'x');
    for (const target of [photos, file]) {
      expect(await failure(saveStyle(target, manifest, network, { overwrite: true }))).toMatchObject({
        code: 'PRESET_EXISTS',
        hint: 'It is no preset, so it is left alone: choose another name.',
      });
    }
    expect(everything(photos)).toEqual(['holiday.jpg']);
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it('lets one of two win that save at once, whole', async () => {
    const target = join(folder, 'race/night');
    const results = await Promise.allSettled([
      saveStyle(target, manifest, network),
      saveStyle(target, manifest, other),
    ]);
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.map(({ reason }) => reason.code)).toEqual(['PRESET_EXISTS']);
    await readStyle(target);
    expect(everything(join(folder, 'race'))).toEqual(['night', 'night/model.onnx', 'night/preset.json']);
  });

  it('leaves nothing behind when it fails', async () => {
    const parent = join(folder, 'empty');
    mkdirSync(parent);
    const wrong = { ...manifest, title: '\u001b[2J' };
    expect(await failure(saveStyle(join(parent, 'x'), wrong, network))).toMatchObject({ code: 'PRESET_MANIFEST' });
    expect(await failure(saveStyle(join(parent, 'n'.repeat(300)), manifest, network))).toMatchObject({
      code: 'PRESET_WRITE',
      message: expect.stringContaining('cannot be written (ENAMETOOLONG'),
      hint: 'Check the free space and the permissions of the folder that it goes into.',
    });
    expect(everything(parent)).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelFile, readStyle } from '#src/model/style.js';
import { failure } from '../fixtures/failure.js';
import { freshFolder, makePreset, network, shortest } from './preset.js';

const folder = freshFolder();
const again = 'The file is damaged or was exchanged: get the preset again, or import the network to make a new one.';

describe('readStyle', () => {
  it('reads a style', async () => {
    const preset = makePreset(folder, 'good');
    const style = await readStyle(preset);
    expect(style).toMatchObject({ name: 'good', folder: preset, manifest: { name: 'good', tier: 'lite' } });
    expect([...style.model]).toEqual([...network]);
  });

  it('reads a network in a folder of the preset, and a manifest with a byte order mark', async () => {
    const file = 'weights/net.onnx';
    const preset = makePreset(folder, 'nested', {});
    mkdirSync(join(preset, 'weights'));
    writeFileSync(join(preset, file), network);
    const manifest = { ...shortest('nested'), model: { ...shortest('nested').model, file } };
    writeFileSync(join(preset, 'preset.json'), `\uFEFF${JSON.stringify(manifest)}`);
    expect((await readStyle(preset)).manifest.model.file).toBe(file);
  });

  it('says that a folder is no preset, or no folder', async () => {
    mkdirSync(join(folder, 'photos'));
    expect(await failure(readStyle(join(folder, 'photos')))).toEqual({
      name: 'PresetError',
      code: 'PRESET_NO_MANIFEST',
      message: `${join(folder, 'photos')} holds no preset.json; expected a preset's folder.`,
      hint: 'Name a folder that "stylecast import" or "stylecast train" made, or the .onnx file itself.',
    });
    expect(await failure(readStyle(join(folder, 'nowhere')))).toEqual({
      name: 'PresetError',
      code: 'PRESET_NOT_FOUND',
      message: `${join(folder, 'nowhere')} is not a folder; expected a preset's folder or an .onnx file.`,
      hint: 'Check the path, or run "stylecast styles" for the styles there are.',
    });
  });

  it.each(['', '{', '\u0000\u001b[2J', '{"format": 1,}', 'PK\u0003\u0004'])('refuses the manifest %j', async (text) => {
    const preset = makePreset(folder, 'garbage', text);
    expect(await failure(readStyle(preset))).toEqual({
      name: 'PresetError',
      code: 'PRESET_MANIFEST',
      message: `${join(preset, 'preset.json')} is not JSON; expected a preset's manifest.`,
      hint: 'Correct the file, or import the network again.',
    });
  });

  it('does not read a manifest of more than 1 MiB', async () => {
    const preset = makePreset(folder, 'long', ' '.repeat(2 ** 20 + 1));
    expect(await failure(readStyle(preset))).toMatchObject({
      code: 'PRESET_TOO_LARGE',
      message: `${join(preset, 'preset.json')} has 1048577 bytes; expected at most 1048576.`,
    });
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe in place of a file', async () => {
    const preset = makePreset(folder, 'pipe');
    rmSync(join(preset, 'model.onnx'));
    execFileSync('mkfifo', [join(preset, 'model.onnx')]);
    expect(await failure(readStyle(preset))).toMatchObject({
      code: 'PRESET_NO_MODEL',
      message: `${join(preset, 'model.onnx')} is not a regular file; expected an ONNX network.`,
    });
    rmSync(join(preset, 'preset.json'));
    execFileSync('mkfifo', [join(preset, 'preset.json')]);
    expect(await failure(readStyle(preset))).toMatchObject({ code: 'PRESET_NO_MANIFEST' });
  });

  it('notices a network of another length', async () => {
    const preset = makePreset(folder, 'short');
    truncateSync(join(preset, 'model.onnx'), 5);
    expect(await failure(readStyle(preset))).toEqual({
      name: 'PresetError',
      code: 'PRESET_CHECKSUM',
      message: `${join(preset, 'model.onnx')} has 5 bytes; its manifest expected 8.`,
      hint: again,
    });
  });

  it('notices a network of the same length with other bytes', async () => {
    const preset = makePreset(folder, 'exchanged');
    writeFileSync(
      join(preset, 'model.onnx'),
      network.map((byte) => byte ^ 1),
    );
    expect(await failure(readStyle(preset))).toEqual({
      name: 'PresetError',
      code: 'PRESET_CHECKSUM',
      message:
        `${join(preset, 'model.onnx')} has SHA-256 3a801e2833b63010c4f90cf152639fbe1f163a4570e4dc1096404da90aa4e5d9; ` +
        `its manifest expected ${shortest('x').model.sha256}.`,
      hint: again,
    });
  });

  it('says that the network is missing', async () => {
    const preset = makePreset(folder, 'empty');
    rmSync(join(preset, 'model.onnx'));
    expect(await failure(readStyle(preset))).toMatchObject({
      code: 'PRESET_NO_MODEL',
      message: `${join(preset, 'model.onnx')} does not exist; the preset's manifest expected it.`,
      hint: 'The preset is incomplete: get it again, or import the network to make a new one.',
    });
  });

  const secret = join(folder, 'secret.onnx');
  writeFileSync(secret, network);

  it.each([
    secret,
    '/etc/passwd',
    '../secret.onnx',
    'weights/../../secret.onnx',
    'weights/..',
    '..',
    '.',
    '..\\secret.onnx',
    'C:\\secret.onnx',
    'C:secret.onnx',
    '\\\\host\\share\\secret.onnx',
    'link.onnx',
    'linked/secret.onnx',
  ])('does not leave the folder for %s', async (file) => {
    const preset = makePreset(folder, 'hostile', { model: { ...shortest('hostile').model, file } });
    rmSync(join(preset, 'link.onnx'), { force: true });
    symlinkSync(secret, join(preset, 'link.onnx'));
    rmSync(join(preset, 'linked'), { force: true });
    symlinkSync(folder, join(preset, 'linked'));
    expect(await failure(readStyle(preset))).toEqual({
      name: 'PresetError',
      code: 'PRESET_PATH',
      message:
        `The preset in ${preset} names the network ${JSON.stringify(file)}, which is outside its folder; ` +
        'expected a file inside it.',
      hint: 'Do not trust this preset, or copy the network into its folder.',
    });
  });

  it('follows a link to a preset, and links inside one', async () => {
    const preset = makePreset(folder, 'real', { model: { ...shortest('real').model, file: 'alias.onnx' } });
    symlinkSync(join(preset, 'model.onnx'), join(preset, 'alias.onnx'));
    symlinkSync(preset, join(folder, 'nickname'));
    expect((await readStyle(join(folder, 'nickname'))).name).toBe('nickname');
  });
});

describe('readModelFile', () => {
  it('does not read a file of more than 2 GiB', async () => {
    const file = join(folder, 'huge.onnx');
    writeFileSync(file, '');
    truncateSync(file, 2 ** 31);
    expect(await failure(readModelFile(file))).toEqual({
      name: 'PresetError',
      code: 'PRESET_TOO_LARGE',
      message: `${file} has 2147483648 bytes; expected at most 2147483647.`,
      hint: 'Export the network with float16 weights, or choose a smaller one.',
    });
  });

  it('says that a file is missing, or a folder', async () => {
    expect(await failure(readModelFile(folder))).toEqual({
      name: 'PresetError',
      code: 'PRESET_NOT_FOUND',
      message: `${folder} is no file; expected an .onnx file.`,
      hint: 'Check the path, or run "stylecast styles" for the styles there are.',
    });
  });
});

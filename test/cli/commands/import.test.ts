import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const launch = join(root, 'src/cli/launch.js');
const network = join(root, 'test/fixtures/local-network/model.onnx');
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [launch, ...args], {
    env: { ...process.env, STYLECAST_HOME: home },
    cwd: home,
  });
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stylecast-import-'));
});
afterAll(() => rm(home, { recursive: true }));

test('an imported network is listed and paints what it painted before', async () => {
  const { stderr } = await run(
    'import',
    network,
    '--name',
    'again',
    '--title',
    'Once more',
    '--channels',
    'rgb',
    '--yes',
  );
  expect(stderr).toContain(`${join(home, 'presets', 'again')}: 0 to 1, RGB; see preview.jpg there.`);
  expect((await readdir(join(home, 'presets', 'again'))).sort()).toEqual(['model.onnx', 'preset.json', 'preview.jpg']);
  const styles = JSON.parse((await run('styles', '--json')).stdout);
  expect(styles).toContainEqual(expect.objectContaining({ name: 'again', title: 'Once more', tier: 'foreign' }));

  const photograph = join(root, 'presets/photograph.jpg');
  await run('image', photograph, '-s', 'again', '-o', 'again.png');
  await run('image', photograph, '-s', network, '-o', 'before.png');
  expect(await readFile(join(home, 'again.png'))).toEqual(await readFile(join(home, 'before.png')));
});

test('a preset is not replaced unasked, and a wrong choice is named', async () => {
  await expect(run('import', network, '--name', 'again', '--channels', 'rgb')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('exists'),
  });
  await expect(run('import', network, '--name', 'x', '--range', '0-100')).rejects.toMatchObject({
    code: 1,
    stderr: 'stylecast: --range is 0-100; expected 0-1, 0-255, -1-1, imagenet.\n  Correct --range or leave it out.\n',
  });
  await expect(run('import', 'clip.mp4', '--name', 'x')).rejects.toMatchObject({
    stderr: 'stylecast: clip.mp4 is no .onnx file.\n  Export the network to ONNX first.\n',
  });
});

test('the image command says that a bare network is read by a guess', async () => {
  const { stderr } = await run('image', join(root, 'presets/photograph.jpg'), '-s', network, '-o', 'bare.png');
  expect(stderr).toContain(
    `note: ${network} is read as 0 to 1, RGB, which is a guess; "stylecast import" lets you choose.`,
  );
});

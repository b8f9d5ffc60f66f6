import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFfmpeg } from '#src/media/ffmpeg/binaries.js';
import { freshFolder, makePreset, run } from '../run.js';

const cwd = freshFolder();
/** Milliseconds; a loaded machine is slow, not wrong. */
const PATIENCE = 900_000;

test('everything is tried, and said for programs', { timeout: PATIENCE }, async () => {
  makePreset(cwd, 'broken', Uint8Array.of(1), { model: { sha256: '0'.repeat(64), bytes: 1 } });
  const { code, stdout, stderr } = await run(cwd, ['doctor', '--json', '--device-limit', '300']);
  const found = JSON.parse(stdout);
  expect({ code, stderr, mainJob: found.mainJob }).toMatchObject({ code: 0, stderr: '', mainJob: { usable: true } });
  expect(found.system).toMatchObject({ platform: process.platform, node: process.versions.node });
  expect(found.ffmpeg.path).toBe((await findFfmpeg()).path);
  expect(found.ffmpeg.encoders.some(({ usable }: { usable: boolean }) => usable)).toBe(true);
  const devices = Object.fromEntries(found.devices.map((check: { device: string }) => [check.device, check]));
  expect(devices.cpu).toMatchObject({ usable: true, gpu: false, mixed: false });
  expect(devices['tfjs:cpu']).toMatchObject({ usable: true });
  // A system has DirectML or Core ML, not both; what is missing says why.
  const foreign = process.platform === 'win32' ? devices.coreml : devices.directml;
  expect(foreign).toMatchObject({ usable: false, reason: expect.stringMatching(/^it needs (Windows|macOS)$/) });
  const presets = Object.fromEntries(found.presets.map((check: { name: string }) => [check.name, check]));
  expect(presets['great-wave']).toMatchObject({ usable: true });
  expect(presets.broken.usable).toBe(false);
  expect(presets.broken.reason).toMatch(/checksum|SHA-256/i);
  expect(found.lossNetwork).toMatchObject({ usable: false, advice: expect.stringContaining('loss-network fetch') });
});

test('where videos cannot be made it ends with 1 and says what to do', { timeout: PATIENCE }, async () => {
  const broken = join(cwd, 'ffmpeg');
  writeFileSync(broken, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const { code, stdout } = await run(cwd, ['doctor', '--device-limit', '300'], { env: { FFMPEG_PATH: broken } });
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ videos +\S*ffmpeg does not start/);
  expect(stdout).toMatch(/✗ ffmpeg .+\n +→ Reinstall ffmpeg, or set FFMPEG_PATH to a working one\./);
  expect(stdout).toMatch(/✓ cpu /);
  expect(stdout).toMatch(/✓ great-wave /);
});

test('without a working GPU the main job goes on, with one warning', async () => {
  const { default: sharp } = await import('sharp');
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#806040' } }).toFile(join(cwd, 'p.png'));
  const env = { VK_ICD_FILENAMES: join(cwd, 'no-driver.json'), CUDA_VISIBLE_DEVICES: '' };
  const { code, stderr } = await run(cwd, ['image', 'p.png', '-s', 'great-wave', '-o', 'q.png', '--device', 'gpu'], {
    env,
  });
  expect(code).toBe(0);
  const [warning, result] = stderr.trim().split('\n').slice(-2);
  // Where there is a GPU, it is named in place of the warning.
  expect(warning).toMatch(/^note: (No GPU can be used here, so the CPU paints: \w+: .+|Painting on .+)$/);
  expect(result).toMatch(/q\.png: 64x64, \d+\.\d s on \S+$/);
});

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freshFolder, LAUNCH, run } from './run.js';

const folder = freshFolder();

describe('help', () => {
  test.for([
    ['', 'stylecast video clip.mp4 --style great-wave -o stylized.mp4'],
    ['video', 'stylecast video clip.mp4 --style great-wave --compare -o stylized.mp4'],
    ['queue', 'stylecast queue add clips/*.mp4 --style ink -o painted/ && stylecast queue run'],
    ['worker', 'stylecast worker --redis redis://render-1 --shared /mnt/films'],
    ['image', 'stylecast image photo.jpg --style great-wave -o painting.jpg'],
    ['styles', 'stylecast styles'],
    ['eval', 'stylecast eval great-wave --style-picture great-wave.jpg --report report.html'],
    ['preview', 'stylecast preview clip.mp4 -o sheet.jpg'],
    ['live', 'stylecast live --camera 0 --style great-wave'],
    ['cameras', 'stylecast cameras'],
    ['frame', 'stylecast frame clip.mp4 120 -o frame_0120.png'],
    ['snap', 'stylecast snap photo.jpg --camera 0'],
  ] as const)('of "%s": what it does, its options, one example', async ([command, example]) => {
    const args = [...command.split(' ').filter(Boolean), '--help'];
    const { code, stdout, stderr } = await run(folder, args);
    expect(stdout).toMatch(new RegExp(`^Usage: stylecast ${command}`));
    expect(stdout).toContain('-h, --help');
    expect(stdout.endsWith(`\nExample:\n  ${example}\n`)).toBe(true);
    expect(stdout.match(/Example:/g)).toHaveLength(1);
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('names every option of video', async () => {
    const { stdout } = await run(folder, ['video', '--help']);
    const options =
      'style output strength stroke-scale keep-colors mask mask-feather style-outside size height device threads start duration codec crf encoder-preset compare denoise steady memory overwrite json quiet';
    for (const option of options.split(' ')) expect(stdout).toContain(`--${option}`);
  });

  test('names every option, and every key, of a live show', async () => {
    const { stdout } = await run(folder, ['live', '--help']);
    const options =
      'camera url file loop screen pattern browser fps height microphone no-audio style second second-share fine-share strength keep-colors mask mask-feather style-outside mirror working-height fresh port host token view-token tls cert key publish kilobits hls record overwrite virtual-camera osc device threads steady denoise json quiet';
    for (const option of options.split(' ')) expect(stdout).toContain(`--${option}`);
    expect(stdout).toContain('Keys while it runs:\n  1-9  style\n');
  });

  test('without a command: help, and a failure', async () => {
    const { code, stderr } = await run(folder, []);
    expect(stderr).toMatch(/^Usage: stylecast /);
    expect(code).toBe(1);
  });

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await run(folder, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

test('help comes at once: no engine, no picture library and no schema is loaded for it', async ({ annotate }) => {
  // Told by Node itself: every module that is loaded, whether imported or required.
  const { stderr } = spawnSync(process.execPath, [LAUNCH, 'video', '--help'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_DEBUG: 'esm,module' },
    maxBuffer: 2 ** 28,
  });
  const packages = new Set([...stderr.matchAll(/node_modules\/((?:@[^/"']+\/)?[^/"']+)/g)].map(([, name]) => name));
  expect([...packages]).toEqual([]);
  // What was put together says in comments what it is of.
  const files = new Set([...stderr.matchAll(/file:\/\/[^\s"']*\/dist\/[^\s"']+\.js/g)].map(([url]) => url));
  const part = /^\/\/ (?:dist\/)?((?:node_modules\/)?[\w.-]+)\/?.*\.[cm]?js$/gm;
  const parts = [...files].flatMap((url) =>
    [...readFileSync(new URL(url), 'utf8').matchAll(part)].map(([, name]) => name),
  );
  expect([...new Set(parts)].sort()).toEqual(['cli', 'errors', 'media', 'node_modules/commander']);

  const median = (args: readonly string[]) => {
    const times = Array.from({ length: 9 }, () => {
      const began = performance.now();
      execFileSync(process.execPath, args, { stdio: 'ignore' });
      return performance.now() - began;
    });
    return times.sort((a, b) => a - b)[4]!;
  };
  const [bare, help] = [median(['-e', '0']), median([LAUNCH, '--help'])];
  await annotate(`node -e 0: ${bare.toFixed(0)} ms, stylecast --help: ${help.toFixed(0)} ms (medians of nine)`);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freshFolder, makeClip, run } from '../run.js';

const folder = freshFolder();
makeClip(folder, 'clip.mp4', 0.2);
const few = ['eval', 'great-wave', '--clips', 'clip.mp4', '--frames', '3', '--device', 'cpu', '--threads', '2'];

test('a table for people, and a page', async () => {
  const { code, stdout, stderr } = await run(folder, [...few, '--report', 'report.html']);
  expect(stderr).toContain('on 3 pictures, with fixed random filters');
  expect(stderr).toContain(', steady on, denoise off');
  const [head, wave] = stdout.split('\n');
  expect(head!.split(/ {2,}/)).toEqual(
    'style,distance,(source),content,SSIM,MSE,warping,(source),flicker,GMAC,weights,KiB,ms,fps'.split(','),
  );
  expect(wave).toMatch(
    /^great-wave\s+-\s+-\s+\d+\.\d{3}\s+-?0\.\d{3}\s+0\.\d{4}\s+0\.\d{5}\s+0\.\d{5}\s+\d+\.\d\d\s+1\.32\s+206,924/,
  );
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<h1>Styles, measured</h1>');
  expect(code).toBe(0);
});

test('JSON lines for programs', async () => {
  const { stdout } = await run(folder, [...few, '--denoise', '--json']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.slice(0, -1).every(({ type }) => type === 'progress')).toBe(true);
  expect(lines.at(-1)).toMatchObject({
    type: 'result',
    judged: 3,
    denoise: true,
    styles: [{ name: 'great-wave', tier: 'lite', cost: { gmac: 1.325 }, clips: [{ name: 'clip', frames: 3 }] }],
  });
  expect(JSON.stringify(lines.at(-1))).not.toContain('flickerMap');
});

test('a page that cannot be written is refused before the work', async () => {
  const { code, stdout, stderr } = await run(folder, [...few, '--report', 'nowhere/report.html']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('stylecast: nowhere/report.html cannot be written: ENOENT');
});

test('finished pictures are judged beside their photograph', async () => {
  const photograph = fileURLToPath(new URL('../../../presets/photograph.jpg', import.meta.url));
  await run(folder, ['image', photograph, '-s', 'ink', '-o', 'ink.png', '--device', 'cpu']);
  const { stdout, code } = await run(folder, ['eval', '--paintings', photograph, 'ink.png', '--sources', photograph]);
  const [head, same, ink, , diversity] = stdout.split('\n');
  expect(head).toMatch(/^painting +content +SSIM +MSE$/);
  expect(same).toMatch(/^photograph\.jpg +0\.000 +1\.000 +0\.0000$/);
  const [, content, similar, error] = ink!.split(/ +/).map(Number);
  expect(content).toBeGreaterThan(0.1);
  expect(similar).toBeLessThan(0.9);
  expect(error).toBeGreaterThan(0.005);
  expect(diversity).toMatch(/^diversity: 0\.\d+ in pixels, \d\.\d+ in features$/);
  expect(code).toBe(0);
});

test('as many sources as paintings are expected, and no styles beside them', async () => {
  const wrong = await run(folder, ['eval', '--paintings', 'a.png', 'b.png', 'c.png', '--sources', 'a.png', 'b.png']);
  expect(wrong.stderr).toContain('3 paintings and 2 sources are given; expected one source for all, or one each.');
  const both = await run(folder, ['eval', 'ink', '--paintings', 'a.png', '--sources', 'a.png']);
  expect(both.stderr).toContain('ink and --paintings are given; expected one of them.');
  const useless = await run(folder, [
    'eval',
    '--paintings',
    'a.png',
    '--sources',
    'a.png',
    '--style-picture',
    'b.png',
    '--frames',
    '3',
  ]);
  expect(useless.stderr).toContain('--frames and --paintings are given; expected one of them.');
  const page = await run(folder, ['eval', 'ink', '--report', '.']);
  expect(page.stderr).toContain('. cannot be written: it is a folder');
  expect([wrong.code, both.code]).toEqual([1, 1]);
});

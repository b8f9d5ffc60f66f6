import { readFileSync, writeFileSync } from 'node:fs';
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
  const [paintings, moving] = stdout.split('\n\n').map((part) => part.split('\n'));
  const heads = (part: readonly string[]) => part[0]!.split(/ {2,}/);
  expect(heads(paintings!)).toEqual(expect.arrayContaining('style,light,colour,content,SSIM,MSE'.split(',')));
  expect(heads(moving!)).toEqual('style,warping,(source),flicker,GMAC,weights,KiB,ms,fps'.split(','));
  expect(paintings![1]).toMatch(/^great-wave\s+-?0\.\d\d\s.*\s\d+\.\d{3}\s+-?0\.\d{3}\s+0\.\d{4}$/);
  expect(moving![1]).toMatch(/^great-wave\s+0\.\d{5}\s+0\.\d{5}\s+\d+\.\d\d\s+1\.32\s+206,924/);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<h1>Styles, measured</h1>');
  expect(code).toBe(0);
});

test('JSON lines for programs', async () => {
  const { stdout } = await run(folder, [...few, '--denoise', '--json']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.slice(0, -1).every(({ type }) => type === 'note' || type === 'progress')).toBe(true);
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
  expect(head).toMatch(/^painting +light +colour +content +SSIM +MSE$/);
  expect(same).toMatch(/^photograph\.jpg +1\.00 +1\.00 +0\.000 +1\.000 +0\.0000$/);
  const [, , , content, similar, error] = ink!.split(/ +/).map(Number);
  expect(content).toBeGreaterThan(0.1);
  expect(similar).toBeLessThan(0.9);
  expect(error).toBeGreaterThan(0.005);
  expect(diversity).toMatch(/^diversity: 0\.\d+ in pixels, \d\.\d+ in features$/);
  expect(code).toBe(0);
});

test('folders of paintings stand beside styles', async () => {
  const photos = fileURLToPath(new URL('../../../presets/photographs', import.meta.url));
  const given = ['--photos', photos, '--most', '1', '--paintings', `same=${photos},${photos}/night.jpg`];
  const { stdout, stderr, code } = await run(folder, ['eval', 'ink', ...given, '--device', 'cpu', '--height', '96']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const [head, ink, same] = stdout.split('\n').map((line) => line.split(/ +/));
  expect([head![0], ink![0], same![0]]).toEqual(['style', 'ink', 'same']);
  expect(same!.slice(-3)).toEqual(['0.000', '1.000', '0.0000']);
  expect(stderr).toContain('same: castle are scaled to the size of their photograph');
  const wrong = await run(folder, ['eval', '--paintings', ',picture.jpg', '--photos', photos]);
  expect(wrong.stderr).toContain('--paintings: expected [name=]folder[,style picture], got ",picture.jpg"');
});

test('what was compared blind is ranked by the votes', async () => {
  const page = [
    '--photos',
    fileURLToPath(new URL('../../../presets/photographs', import.meta.url)),
    '--report',
    'two.html',
  ];
  const small = ['--most', '1', '--height', '96', '--device', 'cpu'];
  const { stderr } = await run(folder, ['eval', 'ink', 'cel', ...page, ...small]);
  expect(stderr).toContain('Compare the paintings blind, in pairs, in two.blind.html.');
  expect(readFileSync(join(folder, 'two.html'), 'utf8')).toContain('<a href="two.blind.html">');
  expect(readFileSync(join(folder, 'two.blind.html'), 'utf8')).toContain('<h1>Which one is better?</h1>');
  const votes = [1, 2, 3].map(() => ({ photograph: 'castle', left: 'ink', right: 'cel', choice: 'right' }));
  writeFileSync(join(folder, 'votes.json'), JSON.stringify({ kind: 'stylecast votes', votes }));
  const { stdout, code } = await run(folder, ['eval', '--votes', 'votes.json']);
  const [head, cel, ink] = stdout.split('\n').map((line) => line.split(/ +/));
  expect(head).toEqual(['painter', 'pairs', 'won', 'equal', 'lost', 'liked', 'from', 'to']);
  expect(cel!.slice(0, 5)).toEqual(['cel', '3', '3', '0', '0']);
  expect(ink!.slice(0, 5)).toEqual(['ink', '3', '0', '0', '3']);
  expect(code).toBe(0);
  const both = await run(folder, ['eval', '--votes', 'votes.json', '--photos', '.']);
  expect(both.stderr).toContain('--photos and --votes are given; expected one of them.');
});

test('as many sources as paintings are expected, and no styles beside them', async () => {
  const wrong = await run(folder, ['eval', '--paintings', 'a.png', 'b.png', 'c.png', '--sources', 'a.png', 'b.png']);
  expect(wrong.stderr).toContain('3 paintings and 2 sources are given; expected one source for all, or one each.');
  const both = await run(folder, ['eval', 'ink', '--paintings', 'a.png', '--sources', 'a.png']);
  expect(both.stderr).toContain('ink and --sources are given; expected one of them.');
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
  expect(useless.stderr).toContain('--frames and --sources are given; expected one of them.');
  const page = await run(folder, ['eval', 'ink', '--report', '.']);
  expect(page.stderr).toContain('. cannot be written: it is a folder');
  expect([wrong.code, both.code]).toEqual([1, 1]);
});

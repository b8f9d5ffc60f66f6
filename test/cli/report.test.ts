import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { invert } from '../engine/networks.js';
import {
  ffmpeg,
  freshFolder,
  jsonLines,
  LAUNCH,
  listing,
  look,
  makeClip,
  makePreset,
  processesIn,
  run,
} from './run.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const STYLE = ['-s', 'invert'];

beforeAll(() => {
  makePreset(folder, 'invert', writeModel(invert), {
    credits: [{ title: 'Negative', author: 'Nobody', year: 1840 }],
  });
  makeClip(folder, 'clip.mp4', 2);
  makeClip(folder, 'odd.mp4');
  ffmpeg(folder, '-i', 'clip.mp4', '-frames:v', '1', 'picture.png');
  ffmpeg(folder, '-i', 'clip.mp4', '-frames:v', '1', 'other.jpg');
});

describe('a video', () => {
  test('for people: one line at the end, on stderr', async () => {
    const { code, stdout, stderr } = await run(folder, ['video', 'clip.mp4', ...STYLE, '-o', 'plain.mp4']);
    expect(stderr).toMatch(/^plain\.mp4: 50 frames, 160x90, \d+:\d\d \(\d+\.\d fps on cpu\)\n$/);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(look(at('plain.mp4'))).toMatchObject({ frames: 50, width: 160, height: 90 });
  });

  test('--quiet says nothing', async () => {
    const args = ['video', 'clip.mp4', ...STYLE, '-o', 'quiet.mp4', '--quiet', '--size', '161x91'];
    expect(await run(folder, args)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(look(at('quiet.mp4'))).toMatchObject({ frames: 50, width: 161, height: 91 });
  });

  test('--json: progress, notes and the result as lines on stdout', async () => {
    const args = ['video', 'clip.mp4', ...STYLE, '-o', 'json.mp4', '--json', '--size', '161x91', '--compare'];
    const { code, stdout, stderr } = await run(folder, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.endsWith('\n')).toBe(true);
    const lines = jsonLines(stdout);
    const progress = lines.filter(({ type }) => type === 'progress');
    expect(progress.length).toBeGreaterThanOrEqual(2);
    expect(Object.keys(progress[0]!)).toEqual(['type', 'frames', 'total', 'fps', 'elapsed', 'left', 'bottleneck']);
    expect(progress.at(-1)).toMatchObject({ frames: 50, total: 50, left: 0 });
    const text = '322x91 is odd: encoded as 4:4:4 to keep the size. Some players want even sizes (--size).';
    expect(lines.filter(({ type }) => type === 'note')).toEqual([{ type: 'note', text }]);
    expect(lines.at(-1)).toEqual({
      type: 'result',
      output: 'json.mp4',
      frames: 50,
      width: 322,
      height: 91,
      seconds: expect.any(Number),
      fps: expect.any(Number),
      device: 'cpu',
      interrupted: false,
      bottleneck: expect.stringMatching(/^(decode|network|encode)$/),
      notes: [text],
    });
  });

  test('--json: errors are lines too, also those of the command line itself', async () => {
    const missing = await run(folder, ['video', 'none.mp4', ...STYLE, '-o', 'out.mp4', '--json']);
    expect(jsonLines(missing.stdout)).toEqual([
      { type: 'error', code: 'MEDIA_NOT_FOUND', message: 'none.mp4 does not exist.', hint: 'Check the path.' },
    ]);
    const usage = await run(folder, ['video', 'clip.mp4', '--json', ...STYLE]);
    expect(jsonLines(usage.stdout)).toEqual([
      { type: 'error', code: 'USAGE', message: "required option '-o, --output <file|folder>' not specified" },
    ]);
    expect([missing.code, usage.code]).toEqual([1, 1]);
  });

  test('a reader that leaves after the first line does not stop the work', () => {
    const command = `"$0" "$1" video clip.mp4 -s invert -o head.mp4 --json | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, LAUNCH], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(jsonLines(stdout)).toHaveLength(1);
    // The pipe's writer may outlive its reader.
    for (let n = 0; n < 200 && processesIn(folder).length > 0; n++) execFileSync('sleep', ['0.05']);
    expect(processesIn(folder)).toEqual([]);
    expect(look(at('head.mp4')).frames).toBe(50);
    expect(listing(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  const script = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '';
  test.skipIf(!script.includes('util-linux'))('on a terminal: a bar that is cleared (skipped without script)', () => {
    const command = `stty cols 70; "${process.execPath}" "${LAUNCH}" video clip.mp4 -s invert -o tty.mp4`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: folder, encoding: 'utf8' });
    const drawn = stdout.split('\r').filter((part) => part.includes('fps  '));
    expect(drawn.length).toBeGreaterThanOrEqual(2);
    for (const line of drawn) {
      const text = line.replace('\u001b[K', '');
      expect(text.length).toBeLessThan(70);
      expect(text).toMatch(
        /^([█░]+ {2})?\d+ % {2}\d+\/50 {2}\d+\.\d fps( {2}\d+:\d\d left)? {2}waiting for: (decode|network|encode)$/,
      );
    }
    expect(stdout.split('\r\u001b[K').at(-1)).toMatch(
      /^tty\.mp4: 50 frames, 160x90, \d+:\d\d \(\d+\.\d fps on cpu\)\r\n$/,
    );
  });
});

describe('pictures', () => {
  test('one into a file', async () => {
    const { code, stdout, stderr } = await run(folder, ['image', 'picture.png', ...STYLE, '-o', 'painted.webp']);
    expect(stderr).toMatch(/^painted\.webp: 160x90, \d+\.\d s on cpu\n$/);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(readFileSync(at('painted.webp')).subarray(8, 12).toString()).toBe('WEBP');
  });

  test('several into a folder; one that is broken does not stop the others', async () => {
    mkdirSync(at('gallery'));
    const args = ['image', 'picture.png', 'clip.mp4', 'other.jpg', ...STYLE, '-o', 'gallery', '--height', '60'];
    const { code, stderr } = await run(folder, args);
    const [first, second, hint, last] = stderr.split('\n');
    expect(first).toMatch(/^gallery\/picture\.png: 107x60, /);
    expect(second).toBe(
      'stylecast: clip.mp4 is not a picture that can be read: Input buffer contains unsupported image format',
    );
    expect(hint).toBe('  Expected a whole JPEG, PNG or WebP file.');
    expect(last).toMatch(/^gallery\/other\.jpg: 107x60, /);
    expect(code).toBe(1);
    expect(listing(at('gallery'))).toEqual(['other.jpg', 'picture.png']);
  });
});

describe('styles', () => {
  test('a table', async () => {
    const { code, stdout } = await run(folder, ['styles']);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual(['NAME', 'TITLE', 'TIER', 'TIME', 'SIZE', 'AFTER']);
    expect(rows).toContainEqual(['invert', 'invert', 'lite', '-', '0.0 MB', 'Negative (Nobody, 1840)']);
    expect(code).toBe(0);
  });

  test('--json: an array', async () => {
    const { stdout, stderr } = await run(folder, ['styles', '--json']);
    const all: Record<string, unknown>[] = JSON.parse(stdout);
    expect(all.find(({ name }) => name === 'invert')).toEqual({
      name: 'invert',
      title: 'invert',
      tier: 'lite',
      licence: 'unstated',
      credits: [{ title: 'Negative', author: 'Nobody', year: 1840 }],
      bytes: writeModel(invert).length,
      folder: at('presets/invert'),
      styles: [],
      anyPicture: false,
    });
    expect(stderr).toBe('');
  });

  test('a broken preset is told beside the others', async () => {
    const other = freshFolder();
    makePreset(other, 'good', writeModel(invert));
    makePreset(other, 'bad', writeModel(invert), { tier: 'heavy' });
    const { code, stdout, stderr } = await run(other, ['styles']);
    expect(stdout).toContain('good');
    expect(stderr.replaceAll(other, 'FOLDER').split('\n')).toEqual([
      'stylecast: FOLDER/presets/bad/preset.json: field "tier" is "heavy"; expected one of "lite", "standard", "fine", "tiny", "foreign".',
      '  Correct the field, or import the network again.',
      '',
    ]);
    expect(code).toBe(0);
  });
});

import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { invert } from '../engine/networks.js';
import {
  commandOf,
  ffmpeg,
  freshFolder,
  LAUNCH,
  listing,
  look,
  makeClip,
  makePreset,
  processesIn,
  run,
  start,
} from './run.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const STYLE = ['-s', 'invert'];

beforeAll(() => {
  makePreset(folder, 'invert', writeModel(invert));
  makeClip(folder, 'clip.mp4');
  makeClip(folder, 'long.mp4', 60);
});

test('a whole file is not taken for damaged by its name or its title', async () => {
  const name = 'corrupt, truncated.mp4';
  ffmpeg(folder, '-i', 'clip.mp4', '-c', 'copy', '-metadata', 'title=The partial file', name);
  const { code, stderr } = await run(folder, ['video', name, ...STYLE, '-o', 'fine.mp4']);
  expect({ code, notes: stderr.match(/damaged/g) }).toEqual({ code: 0, notes: null });
});

test('a truncated file gives all frames that there are, and says how many', async () => {
  ffmpeg(folder, '-i', 'clip.mp4', '-c', 'copy', '-movflags', 'faststart', 'cut.mp4');
  truncateSync(at('cut.mp4'), Math.round(statSync(at('cut.mp4')).size * 0.6));
  const { code, stderr } = await run(folder, ['video', 'cut.mp4', ...STYLE, '-o', 'whole.mp4']);
  expect(code).toBe(0);
  const { frames } = look(at('whole.mp4'));
  expect(frames).toBeGreaterThan(5);
  expect(frames).toBeLessThan(25);
  expect(stderr).toMatch(new RegExp(`^note: cut.mp4 is damaged: ${frames} of 25 frames could be read \\(.+\\)\\.\n`));
  expect(stderr).toMatch(new RegExp(`\nwhole.mp4: ${frames} frames, 160x90, `));
});

describe('ffmpeg killed in the middle', () => {
  test.for([
    ['the decoder', 'rawvideo -pix_fmt rgb24', 'decoding long.mp4'],
    ['the encoder', 'pipe:0', 'encoding killed.partial.mp4'],
  ] as const)('%s', async ([, mark, doing]) => {
    const before = listing(folder);
    const running = start(folder, ['video', 'long.mp4', ...STYLE, '-o', 'killed.mp4', '--json']);
    await running.frames(3);
    const victim = processesIn(folder).find((pid) => commandOf(pid).includes(mark));
    process.kill(victim!, 'SIGKILL');
    const { code, stdout, stderr } = await running.ended;
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toEqual({
      type: 'error',
      code: 'MEDIA_FFMPEG_KILLED',
      message: `ffmpeg was killed (SIGKILL) while ${doing}.`,
      hint: 'If nobody did that, the system may have run out of memory: try a smaller --height.',
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(listing(folder)).toEqual(before);
    expect(processesIn(folder)).toEqual([]);
  });
});

/** Mounts a small file system on a folder; undefined where that is not allowed. */
function mounted(name: string, options: string): string | undefined {
  const path = at(name);
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  afterAll(() => execFileSync('umount', [path]));
  return path;
}

describe('a full disk', () => {
  const small = mounted('small', 'size=64k');
  test.skipIf(!small)('video (skipped where nothing can be mounted)', async () => {
    const args = ['video', 'clip.mp4', ...STYLE, '-o', 'small/out.mp4', '--crf', '0'];
    const { code, stderr } = await run(folder, args);
    expect(stderr.split('\n')).toEqual([
      'stylecast: ffmpeg failed while encoding small/out.partial.mp4: the disk is full.',
      '  Free some space, or write to another disk with -o.',
      '',
    ]);
    expect(code).toBe(1);
    expect(listing(at('small'))).toEqual([]);
    expect(processesIn(folder)).toEqual([]);
  });

  const room = mounted('room', 'size=64k');
  test.skipIf(!room)(
    'long work says so, and goes on when there is room (skipped where nothing can be mounted)',
    async () => {
      const args = ['video', 'clip.mp4', ...STYLE, '-o', 'room/out.mp4', '--crf', '0', '--resume'];
      const full = await run(folder, args);
      expect(full.stderr.split('\n').slice(1)).toEqual([
        expect.stringMatching(/^stylecast: ffmpeg failed while encoding .*: the disk is full\.$/),
        '  Free some space and give the same command again: what is done is kept in room/out.mp4.stylecast-job.',
        '',
      ]);
      expect(full.code).toBe(1);
      execFileSync('mount', ['-o', 'remount,size=8m', room!]);
      const { code, stderr } = await run(folder, args);
      expect(stderr).toContain('note: Resuming: 0 of 1 segments are done.');
      expect(code).toBe(0);
      expect(listing(at('room'))).toEqual(['out.mp4']);
    },
  );

  test.skipIf(!small)('picture (skipped where nothing can be mounted)', async () => {
    ffmpeg(
      folder,
      '-f',
      'lavfi',
      '-i',
      'nullsrc=size=200x200,geq=random(1)*255:128:128',
      '-frames:v',
      '1',
      'noise.png',
    );
    const { code, stderr } = await run(folder, ['image', 'noise.png', ...STYLE, '-o', 'small/out.png']);
    expect(stderr.split('\n')).toEqual([
      'stylecast: small/out.partial.png cannot be written: ENOSPC: no space left on device, write',
      '  Free some space, or write to another disk with -o.',
      '',
    ]);
    expect(code).toBe(1);
    expect(listing(at('small'))).toEqual([]);
  });
});

describe('an output folder that cannot be written', () => {
  const readOnly = mounted('fixed', 'ro,size=64k');
  const expected = (name: string) => [
    `stylecast: The output folder ${at(name)} is not writable.`,
    '  Choose a folder that you may write to with -o.',
    '',
  ];

  test.skipIf(!readOnly)('a read-only file system (skipped where nothing can be mounted)', async () => {
    const { code, stderr } = await run(folder, ['video', 'clip.mp4', ...STYLE, '-o', 'fixed/out.mp4']);
    expect(stderr.split('\n')).toEqual(expected('fixed'));
    expect(code).toBe(1);
  });

  const root = process.getuid?.() === 0;
  const NOBODY = 65534;
  const everybody = (path: string): boolean =>
    path === '/' || ((statSync(path).mode & 5) === 5 && everybody(join(path, '..')));
  test.skipIf(root && !everybody(join(LAUNCH, '..')))(
    "somebody else's folder (skipped where root's files are private)",
    async () => {
      mkdirSync(at('locked'));
      chmodSync(folder, 0o755);
      chmodSync(at('locked'), 0o555);
      if (!root) expect(() => accessSync(at('locked'), constants.W_OK)).toThrow();
      const args = ['video', 'clip.mp4', ...STYLE, '-o', 'locked/out.mp4'];
      const { code, stderr } = await run(folder, args, root ? { uid: NOBODY } : {});
      expect(stderr.split('\n')).toEqual(expected('locked'));
      expect(code).toBe(1);
      expect(listing(at('locked'))).toEqual([]);
    },
  );
});

test('an output that appears while the work goes on is not replaced', async () => {
  const running = start(folder, ['video', 'long.mp4', '--duration', '8', ...STYLE, '-o', 'late.mp4', '--json']);
  await running.frames(1);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(at('late.mp4'), 'mine');
  const { code, stdout } = await running.ended;
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toEqual({
    type: 'error',
    code: 'OUTPUT_EXISTS',
    message: 'late.mp4 appeared while the work went on.',
    hint: 'The result is kept as late.partial.mp4.',
  });
  expect(code).toBe(1);
  expect(readFileSync(at('late.mp4'), 'utf8')).toBe('mine');
  expect(look(at('late.partial.mp4')).frames).toBe(200);
});

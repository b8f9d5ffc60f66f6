import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { invert } from '../engine/networks.js';
import { longClip } from '../jobs/long-clip.js';
import { ffmpeg, freshFolder, jsonLines, listing, makePreset, start } from './run.js';

const folder = freshFolder();
const job = (name: string) => `${name}.stylecast-job`;
const video = (output: string, ...more: string[]) => {
  const fast = ['--crf', '0', '--encoder-preset', 'ultrafast'];
  return ['video', 'long.mp4', '-s', 'invert', '-o', output, '--resume', '--json', ...fast, ...more];
};
const notesOf = (stdout: string) => jsonLines(stdout).flatMap(({ type, text }) => (type === 'note' ? [text] : []));

beforeAll(() => {
  makePreset(folder, 'invert', writeModel(invert));
  longClip(join(folder, 'long.mp4'), '96x54');
});

/** Checksums of all decoded frames. */
function framesOf(name: string): string {
  ffmpeg(folder, '-i', name, '-map', '0:v', '-f', 'framemd5', `${name}.md5`);
  return readFileSync(join(folder, `${name}.md5`), 'utf8').replace(/^#.*\n/gm, '');
}

test('Ctrl-C says how to go on', async () => {
  const running = start(folder, video('stopped.mp4'));
  await running.frames(80);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  const result = jsonLines(stdout).at(-1) as { kept?: { done: number } };
  expect(result).toMatchObject({ type: 'result', interrupted: true, kept: { folder: job('stopped.mp4'), of: 4 } });
  expect([1, 2, 3]).toContain(result.kept?.done);
  // Nothing but the job: no file that looks like a result.
  const kept = job('stopped.mp4');
  const others = listing(folder).filter((name) => name.startsWith('stopped') && !name.startsWith(`${kept}/`));
  expect(others).toEqual([kept]);
});

test('killed at random moments, its frames are those of a run that nobody killed', async () => {
  const whole = start(folder, video('whole.mp4'));
  expect((await whole.ended).code).toBe(0);
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.info(`seed ${seed}`);
  let state = seed;
  for (let kills = 0; kills < 3; kills++) {
    const running = start(folder, video('killed.mp4'), { detached: true });
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    // Each run gets a little further, and none near the end.
    await running.frames(60 * kills + ((state >> 8) % 60));
    process.kill(-running.child.pid!, 'SIGKILL');
    await running.ended;
  }
  const { code, stdout } = await start(folder, video('killed.mp4')).ended;
  expect(code).toBe(0);
  expect(notesOf(stdout)[0]).toMatch(/^Resuming: [1-3] of 4 segments are done\.$/);
  expect(framesOf('killed.mp4')).toBe(framesOf('whole.mp4'));
  expect(existsSync(join(folder, job('killed.mp4')))).toBe(false);
});

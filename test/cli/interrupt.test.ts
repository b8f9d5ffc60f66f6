import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { conv, invert, network } from '../engine/networks.js';
import { type Ended, freshFolder, jsonLines, listing, look, makeClip, makePreset, processesIn, start } from './run.js';

const folder = freshFolder();
const STOPPING = 'stopping: finishing what was done so far. Ctrl-C again stops at once.';

beforeAll(() => {
  makePreset(folder, 'invert', writeModel(invert));
  // About a second a frame: whoever interrupts twice does so while a frame is being painted.
  const slow = network((g, x) => {
    let value = conv(g, x, 64);
    for (let n = 0; n < 90; n++) value = conv(g, value, 64, { seed: n });
    return conv(g, value, 3);
  });
  makePreset(folder, 'slow', writeModel(slow));
  makeClip(folder, 'long.mp4', 60);
});

const video = (style: string, output: string) => ['video', 'long.mp4', '-s', style, '-o', output, '--json'];

/** What must be true after a first interruption. */
function expectFinished({ code, signal, stdout, stderr }: Ended, name: string): void {
  const lines = jsonLines(stdout);
  expect({ code, signal, stderr }).toEqual({ code: 130, signal: null, stderr: '' });
  expect(lines).toContainEqual({ type: 'note', text: STOPPING });
  const result = lines.at(-1)!;
  expect(result).toMatchObject({ type: 'result', output: `${name}.partial.mp4`, interrupted: true, width: 160 });
  const found = look(join(folder, `${name}.partial.mp4`));
  expect(found.frames).toBe(result.frames);
  expect(found.frames).toBeGreaterThanOrEqual(10);
  expect(found.frames).toBeLessThan(1500);
  // Sound ends with the picture, within a packet of 1024 samples.
  expect(Math.abs(found.audio - found.video)).toBeLessThan(0.07);
  expect(listing(folder).filter((file) => file.startsWith(name))).toEqual([`${name}.partial.mp4`]);
  expect(processesIn(folder)).toEqual([]);
}

describe('once: what was done is finished under a partial name', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)('%s', async (signal) => {
    const name = signal.toLowerCase();
    const running = start(folder, video('invert', `${name}.mp4`));
    await running.frames(10);
    running.child.kill(signal);
    expectFinished(await running.ended, name);
  });

  test('Ctrl-C in a terminal, which signals all processes of the group', async () => {
    const running = start(folder, video('invert', 'group.mp4'), { detached: true });
    await running.frames(10);
    process.kill(-running.child.pid!, 'SIGINT');
    expectFinished(await running.ended, 'group');
  });

  test('the same Ctrl-C told twice, by the terminal and by npx', async () => {
    const running = start(folder, video('invert', 'doubled.mp4'));
    await running.frames(10);
    running.child.kill('SIGINT');
    await wait(20);
    running.child.kill('SIGINT');
    expectFinished(await running.ended, 'doubled');
  });

  test('a second run does not touch what the first left', async () => {
    const running = start(folder, video('invert', 'sigint.mp4'));
    await running.frames(10);
    running.child.kill('SIGINT');
    const lines = jsonLines((await running.ended).stdout);
    expect(lines.at(-1)).toMatchObject({ output: 'sigint.partial-2.mp4' });
    expect(look(join(folder, 'sigint.partial.mp4')).frames).toBeGreaterThanOrEqual(10);
  });

  test('before the first frame there is nothing to keep', async () => {
    const before = listing(folder);
    const running = start(folder, ['video', 'long.mp4', '-s', 'slow', '-o', 'early.mp4']);
    // The encoder has begun: the first frame is being painted.
    while (!listing(folder).includes('early.partial.mp4') && processesIn(folder).length < 3) await wait(20);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    const last = stderr.trimEnd().split('\n').at(-1)!;
    // A frame that was under way may still have been finished.
    if (last.startsWith('stopped before')) {
      expect(stderr).toBe(`note: ${STOPPING}\nstopped before the first frame; nothing was written\n`);
      expect(listing(folder)).toEqual(before);
    } else expect(last).toMatch(/^stopped; what was done is in early\.partial\.mp4: \d+ frames, 160x90, /);
    expect(processesIn(folder)).toEqual([]);
  });
});

test('twice: it stops at once, inside a frame, without a word from native code, and leaves nothing', async () => {
  const before = listing(folder);
  const running = start(folder, video('slow', 'twice.mp4'));
  await running.frames(1);
  running.child.kill('SIGINT');
  await wait(400);
  running.child.kill('SIGINT');
  const { code, signal, stdout, stderr } = await running.ended;
  expect({ code, signal, stderr }).toEqual({ code: null, signal: 'SIGINT', stderr: '' });
  expect(jsonLines(stdout).map(({ type }) => type)).not.toContain('result');
  expect(listing(folder)).toEqual(before);
  // Killed processes take a moment to be gone.
  for (let n = 0; n < 100 && processesIn(folder).length > 0; n++) await wait(20);
  expect(processesIn(folder)).toEqual([]);
});

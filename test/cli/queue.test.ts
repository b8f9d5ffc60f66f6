import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeModel } from '#src/graph/onnx/write.js';
import { invert } from '../engine/networks.js';
import { longClip } from '../jobs/long-clip.js';
import { freshFolder, jsonLines, look, makeClip, makePreset, run, start } from './run.js';

const folder = freshFolder();
/** A busy machine is no failure: what hangs is ended by the test's own limit. */
const PATIENT = { interval: 20, timeout: 290_000 };
const queue = (...args: string[]) => ['queue', ...args];
const fast = ['-s', 'invert', '--crf', '0', '--encoder-preset', 'ultrafast'];
const entries = (stdout: string) => jsonLines(stdout).filter(({ type }) => type === 'entry');

beforeAll(() => {
  makePreset(folder, 'invert', writeModel(invert));
  longClip(join(folder, 'long.mp4'), '96x54');
});

test('a killed run goes on where it was; what fails is listed with its reason', async () => {
  const added = await run(folder, queue('add', 'long.mp4', '-o', 'painted.mp4', '--resume', ...fast));
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toMatch(/^number {2}state {4}frames {2}output\n {5}1 {2}waiting +0 {2}\S+painted\.mp4\n$/);
  await run(folder, queue('add', 'missing.mp4', '-o', 'missing-painted.mp4', ...fast));
  const killed = start(folder, queue('run', '--json'), { detached: true });
  const manifest = join(folder, 'painted.mp4.stylecast-job/job.json');
  const oneIsDone = () => existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"done"');
  await expect.poll(oneIsDone, PATIENT).toBe(true);
  process.kill(-killed.child.pid!, 'SIGKILL');
  await killed.ended;
  const { code, stdout } = await run(folder, queue('run', '--json'));
  expect(code).toBe(1);
  expect(jsonLines(stdout).at(-1)).toEqual({ type: 'result', done: 1, failed: 1 });
  const resumed = jsonLines(stdout).find(({ type }) => type === 'note');
  expect(resumed?.text).toMatch(/^number 1: Resuming: [1-3] of 4 segments are done\.$/);
  expect(look(join(folder, 'painted.mp4')).frames).toBe(look(join(folder, 'long.mp4')).frames);
  const list = await run(folder, queue('list'));
  expect(list.stdout).toContain('failed');
  expect(list.stdout).toMatch(/\nnumber 2: .*missing\.mp4 .*\n {2}\S/);
});

test('a folder is watched; options that only its videos have are refused without one', async () => {
  const { stdout, code } = await run(folder, queue('run', '--json', '--strength', '0.5'));
  expect([code, jsonLines(stdout)[0]]).toMatchObject([1, { type: 'error', code: 'QUEUE_OPTION' }]);
  const bare = await run(folder, queue('run', '--watch', '.'));
  expect(bare.stderr).toMatch(/^stylecast: --watch \. is given without --style\.\n/);
  mkdirSync(join(folder, 'inbox'));
  makeClip(folder, 'inbox/one.mkv');
  const watching = ['--watch', 'inbox', '-o', 'results', '--queue', 'other', '--json', '--parallel', '2'];
  const running = start(folder, queue('run', ...watching, ...fast));
  onTestFinished(() => void running.child.kill('SIGKILL'));
  const done = () =>
    entries(running.stdout()).some(({ input, state }) => /one/.test(String(input)) && state === 'done');
  await expect.poll(done, PATIENT).toBe(true);
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  expect(look(join(folder, 'results/one.mkv')).frames).toBe(25);
});

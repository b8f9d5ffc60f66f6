import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { openQueue, type Queue } from '#src/jobs/queue/queue.js';
import { runQueue } from '#src/jobs/queue/run.js';
import { watchFolder } from '#src/jobs/queue/watch.js';
import { silent } from '../../fixtures/clips.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { preset } from '../../fixtures/networks.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const style = preset(folder, 'identity');
const input = silent(at('clip.mp4'));
const brief = async (queue: Queue) => (await queue.entries()).map(({ id, state }) => `${id} ${state}`);
const queueOf = async (name: string, ...outputs: string[]) => {
  const queue = await openQueue(at(name));
  for (const output of outputs) await queue.add({ input, output: at(output), style });
  return queue;
};

/** A process that opens a queue and does something with it. */
function elsewhere(queue: Queue, work: string): ChildProcess {
  const built = new URL('../../../dist/jobs/queue/queue.js', import.meta.url).href;
  const code = `const { openQueue } = await import('${built}');
    const queue = await openQueue(${JSON.stringify(queue.folder)}); ${work}`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
}

test('entries are painted in order; one that fails does not stop the others', async () => {
  const queue = await queueOf('order', 'a.mp4', 'missing/b.mp4', 'c.mp4');
  const told: string[] = [];
  const counts = await runQueue(queue, { onEntry: ({ id, state }) => told.push(`${id} ${state}`) });
  expect(counts).toEqual({ done: 2, failed: 1 });
  expect(told.filter((line) => !line.endsWith('running'))).toEqual(['1 done', '2 failed', '3 done']);
  const [first, second] = await queue.entries();
  expect(first).toMatchObject({ state: 'done', frames: 25 });
  expect(second!.error).toMatchObject({ code: 'OUTPUT_NO_FOLDER', hint: 'Create it first, or choose another -o.' });
  expect([existsSync(at('a.mp4')), existsSync(at('c.mp4'))]).toEqual([true, true]);
  expect((await queue.apply('retry')).map(({ id }) => id)).toEqual([2]);
  expect((await queue.clear()).map(({ id }) => id)).toEqual([1, 3]);
  expect(await brief(queue)).toEqual(['2 waiting']);
});

test('pause, resume and cancel, of some or of all', async () => {
  const queue = await queueOf('changes', 'd.mp4', 'e.mp4', 'f.mp4');
  await queue.apply('pause');
  await queue.apply('resume', [2]);
  await queue.apply('cancel', [3]);
  expect(await brief(queue)).toEqual(['1 paused', '2 waiting', '3 cancelled']);
  expect((await failure(queue.apply('resume', [2]))).message).toBe('Number 2 is waiting; expected paused.');
  expect((await failure(queue.apply('pause', [9]))).message).toBe('The queue has no number 9.');
});

test('what runs is paused, and nobody takes it before it has ended', async () => {
  const queue = await queueOf('running', 'g.mp4');
  const taken = await queue.take();
  await queue.apply('pause');
  await queue.apply('resume');
  expect([await brief(queue), await queue.take()]).toEqual([['1 waiting'], undefined]);
  await queue.apply('cancel');
  expect(await queue.clear()).toEqual([]);
  // It came to its end nevertheless.
  await queue.update(taken!.id, ({ by: _, ...entry }) => ({ ...entry, state: 'done' }));
  expect([await brief(queue), await queue.update(1, (entry) => entry)]).toEqual([['1 done'], undefined]);
});

test('two that write the same file are refused, and an entry of another version is named', async () => {
  const queue = await queueOf('same', 'h.mp4');
  const again = await failure(queue.add({ input, output: at('h.mp4'), style }));
  expect(again).toMatchObject({
    code: 'QUEUE_OUTPUT',
    message: `${input}, number 1, will become ${at('h.mp4')} already.`,
  });
  writeFileSync(at('same/000002.json'), '{"format":2}');
  const error = await failure(queue.entries());
  expect(error.message).toBe(`${at('same/000002.json')} cannot be read: another version made it, or it is damaged.`);
});

test('processes that take at once take each entry once', async () => {
  const queue = await queueOf('many', ...Array.from({ length: 12 }, (_, n) => `i${n}.mp4`));
  const take = `console.log('ready'); await new Promise((go) => process.stdin.once('data', go));
    for (let entry; (entry = await queue.take()); ) console.log(entry.id); console.log('over'); setInterval(() => {}, 1000);`;
  const children = [elsewhere(queue, take), elsewhere(queue, take), elsewhere(queue, take)];
  let said = '';
  for (const child of children) child.stdout!.on('data', (data) => (said += data));
  await expect.poll(() => said.match(/ready/g)?.length).toBe(3);
  for (const child of children) child.stdin!.write('go\n');
  // What one has taken is taken again when it is gone: they stay until all are over.
  await expect.poll(() => said.match(/over/g)?.length).toBe(3);
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => once(child, 'close')));
  const ids = said
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map(Number);
  expect(ids.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(new Set((await queue.entries()).map(({ state }) => state))).toEqual(new Set(['waiting']));
});

test('what a killed process had finished is done', async () => {
  const queue = await queueOf('killed', 'j.mp4');
  const child = elsewhere(queue, `await queue.take(); console.log('taken'); setInterval(() => {}, 1000);`);
  await once(child.stdout!, 'data');
  expect([await brief(queue), await queue.take()]).toEqual([['1 running'], undefined]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await brief(queue)).toEqual(['1 waiting']);
  // As if it had been killed when the file was whole.
  silent(at('j.mp4'));
  expect(await runQueue(queue)).toEqual({ done: 1, failed: 0 });
});

test('an entry of another machine is taken over by its number alone', async () => {
  const queue = await queueOf('machines', 'k.mp4');
  const entry = { ...(await queue.entries())[0]!, state: 'running', by: { host: 'other', pid: 1, began: '' } };
  writeFileSync(at('machines/000001.json'), JSON.stringify(entry));
  expect([await queue.apply('retry'), await queue.take()]).toEqual([[], undefined]);
  await queue.apply('retry', [1]);
  expect((await queue.take())?.id).toBe(1);
});

test('videos that appear in a folder are added once they are complete', async () => {
  const queue = await queueOf('watching');
  mkdirSync(at('inbox'));
  writeFileSync(at('inbox/notes.txt'), 'no video');
  silent(at('inbox/l.mp4'));
  writeFileSync(at('inbox/m.mp4'), 'not yet whole');
  const stop = new AbortController();
  const make = (path: string) => ({ input: path, output: at(`watched-${basename(path)}`), style });
  const watching = watchFolder(queue, at('inbox'), { names: /\.mp4$/, make, signal: stop.signal, every: 20 });
  await expect.poll(() => brief(queue)).toEqual(['1 waiting', '2 waiting']);
  expect(await runQueue(queue)).toEqual({ done: 1, failed: 1 });
  // What has changed since it failed is tried again.
  silent(at('inbox/m.mp4'));
  await expect.poll(() => brief(queue)).toEqual(['1 done', '2 waiting']);
  stop.abort();
  await watching;
  // What has its result is not added again, also where the queue has forgotten it.
  await queue.clear();
  const notes: string[] = [];
  const again = new AbortController();
  const onNote = (note: string) => {
    notes.push(note);
    again.abort();
  };
  await watchFolder(queue, at('inbox'), { names: /\.mp4$/, make, signal: again.signal, every: 20, onNote });
  expect(notes).toEqual([`${at('inbox/l.mp4')} has its result already: ${at('watched-l.mp4')}`]);
  expect(await brief(queue)).toEqual(['2 waiting']);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FolderLock } from '#src/jobs/job/lock.js';
import { thisProcess } from '#src/jobs/job/process.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

test('one at a time, and free again', async () => {
  const first = await FolderLock.take(at('one'));
  expect(first).toBeInstanceOf(FolderLock);
  expect(await FolderLock.take(at('one'))).toEqual(thisProcess());
  await (first as FolderLock).release();
  const second = await FolderLock.take(at('one'));
  expect(second).toBeInstanceOf(FolderLock);
  expect(readdirSync(at('one'))).toEqual(['lock-2']);
});

test('of many that ask at once, one gets it', async () => {
  const asked = await Promise.all(Array.from({ length: 20 }, () => FolderLock.take(at('many'))));
  expect(asked.filter((lock) => lock instanceof FolderLock)).toHaveLength(1);
});

test('the lock of a process that was killed is free', async () => {
  const lock = new URL('../../../dist/jobs/job/lock.js', import.meta.url).href;
  const code = `const { FolderLock } = await import('${lock}'); await FolderLock.take(${JSON.stringify(at('dead'))});
    console.log('taken'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(await FolderLock.take(at('dead'))).toMatchObject({ pid: child.pid });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await FolderLock.take(at('dead'))).toBeInstanceOf(FolderLock);
});

test('another process of the same number does not hold it, and one of another machine does', async () => {
  const { host, pid } = thisProcess();
  for (const [name, holder] of Object.entries({ later: { host, pid, began: 'before' }, far: { host: 'far', pid } })) {
    await FolderLock.take(at(name));
    writeFileSync(join(at(name), 'lock-1'), JSON.stringify({ began: '', ...holder }));
  }
  expect(await FolderLock.take(at('later'))).toBeInstanceOf(FolderLock);
  expect(await FolderLock.take(at('far'))).toMatchObject({ host: 'far' });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OutputFile } from '#src/media/files/output.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

test('a file gets its name only when it is complete', async () => {
  const file = await OutputFile.plan(at('whole.mp4'), []);
  expect(file.partial).toBe(at('whole.partial.mp4'));
  expect(existsSync(file.partial)).toBe(false);
  writeFileSync(file.partial, 'half');
  expect(existsSync(at('whole.mp4'))).toBe(false);
  expect(await file.commit()).toBe(at('whole.mp4'));
  expect(readFileSync(at('whole.mp4'), 'utf8')).toBe('half');
  expect(existsSync(file.partial)).toBe(false);
});

test('discarded, nothing is left; kept, the partial name is', async () => {
  const file = await OutputFile.plan(at('gone.mp4'), []);
  writeFileSync(file.partial, 'half');
  await file.discard();
  expect(readdirSync(folder).filter((name) => name.startsWith('gone'))).toEqual([]);
  const kept = await OutputFile.plan(at('kept.mp4'), []);
  writeFileSync(kept.partial, 'half');
  expect(kept.keep()).toBe(at('kept.partial.mp4'));
  // What a stopped run left is not written over by the next.
  expect((await OutputFile.plan(at('kept.mp4'), [])).partial).toBe(at('kept.partial-2.mp4'));
});

test('an existing file is replaced only when asked, and only by a complete one', async () => {
  writeFileSync(at('there.mp4'), 'old');
  expect(await failure(OutputFile.plan(at('there.mp4'), []))).toEqual({
    name: 'OptionError',
    code: 'OUTPUT_EXISTS',
    message: `The output ${at('there.mp4')} exists already.`,
    hint: 'Choose another -o, or add --overwrite.',
  });
  const file = await OutputFile.plan(at('there.mp4'), [], true);
  writeFileSync(file.partial, 'new');
  expect(readFileSync(at('there.mp4'), 'utf8')).toBe('old');
  await file.commit();
  expect(readFileSync(at('there.mp4'), 'utf8')).toBe('new');
});

test('a file that appears meanwhile is not replaced', async () => {
  const file = await OutputFile.plan(at('race.mp4'), []);
  writeFileSync(file.partial, 'ours');
  writeFileSync(at('race.mp4'), 'theirs');
  expect(await failure(file.commit())).toEqual({
    name: 'OptionError',
    code: 'OUTPUT_EXISTS',
    message: `${at('race.mp4')} appeared while the work went on.`,
    hint: `The result is kept as ${at('race.partial.mp4')}.`,
  });
  expect(readFileSync(at('race.mp4'), 'utf8')).toBe('theirs');
  expect(readFileSync(at('race.partial.mp4'), 'utf8')).toBe('ours');
});

test('the input is never the output, by whatever name', async () => {
  writeFileSync(at('input.mp4'), 'film');
  symlinkSync(at('input.mp4'), at('alias.mp4'));
  linkSync(at('input.mp4'), at('hard.mp4'));
  mkdirSync(at('sub'), { recursive: true });
  for (const name of ['input.mp4', 'sub/../input.mp4', 'alias.mp4', 'hard.mp4']) {
    const path = `${folder}/${name}`;
    expect(await failure(OutputFile.plan(path, [at('input.mp4')], true))).toEqual({
      name: 'OptionError',
      code: 'OUTPUT_IS_INPUT',
      message: `The output ${path} is the input itself.`,
      hint: 'Choose another -o.',
    });
  }
});

test('a pipe, which a rename would replace', async () => {
  execFileSync('mkfifo', [at('pipe.mp4')]);
  expect(await failure(OutputFile.plan(at('pipe.mp4'), [], true))).toEqual({
    name: 'OptionError',
    code: 'OUTPUT_NOT_FILE',
    message: `The output ${at('pipe.mp4')} is a pipe or a device; expected a file.`,
    hint: 'A result gets its name when it is whole: write a file, and send that on.',
  });
});

test('a folder, and folders that are missing or are files', async () => {
  mkdirSync(at('folder.mp4'));
  writeFileSync(at('file'), '');
  expect(await failure(OutputFile.plan(at('folder.mp4'), []))).toEqual({
    name: 'OptionError',
    code: 'OUTPUT_IS_FOLDER',
    message: `The output ${at('folder.mp4')} is a folder; expected a file name.`,
    hint: `For example -o ${at('folder.mp4/stylized.mp4')}`,
  });
  expect(await failure(OutputFile.plan(at('no/out.mp4'), []))).toEqual({
    name: 'MediaError',
    code: 'OUTPUT_NO_FOLDER',
    message: `The output folder ${at('no')} does not exist.`,
    hint: 'Create it first, or choose another -o.',
  });
  expect((await failure(OutputFile.plan(at('file/out.mp4'), []))).message).toBe(
    `The output folder ${at('file')} is a file.`,
  );
});

test('partial files are removed when the process exits early', async () => {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { OutputFile } from '#src/media/files/output.js';
    const file = await OutputFile.plan(process.argv[1], []);
    writeFileSync(file.partial, 'half');
    process.exit(process.argv[2] === 'keep' ? (file.keep(), 3) : 3);
  `;
  for (const [name, left] of [
    ['exit', []],
    ['keep', ['keep.partial.mp4']],
  ] as const) {
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program, at(`${name}.mp4`), name]);
    expect(status).toBe(3);
    expect(readdirSync(folder).filter((file) => file.startsWith(name))).toEqual(left);
  }
});

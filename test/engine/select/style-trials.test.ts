import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { StyleTrials } from '#src/engine/select/style-trials.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { endless, enormous } from '../../fixtures/hostile.js';
import { identity, styleOf } from '../networks.js';

process.env.STYLECAST_HOME = freshFolder();
const size = { width: 64, height: 48 };
const how = { picture: size, device: 'cpu', threads: 1, steady: false } as const;
const trials = (limits = {}) => new StyleTrials(how, limits);

test('a style that runs, and is tried no more then', async () => {
  const tried = trials();
  const style = { ...styleOf(identity), name: 'fine' };
  await tried.check(style, size);
  const since = performance.now();
  await tried.check({ ...style, name: 'again' }, { width: 32, height: 24 });
  // Nor by the next show.
  await trials().check(style, size);
  expect(performance.now() - since).toBeLessThan(300);
});

test('one that never ends is given up after a while, or when nobody wants it any more', async () => {
  const style = { ...styleOf(endless()), name: 'endless' };
  expect(await failure(trials({ limitMs: 4000 }).check(style, size))).toEqual({
    name: 'EngineError',
    code: 'ENGINE_LIMIT',
    message: 'The style endless was not done within 4 s, and was given up.',
    hint: 'Try a smaller --height, or another style.',
  });
  const abort = new AbortController();
  const given = trials().check(style, size, abort.signal);
  setTimeout(() => abort.abort(), 1500);
  const since = performance.now();
  await expect(given).rejects.toThrow('aborted');
  expect(performance.now() - since).toBeLessThan(3500);
});

test('one that devours memory', async () => {
  const style = { ...styleOf(enormous(64)), name: 'enormous' };
  expect(await failure(trials({ memory: 2 ** 28 }).check(style, size))).toMatchObject({
    code: 'ENGINE_LIMIT',
    message: 'The style enormous needed more than 256 MiB of memory, and was given up.',
  });
});

test('one that is none: the error is that of loading it', async () => {
  const style = { ...styleOf(identity), name: 'none', model: Buffer.from('no network') };
  expect(await failure(trials().check(style, size))).toMatchObject({ code: 'GRAPH_NOT_ONNX' });
});

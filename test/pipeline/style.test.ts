import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { checkNumbers, workingSize } from '#src/pipeline/style.js';
import { failure } from '../fixtures/failure.js';

const SOURCE = { width: 641, height: 361 };
const refused = (work: () => unknown) => failure((async () => work())());

describe('the size to work at', () => {
  test.each([
    ['the source', {}, SOURCE],
    ['as asked', { size: { width: 100, height: 51 } }, { width: 100, height: 51 }],
    ['by the height, an even width', { height: 720 }, { width: 1278, height: 720 }],
    ['a small height', { height: 2 }, { width: 4, height: 2 }],
  ])('%s', (_, options, expected) => expect(workingSize(SOURCE, options)).toEqual(expected));

  test('both a size and a height', async () => {
    expect(await refused(() => workingSize(SOURCE, { size: SOURCE, height: 3 }))).toEqual({
      name: 'OptionError',
      code: 'SIZE',
      message: 'Both a size and a height are given; expected one of them.',
      hint: 'Leave one out.',
    });
  });

  test.each([
    [{ size: { width: 1, height: 100 } }, '1x100'],
    [{ size: { width: 20_000, height: 100 } }, '20000x100'],
    [{ size: { width: 10.5, height: 100 } }, '10.5x100'],
    [{ size: { width: Number.NaN, height: 100 } }, 'NaNx100'],
    [{ height: -5 }, '2x-5'],
    [{ height: 0 }, '2x0'],
  ])('not possible: %o', async (options, text) => {
    expect(await refused(() => workingSize(SOURCE, options))).toEqual({
      name: 'OptionError',
      code: 'SIZE',
      message: `A size of ${text} is not possible; expected whole numbers from 2 to 16384.`,
      hint: 'For example 1280x720.',
    });
  });
});

describe('numbers', () => {
  test.each([
    ['strength', 1.5, 'a number from 0 (original) to 1 (full style)'],
    ['strength', Number.NaN, 'a number from 0 (original) to 1 (full style)'],
    ['threads', 0, `a whole number from 1 to ${2 * availableParallelism()}, twice the cores`],
    ['threads', 9999, `a whole number from 1 to ${2 * availableParallelism()}, twice the cores`],
    ['threads', 1.5, `a whole number from 1 to ${2 * availableParallelism()}, twice the cores`],
    ['memory', 1000, 'at least 16 MiB'],
    ['start', -1, 'seconds, 0 or more'],
    ['duration', 0, 'seconds, more than 0'],
  ])('%s %d', async (name, value, expected) => {
    expect(await refused(() => checkNumbers({ [name]: value }))).toEqual({
      name: 'OptionError',
      code: name.toUpperCase(),
      message: `${name} is ${value}; expected ${expected}.`,
      hint: `Correct --${name} or leave it out.`,
    });
  });

  test('that are right, or left out', () => {
    checkNumbers({});
    checkNumbers({ strength: 0, threads: 1, memory: 2 ** 24, start: 0, duration: 0.5 });
  });
});

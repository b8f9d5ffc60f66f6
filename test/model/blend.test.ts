import { describe, expect, it, test } from 'vitest';
import { blendedVector, chosenStyle, namedStyle, splitName, styleNameOf } from '#src/model/blend.js';
import { findStyle } from '#src/model/library/find.js';
import { vectorsOf } from '#src/model/style-vectors.js';
import { manyStyles } from '../fixtures/many-styles.js';
import { freshFolder, makePreset } from './preset.js';

/** The error that is thrown. */
function failure(work: () => unknown): { message: string; hint: string } {
  try {
    work();
  } catch (error) {
    return error as { message: string; hint: string };
  }
  throw new Error('nothing was thrown');
}

const modulation = {
  input: 'style',
  mean: [0.1, 0.2, -0.3],
  styles: [
    { name: 'wave', vector: [1 / 3, 0.7, -1.1] },
    { name: 'scream', vector: [-0.5, 0.25, 0.9] },
  ],
};
const inputs = [{ name: 'style', dims: [2, 3], default: [1, 2, 3, 4, 5, 6] }];
const [wave, scream] = modulation.styles.map(({ vector }) => Float32Array.from(vector)) as [Float32Array, Float32Array];

describe('a blended style vector', () => {
  it('is a style exactly, where that has all the weight', () => {
    expect(blendedVector(modulation, { wave: 1, scream: 0 })).toEqual(wave);
    expect(blendedVector(modulation, { scream: 1 })).toEqual(scream);
  });

  it('is the weighted sum, and the mean style for what the weights lack', () => {
    const half = blendedVector(modulation, { wave: 0.6, scream: 0.4 });
    half.forEach((value, i) => {
      expect(value).toBeCloseTo(0.6 * wave[i]! + 0.4 * scream[i]!, 6);
    });
    expect(blendedVector(modulation, {})).toEqual(Float32Array.from(modulation.mean));
    const weak = blendedVector(modulation, { wave: 0.25 });
    const truncated = blendedVector(modulation, { wave: 1 }, 0.25);
    weak.forEach((value, i) => {
      expect(value).toBeCloseTo(modulation.mean[i]! + 0.25 * (wave[i]! - modulation.mean[i]!), 6);
      expect(truncated[i]).toBeCloseTo(value, 6);
    });
  });

  it('names the styles there are for one that is not', () => {
    const error = failure(() => blendedVector(modulation, { wav: 1 }));
    expect(error.message).toBe('There is no style "wav" in this network; expected one of wave, scream.');
    expect(error.hint).toBe('Did you mean "wave"?');
  });

  it.each([-0.1, 2.1, Number.NaN])('refuses the weight %d', (weight) => {
    const error = failure(() => blendedVector(modulation, { wave: weight }));
    expect(error.message).toBe(`The weight of wave is ${weight}; expected a number from 0 to 2.`);
  });
});

describe('a network set to some of its styles', () => {
  it('is fed them by default: strokes, then edges and colours', async () => {
    const style = await manyStyles('many', ['wave', 'scream']);
    const [first, second] = style.manifest.modulation!.styles.map(({ vector }) => vector);
    const vectors = (choice: Parameters<typeof chosenStyle>[1]) => [...vectorsOf(chosenStyle(style, choice).manifest)!];
    const singles = (...parts: readonly (readonly number[])[]) => [...Float32Array.from(parts.flat())];
    expect(vectors({})).toEqual(singles(first!, first!));
    expect(vectors({ blend: { scream: 1 } })).toEqual(singles(second!, second!));
    expect(vectors({ blend: { scream: 1 }, fineBlend: { wave: 1 } })).toEqual(singles(second!, first!));
    const { mean } = style.manifest.modulation!;
    expect(vectors({ truncation: 0 })).toEqual(singles(mean, mean));
    // What is not said stays as it was set.
    const named = namedStyle(style, 'scream');
    expect([...vectorsOf(chosenStyle(named, { vary: 0.5 }).manifest)!]).toEqual(singles(second!, second!));
    expect([...vectorsOf(chosenStyle(named, { fineBlend: { wave: 1 } }).manifest)!]).toEqual(singles(second!, first!));
    const half = [...vectorsOf(chosenStyle(named, { truncation: 0.5 }).manifest)!];
    half.slice(0, mean.length).forEach((value, i) => {
      expect(value).toBeCloseTo((mean[i]! + second![i]!) / 2, 5);
    });
    expect(named.name).toBe('many:scream');
    expect(chosenStyle(style, {})).toBe(style);
  });

  it('is refused for a network of one style, and for a truncation out of range', async () => {
    const style = await manyStyles('many', ['wave', 'scream']);
    const { modulation: _, ...manifest } = style.manifest;
    expect(failure(() => chosenStyle({ ...style, manifest }, { blend: { wave: 1 } })).message).toBe(
      'many has one style; expected a network of many.',
    );
    expect(failure(() => chosenStyle(style, { truncation: 1.5 })).message).toBe(
      'truncation is 1.5; expected a number from 0 to 1.',
    );
  });
});

test.each([
  ['pictures/The Night Café (1888).jpg', 'the-night-cafe-1888'],
  [`${'a'.repeat(79)} b.png`, 'a'.repeat(79)],
  ['神奈川.jpg', ''],
])('a style is called by its file: %s', (file, name) => {
  expect(styleNameOf(file)).toBe(name);
});

describe('preset:style', () => {
  const folder = freshFolder();
  makePreset(folder, 'many', { inputs, modulation });

  it.each([
    ['many:wave', ['many', 'wave']],
    ['folder/many:the-scream', ['folder/many', 'the-scream']],
    ['many', undefined],
    ['C:styles', undefined],
    ['many:', undefined],
    ['rtmp://host/app', undefined],
  ])('%s', (name, expected) => {
    expect(splitName(name)).toEqual(expected);
  });

  it('finds one style of a preset', async () => {
    const { name, manifest } = await findStyle('many:scream', { folders: [folder] });
    expect(name).toBe('many:scream');
    expect(vectorsOf(manifest)).toEqual(Float32Array.from([...scream, ...scream]));
  });

  it('tells which there are, where there is no such style', async () => {
    await expect(findStyle('many:storm', { folders: [folder] })).rejects.toMatchObject({
      code: 'BLEND',
      message: 'There is no style "storm" in this network; expected one of wave, scream.',
    });
  });

  it.each([
    [{ modulation }, 'field "modulation" is'],
    [{ inputs, modulation: { ...modulation, mean: [0, 0] } }, 'expected vectors as long as the mean'],
    [{ inputs, modulation: { ...modulation, styles: [] } }, 'field "modulation.styles"'],
    [{ inputs, modulation: { ...modulation, noise: 'style' } }, 'expected the name of a further input of channels'],
    [
      { inputs, modulation: { ...modulation, styles: [modulation.styles[0], modulation.styles[0]] } },
      'expected every style named once',
    ],
  ])('is refused in a manifest that contradicts itself: %#', async (change, expected) => {
    makePreset(folder, 'wrong', change);
    await expect(findStyle('wrong', { folders: [folder] })).rejects.toMatchObject({
      code: 'PRESET_MANIFEST',
      message: expect.stringContaining(expected),
    });
  });
});

import { describe, expect, it } from 'vitest';
import { chosenStyle } from '#src/model/blend.js';
import { noiseInputOf, smoothNoise } from '#src/model/manifest/noise.js';
import { manyStyles } from '../../fixtures/many-styles.js';

describe('a field of noise', () => {
  const [channels, rows, columns] = [3, 12, 16];
  const field = smoothNoise([channels, rows, columns], 5, 0.5);
  const at = (c: number, y: number, x: number) => field[(c * rows + (y % rows)) * columns + (x % columns)]!;

  it('is the same for a seed, and another one for another', () => {
    expect(field).toHaveLength(channels * rows * columns);
    expect(smoothNoise([channels, rows, columns], 5, 0.5)).toEqual(field);
    expect(smoothNoise([channels, rows, columns], 6, 0.5)).not.toEqual(field);
    expect(smoothNoise([channels, rows, columns], 5, 1)[7]).toBeCloseTo(2 * field[7]!, 10);
  });

  it('has the deviation that is asked for', () => {
    expect(Math.sqrt(field.reduce((sum, value) => sum + value ** 2, 0) / field.length)).toBeCloseTo(0.5, 6);
  });

  it('changes little from a cell to the next, also over its edges', () => {
    const steps = (dy: number, dx: number, only: (y: number, x: number) => boolean) => {
      let [sum, count] = [0, 0];
      for (let c = 0; c < channels; c++)
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < columns; x++)
            if (only(y, x)) {
              sum += (at(c, y + dy, x + dx) - at(c, y, x)) ** 2;
              count++;
            }
      return Math.sqrt(sum / count);
    };
    const everywhere = () => true;
    // Far apart, two numbers differ by √2 of the deviation.
    expect(steps(6, 8, everywhere)).toBeGreaterThan(0.5);
    for (const step of [steps(1, 0, everywhere), steps(0, 1, everywhere)]) expect(step).toBeLessThan(0.4);
    expect(steps(1, 0, (y) => y === rows - 1)).toBeLessThan(0.5);
    expect(steps(0, 1, (_, x) => x === columns - 1)).toBeLessThan(0.5);
  });
});

describe('varying the strokes', async () => {
  const style = await manyStyles('many', ['wave', 'scream']);
  const noise = (choice: Parameters<typeof chosenStyle>[1]) => noiseInputOf(chosenStyle(style, choice).manifest)!;

  it('feeds the network noise, and none unless asked', () => {
    expect(noise({}).default).toBe(0);
    expect(noise({ vary: 0, varySeed: 3 }).default).toBe(0);
    expect(noise({ vary: 0.4, varySeed: 3 }).default).toEqual(smoothNoise([32, 64, 64], 3, 0.4));
    expect(noise({ vary: 0.4 }).default).toEqual(smoothNoise([32, 64, 64], 1, 0.4));
  });

  it('is refused for a network that takes no noise, and beyond 1', () => {
    const { noise: _, ...modulation } = style.manifest.modulation!;
    const old = { ...style, manifest: { ...style.manifest, modulation } };
    expect(chosenStyle(old, { vary: 0 }).manifest.inputs.at(-1)).toEqual(old.manifest.inputs.at(-1));
    expect(() => chosenStyle(old, { vary: 0.4 })).toThrow(
      expect.objectContaining({
        code: 'BLEND',
        message: 'many cannot vary its strokes; expected a network with an input for noise.',
        hint: 'Leave --vary out, or have the preset written again: its own train command with --resume does that.',
      }),
    );
    expect(() => chosenStyle(style, { vary: 1.2 })).toThrow('vary is 1.2; expected a number from 0 to 1.');
  });
});

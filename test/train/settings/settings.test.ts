import { describe, expect, it } from 'vitest';
import type { TrainOptions } from '#src/train/settings/options.js';
import { settingsOf } from '#src/train/settings/settings.js';

const of = (extra: Partial<TrainOptions> = {}) => settingsOf({ pictures: ['style.jpg'], output: 'preset', ...extra });

describe('how much the terms count', () => {
  const plain = of();

  it('content counts by the distance that it is balanced for, light and colour by their weights', () => {
    const { structure, weights } = of({ contentStrength: 2 });
    expect(structure).toBe(plain.structure / 2);
    const { light, colour } = plain.weights;
    expect(weights).toEqual({ ...plain.weights, light: 2 * light, colour: 2 * colour });
  });

  it('style by its weight, and by how far structure may be from the photograph', () => {
    const { structure, weights } = of({ styleStrength: 0.5 });
    expect(structure).toBe(plain.structure / 2);
    expect(weights).toEqual({ ...plain.weights, style: plain.weights.style / 2 });
  });

  it('light and colour more for many styles, whose Gram matrices have no running mean', () => {
    for (const extra of [{ method: 'modulated' as const }, { into: 'painters' }]) {
      const { weights } = of(extra);
      expect(weights).toEqual({ ...plain.weights, light: 2, colour: 1.5 });
    }
  });

  it('less of the content to begin with where training begins with a network that can paint', () => {
    expect(plain.weights.content).toBeLessThan(of({ from: 'scratch' }).weights.content);
    expect(of({ tier: 'tiny' }).weights).toEqual(of({ from: 'scratch' }).weights);
    for (const extra of [
      { tier: 'standard' as const },
      { from: 'other.training' },
      { tier: 'tiny' as const, from: 'o.training' },
    ])
      expect(of(extra).weights).toEqual(plain.weights);
  });

  it('the temporal terms by their weight alone', () => {
    const { structure, weights } = of({ temporal: 3 });
    expect(structure).toBe(plain.structure);
    expect(weights).toEqual({ ...plain.weights, temporal: 3 * plain.weights.temporal });
  });
});

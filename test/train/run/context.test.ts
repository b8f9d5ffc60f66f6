import { describe, expect, it } from 'vitest';
import { balancedWeights } from '#src/train/run/context.js';
import { settingsOf } from '#src/train/settings/settings.js';

describe('steadyWeights', () => {
  const { weights } = settingsOf({ pictures: ['style.jpg'], output: 'preset' });

  it('lets content and tone give way to the temporal terms, and nothing else', () => {
    const { content, tone, ...rest } = balancedWeights(weights);
    const { content: whole, tone: all, ...others } = weights;
    expect([content, tone]).toEqual([0.4 * whole, 0.4 * all]);
    expect(rest).toEqual(others);
  });

  it('the less, the less these count; without them everything stays as it is', () => {
    expect(balancedWeights({ ...weights, temporal: 0 })).toEqual({ ...weights, temporal: 0 });
    const contents = [0, 5, 10, 20, 100].map((temporal) => balancedWeights({ ...weights, temporal }).content);
    expect(contents.map((content) => content.toFixed(2))).toEqual(['1.00', '0.85', '0.70', '0.40', '0.40']);
  });
});

import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '#src/graph/builder.js';
import { tensor } from '#src/graph/elements.js';
import { gramVector, runningGrams } from '#src/train/objective/running-grams.js';
import { numbers, run } from '../../graph/run.js';

const style = [
  new Map([
    ['a', tensor('float32', [1, 2, 2], [1, 2, 3, 4])],
    ['b', tensor('float32', [1, 1, 1], [5])],
  ]),
  new Map([['a', tensor('float32', [1, 2, 2], [6, 7, 8, 9])]]),
];

describe('running means of Gram matrices', () => {
  it('begin with those of the style, by scale and layer', () => {
    expect([...gramVector(style)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('take in a twentieth of each step, and are half of what is compared', async () => {
    const b = new GraphBuilder();
    const found = style.map(
      (layers, scale) =>
        new Map(
          [...layers].map(([layer, { dims }]) => [
            layer,
            b.input(`${scale}${layer}`, 'float32', [2, ...dims.slice(1)]),
          ]),
        ),
    );
    const { mixed, next } = runningGrams(b, found, b.input('grams', 'float32', [9]));
    b.output('grams_next', next);
    mixed.forEach((layers, scale) => {
      for (const [layer, value] of layers) b.output(`mixed ${scale}${layer}`, value);
    });
    const got = await run(b.build(), {
      grams: tensor('float32', [9], gramVector(style)),
      '0a': tensor('float32', [2, 2, 2], [10, 20, 30, 40, 30, 40, 50, 60]),
      '0b': tensor('float32', [2, 1, 1], [1, 3]),
      '1a': tensor('float32', [2, 2, 2], [0, 0, 0, 0, 2, 4, 6, 8]),
    });
    // The mean of the batch is 20, 30, 40, 50; 2; and 1, 2, 3, 4.
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(
      (mean, i) => 0.95 * mean + 0.05 * [20, 30, 40, 50, 2, 1, 2, 3, 4][i]!,
    );
    numbers(got.grams_next!).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    const compared = [1 + 10, 2 + 20, 3 + 30, 4 + 40, 1 + 30, 2 + 40, 3 + 50, 4 + 60].map((sum) => sum / 2);
    numbers(got['mixed 0a']!).forEach((value, i) => {
      expect(value).toBeCloseTo(compared[i]!, 5);
    });
    numbers(got['mixed 0b']!).forEach((value, i) => {
      expect(value).toBeCloseTo((5 + [1, 3][i]!) / 2, 5);
    });
  });
});

import { describe, expect, it } from 'vitest';
import { collapseAt, collapses, newCollapse } from '#src/train/run/collapse.js';

const history = (shares: readonly number[]) => shares.map((share, i) => ({ step: i * 10, losses: { share } }));
const many = (share: number, count: number) => new Array<number>(count).fill(share);

describe('collapse', () => {
  it.each<[string | undefined, number]>([
    ['wins', 1],
    ['wins', 0.98],
    [undefined, 0.9],
    [undefined, 0.6],
    ['loses', 0.5],
  ])('the discriminator %s at a share of %d', (expected, share) => {
    expect(collapseAt(history(many(share, 20)))).toBe(expected);
    expect(collapseAt(history(many(share, 19)))).toBeUndefined();
  });

  it('is said once, when it begins, and again when it comes back', () => {
    const shares = [...many(1, 40), ...many(0.7, 30), ...many(0.5, 40)];
    const said = shares.flatMap((_, i) => newCollapse(history(shares.slice(0, i + 1))) ?? []);
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('tells nearly every patch');
    expect(said[1]).toContain('can no longer tell');
    expect(collapses(history(shares))).toEqual([
      `step 190: ${said[0]}`,
      expect.stringMatching(/^step \d+: the discriminator can no/),
    ]);
  });
});

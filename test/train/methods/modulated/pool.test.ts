import { describe, expect, it } from 'vitest';
import { tensor } from '#src/graph/elements.js';
import { TONES } from '#src/losses/colour/palette.js';
import { CODE_LENGTH } from '#src/nets/style-code.js';
import type { LearnedStyle } from '#src/train/methods/modulated/learned.js';
import { StylePool } from '#src/train/methods/modulated/pool.js';
import { STYLE_INPUTS } from '#src/train/objective/modulated-terms.js';

/** A style that is known by the only number of its only Gram matrix. */
function known(number: number): LearnedStyle {
  return {
    name: String(number),
    palette: { mean: new Float32Array(3).fill(number), tones: new Float32Array(2 * TONES).fill(number) },
    target: [new Map([['relu1_1', tensor('float32', [1, 1, 1], [number])]])],
    code: new Float32Array(CODE_LENGTH).fill(number),
  };
}

describe('StylePool', () => {
  const styles = [1, 2, 3].map(known);

  async function drawn(pool: StylePool, count: number): Promise<number[]> {
    const numbers: number[] = [];
    for (let i = 0; i < count; i++)
      numbers.push((await pool.feeds(i, 1))[STYLE_INPUTS.gram(0, 'relu1_1')]!.data[0] as number);
    return numbers;
  }
  const count = (numbers: readonly number[], wanted: number) => numbers.filter((number) => number === wanted).length;

  it('shows every style once each time around, in another order', async () => {
    const numbers = await drawn(new StylePool(styles, { seed: 1 }), 30);
    const rounds = Array.from({ length: 10 }, (_, i) => numbers.slice(3 * i, 3 * i + 3));
    for (const round of rounds) expect(round.toSorted()).toEqual([1, 2, 3]);
    expect(new Set(rounds.map((round) => round.join())).size).toBeGreaterThan(2);
  });

  it('shows a style more often that is given more than once', async () => {
    const pool = new StylePool(styles, { seed: 1, shown: [styles[0]!, styles[1]!, styles[1]!, styles[2]!] });
    const numbers = await drawn(pool, 40);
    expect([1, 2, 3].map((style) => count(numbers, style))).toEqual([10, 20, 10]);
  });

  it('shows other manners every other time', async () => {
    const numbers = await drawn(new StylePool(styles, { seed: 1, others: [known(7), known(8)] }), 24);
    expect([1, 2, 3, 7, 8].map((style) => count(numbers, style))).toEqual([4, 4, 4, 6, 6]);
    expect(numbers.every((number, i) => number > 3 === (i % 2 === 1))).toBe(true);
  });
});

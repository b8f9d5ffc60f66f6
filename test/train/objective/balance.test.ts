import { describe, expect, it } from 'vitest';
import { type Balance, updateBalance } from '#src/train/objective/balance.js';

const at = (weight: number, structure?: number): Balance => ({ weight, structure });

describe('the balance of content and style', () => {
  it('smooths the distance, from the first one on', () => {
    const first = updateBalance(at(1), 0.9, 0.7, false);
    expect(first).toEqual(at(1, 0.9));
    expect(updateBalance(first, 0.4, 0.7, false).structure).toBeCloseTo(0.9 - 0.02 * 0.5, 12);
  });

  it('lets content count more where the distance is too large, less where it is too small, as before where it is right', () => {
    const weight = (distance: number) => updateBalance(at(2, distance), distance, 0.8, true).weight;
    expect(weight(0.88)).toBeCloseTo(2 * Math.exp(0.004 * 2 * 0.1), 12);
    expect(weight(0.72)).toBeCloseTo(2 * Math.exp(-0.004 * 2 * 0.1), 12);
    expect(weight(0.8)).toBe(2);
  });

  it('never moves by more than 0.4 % a step, nor beyond its ends', () => {
    expect(updateBalance(at(2, 40), 40, 0.8, true).weight).toBeCloseTo(2 * Math.exp(0.004), 12);
    expect(updateBalance(at(2, 0), 0, 0.8, true).weight).toBeCloseTo(2 * Math.exp(-0.004), 12);
    expect(updateBalance(at(50, 2), 2, 0.8, true).weight).toBe(50);
    expect(updateBalance(at(0.075, 0.1), 0.1, 0.8, true).weight).toBe(0.075);
  });

  it.each([0.1, 1.5, 20])('finds the weight that gives the distance, beginning at %d', (weight) => {
    // A style whose distance falls with the weight of the content, and differs from picture to picture.
    const structure = (of: number, step: number) => 1.2 * of ** -0.4 * (1 + 0.3 * Math.sin(step * 2.3));
    let balance = at(weight);
    for (let step = 0; step < 3000; step++)
      balance = updateBalance(balance, structure(balance.weight, step), 0.75, true);
    expect(balance.structure).toBeCloseTo(0.75, 1);
    expect(balance.weight / (1.2 / 0.75) ** 2.5).toBeGreaterThan(0.95);
    expect(balance.weight / (1.2 / 0.75) ** 2.5).toBeLessThan(1.05);
  });
});

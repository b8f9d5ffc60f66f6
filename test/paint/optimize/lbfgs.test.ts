import { describe, expect, it } from 'vitest';
import { Lbfgs } from '#src/paint/optimize/lbfgs.js';

/** Rosenbrock's valley: its minimum, 0, is at (1, 1). */
function rosenbrock([x, y]: Float32Array): [number, Float32Array] {
  const valley = y! - x! * x!;
  return [(1 - x!) ** 2 + 100 * valley ** 2, Float32Array.of(-2 * (1 - x!) - 400 * x! * valley, 200 * valley)];
}

describe('L-BFGS', () => {
  it('finds the minimum of a bent valley, which the gradient alone does not, and never rises', () => {
    const lbfgs = new Lbfgs(Float32Array.of(-1.2, 1), { pairs: 5, firstMove: 0.1 });
    const losses: number[] = [];
    for (let i = 0; i < 60; i++) {
      lbfgs.update(...rosenbrock(lbfgs.trial));
      losses.push(lbfgs.loss);
    }
    expect(losses.at(-1)).toBeLessThan(1e-9);
    expect(losses.every((loss, i) => i === 0 || loss <= losses[i - 1]!)).toBe(true);
    expect(Math.hypot(lbfgs.best[0]! - 1, lbfgs.best[1]! - 1)).toBeLessThan(1e-3);
  });

  it('solves a quadratic of n elements whose curvatures span three powers of ten', () => {
    const curvature = (i: number) => 10 ** (3 * (i / 40));
    const lbfgs = new Lbfgs(new Float32Array(41).fill(1), { pairs: 10, firstMove: 0.1 });
    for (let i = 0; i < 200; i++) {
      const loss = lbfgs.trial.reduce((sum, x, k) => sum + (curvature(k) * x * x) / 2, 0);
      lbfgs.update(
        loss,
        lbfgs.trial.map((x, k) => curvature(k) * x),
      );
    }
    expect(lbfgs.loss).toBeLessThan(1e-6);
  });

  it('comes back from where the loss is no number', () => {
    const lbfgs = new Lbfgs(Float32Array.of(1), { pairs: 5, firstMove: 8 });
    const evaluate = ([x]: Float32Array): [number, Float32Array] => [x! - Math.log(x!), Float32Array.of(1 - 1 / x!)];
    lbfgs.update(6 - Math.log(6), Float32Array.of(5 / 6));
    for (let i = 0; i < 40; i++) lbfgs.update(...evaluate(lbfgs.trial));
    expect(lbfgs.best[0]).toBeCloseTo(1, 3);
  });

  it('says that it has ended where the gradient is nothing, or nothing lowers the loss', () => {
    const flat = new Lbfgs(Float32Array.of(3, 4), { pairs: 5, firstMove: 1 });
    flat.update(7, Float32Array.of(0, 0));
    expect(flat.ended).toBe(true);
    const lying = new Lbfgs(Float32Array.of(3, 4), { pairs: 5, firstMove: 1 });
    // A gradient of the wrong sign: every step along it rises.
    for (let i = 0; i < 10; i++) lying.update(-(lying.trial[0]! ** 2), Float32Array.of(1, 0));
    expect(lying.ended).toBe(true);
    expect([...lying.best]).toEqual([3, 4]);
  });
});

import { describe, expect, it } from 'vitest';
import { rank, type Vote } from '#src/evaluate/blind/bradley-terry.js';
import { Random } from '#src/nets/parameters/random.js';

const vote = (left: string, right: string, choice: Vote['choice']): Vote => ({ photograph: 'a', left, right, choice });
const votes = (count: number, left: string, right: string, choice: Vote['choice']) =>
  Array.from({ length: count }, () => vote(left, right, choice));
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

describe('rank', () => {
  it('finds the share that one of two was liked in, and its interval', () => {
    const [ranking] = rank([...votes(750, 'a', 'b', 'left'), ...votes(250, 'b', 'a', 'left')]);
    const [first, second] = ranking!.ranked;
    expect(first).toMatchObject({ name: 'a', won: 750, equal: 0, lost: 250 });
    expect(second).toMatchObject({ name: 'b', won: 250, equal: 0, lost: 750 });
    expect(first!.chance).toBeCloseTo(0.75, 2);
    expect(first!.chance + second!.chance).toBeCloseTo(1, 9);
    // Log odds of a share p of n votes have the variance 1 / (n p (1 − p)).
    const half = 1.96 / Math.sqrt(1000 * 0.75 * 0.25);
    expect(first!.low).toBeCloseTo(logistic(Math.log(3) - half), 2);
    expect(first!.high).toBeCloseTo(logistic(Math.log(3) + half), 2);
    expect(ranking!.pairs).toEqual([
      {
        name: 'a',
        other: 'b',
        chance: first!.chance,
        low: expect.closeTo(first!.low, 9),
        high: expect.closeTo(first!.high, 9),
      },
    ]);
  });

  it('finds the strengths that votes were made from, also of pairs that were never seen', () => {
    // Strengths 1, 0 and −1; the first and the last have not met.
    const share = Math.round(1000 * logistic(1));
    const [ranking] = rank([
      ...votes(share, 'strong', 'middle', 'left'),
      ...votes(1000 - share, 'strong', 'middle', 'right'),
      ...votes(share, 'middle', 'weak', 'left'),
      ...votes(1000 - share, 'middle', 'weak', 'right'),
    ]);
    expect(ranking!.ranked.map(({ name }) => name)).toEqual(['strong', 'middle', 'weak']);
    const unseen = ranking!.pairs.find(({ name, other }) => name === 'strong' && other === 'weak')!;
    expect(unseen.chance).toBeCloseTo(logistic(2), 2);
    // Against the average of the others, which are at 0 and −1.
    expect(ranking!.ranked[0]!.chance).toBeCloseTo(logistic(1.5), 2);
    expect(ranking!.ranked[1]!.chance).toBeCloseTo(0.5, 9);
  });

  it('counts votes for neither half for each', () => {
    const [equal] = rank(votes(20, 'a', 'b', 'equal'));
    expect(equal!.ranked).toMatchObject([
      { won: 0, equal: 20, lost: 0, chance: 0.5 },
      { won: 0, equal: 20, lost: 0, chance: 0.5 },
    ]);
    const [halves] = rank([...votes(10, 'a', 'b', 'left'), ...votes(10, 'a', 'b', 'right')]);
    expect(equal!.pairs[0]!.low).toBeCloseTo(halves!.pairs[0]!.low, 9);
  });

  it('is not certain of one that never lost, and less certain of fewer votes', () => {
    const [few] = rank(votes(5, 'a', 'b', 'left'));
    const [many] = rank(votes(50, 'a', 'b', 'left'));
    expect(few!.ranked[0]!.chance).toBeGreaterThan(0.8);
    expect(few!.ranked[0]!.chance).toBeLessThan(many!.ranked[0]!.chance);
    expect(few!.ranked[0]!.low).toBeLessThan(0.5);
    expect(many!.ranked[0]!.low).toBeGreaterThan(0.7);
    expect(many!.ranked[0]!.high).toBeLessThan(1);
  });

  it('ranks apart what no votes connect', () => {
    const rankings = rank([vote('a', 'b', 'left'), vote('c', 'd', 'right'), vote('e', 'b', 'equal')]);
    expect(rankings.map(({ ranked }) => ranked.map(({ name }) => name).sort())).toEqual([
      ['c', 'd'],
      ['a', 'b', 'e'],
    ]);
    expect(rank([])).toEqual([]);
  });

  it('has intervals that hold the truth about as often as they say', () => {
    let held = 0;
    const experiments = 400;
    for (let seed = 0; seed < experiments; seed++) {
      const random = new Random(seed, 1, 1);
      const made = Array.from({ length: 30 }, () => vote('a', 'b', random.chance(0.65) ? 'left' : 'right'));
      const pair = rank(made)[0]!.pairs[0]!;
      const [low, high] = pair.name === 'a' ? [pair.low, pair.high] : [1 - pair.high, 1 - pair.low];
      if (low < 0.65 && high > 0.65) held += 1;
    }
    expect(held / experiments).toBeGreaterThan(0.91);
    expect(held / experiments).toBeLessThan(0.99);
  });
});

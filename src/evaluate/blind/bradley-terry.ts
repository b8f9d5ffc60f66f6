// The blind page carries this file as it is built: it must import nothing.

/** Which of two paintings of one photograph is liked better. */
export interface Vote {
  readonly photograph: string;
  /** What painted the left one, and the right one. */
  readonly left: string;
  readonly right: string;
  readonly choice: 'left' | 'right' | 'equal';
}

/** Probability that one is liked better than another, with its 95 % interval. */
export interface Chance {
  readonly chance: number;
  readonly low: number;
  readonly high: number;
}

/** Votes of a painter; the chance is that against the average of the others. */
export interface Ranked extends Chance {
  readonly name: string;
  readonly won: number;
  readonly equal: number;
  readonly lost: number;
}

/** Painters that have been compared with each other, the most liked first. */
export interface Ranking {
  readonly ranked: readonly Ranked[];
  /** Each against each that stands below. */
  readonly pairs: readonly ({ readonly name: string; readonly other: string } & Chance)[];
}

/** Prior: virtual votes of each painter against an average one, half won and half lost, keep strengths finite. */
const VIRTUAL = 1;
/** Standard deviations to each side of a 95 % interval. */
const INTERVAL = 1.96;
const STEPS = 100;

/**
 * Ranks painters by votes between their paintings (Bradley and Terry 1952): each has a strength s, and a is liked better
 * than b with chance 1 / (1 + e^(s(b) − s(a))). Votes for neither count half for each. Strengths are the most likely ones,
 * intervals come from the curvature there. Painters that no chain of votes connects are ranked apart.
 */
export function rank(votes: readonly Vote[]): Ranking[] {
  return connected(votes).map((names) => ranking(names, votes));
}

function ranking(names: readonly string[], votes: readonly Vote[]): Ranking {
  const place = new Map(names.map((name, at) => [name, at]));
  // Number of votes for the row against the column.
  const wins = names.map(() => names.map(() => 0));
  const tallies = names.map(() => ({ won: 0, equal: 0, lost: 0 }));
  for (const { left, right, choice } of votes) {
    const [a, b] = [place.get(left), place.get(right)];
    if (a === undefined || b === undefined) continue;
    const share = choice === 'equal' ? 0.5 : choice === 'left' ? 1 : 0;
    wins[a]![b]! += share;
    wins[b]![a]! += 1 - share;
    if (choice === 'equal') for (const at of [a, b]) tallies[at]!.equal += 1;
    else {
      tallies[choice === 'left' ? a : b]!.won += 1;
      tallies[choice === 'left' ? b : a]!.lost += 1;
    }
  }
  const { strengths, covariance } = mostLikely(wins);
  /** The probability whose log-odds are the weighted sum of strengths. */
  const chance = (weights: readonly number[]): Chance => {
    const value = dot(weights, strengths);
    const spread =
      INTERVAL *
      Math.sqrt(
        dot(
          weights,
          covariance.map((row) => dot(row, weights)),
        ),
      );
    return { chance: logistic(value), low: logistic(value - spread), high: logistic(value + spread) };
  };
  const order = names.map((_, at) => at).sort((a, b) => strengths[b]! - strengths[a]!);
  const others = names.length - 1;
  const versus = (a: number, b: number) => names.map((_, at) => (at === a ? 1 : at === b ? -1 : 0));
  return {
    ranked: order.map((at) => ({
      name: names[at]!,
      ...tallies[at]!,
      ...chance(names.map((_, other) => (other === at ? 1 : -1 / others))),
    })),
    pairs: order.flatMap((a, rank) =>
      order.slice(rank + 1).map((b) => ({ name: names[a]!, other: names[b]!, ...chance(versus(a, b)) })),
    ),
  };
}

/** Maximises the log-likelihood, which is concave, by Newton's method. */
function mostLikely(wins: readonly (readonly number[])[]): { strengths: number[]; covariance: number[][] } {
  const size = wins.length;
  const strengths = new Array<number>(size).fill(0);
  let covariance: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const gradient = strengths.map((strength) => VIRTUAL * (0.5 - logistic(strength)));
    const curvature = strengths.map((strength, at) => {
      const row = new Array<number>(size).fill(0);
      row[at] = VIRTUAL * logistic(strength) * logistic(-strength);
      return row;
    });
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        const count = wins[a]![b]! + wins[b]![a]!;
        const chance = logistic(strengths[a]! - strengths[b]!);
        gradient[a]! += wins[a]![b]! - count * chance;
        curvature[a]![a]! += count * chance * (1 - chance);
        curvature[a]![b]! -= count * chance * (1 - chance);
      }
    }
    covariance = inverse(curvature);
    const moves = covariance.map((row) => dot(row, gradient));
    for (let at = 0; at < size; at++) strengths[at]! += Math.max(-1, Math.min(1, moves[at]!));
    if (Math.max(...moves.map(Math.abs)) < 1e-9) break;
  }
  return { strengths, covariance };
}

/** Inverts a symmetric positive definite matrix by Gauss-Jordan elimination. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, at) => [...row, ...row.map((_, column) => (column === at ? 1 : 0))]);
  for (let at = 0; at < size; at++) {
    const pivot = rows[at]![at]!;
    rows[at] = rows[at]!.map((value) => value / pivot);
    for (let other = 0; other < size; other++) {
      const factor = rows[other]![at]!;
      if (other !== at) rows[other] = rows[other]!.map((value, column) => value - factor * rows[at]![column]!);
    }
  }
  return rows.map((row) => row.slice(size));
}

/** Sets of painters that votes connect, directly or through others. */
function connected(votes: readonly Vote[]): string[][] {
  const sets: Set<string>[] = [];
  for (const { left, right } of votes) {
    const joined = sets.filter((set) => set.has(left) || set.has(right));
    for (const set of joined) sets.splice(sets.indexOf(set), 1);
    sets.push(new Set([...joined.flatMap((set) => [...set]), left, right]));
  }
  return sets.map((set) => [...set].sort());
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

/** A deterministic stream of random numbers (sfc32, Doty-Humphrey 2010). */
export class Random {
  readonly #state: Uint32Array;

  /** Streams of different seed lists are independent: `new Random(seed, step)` needs no state carried over. */
  constructor(...seeds: readonly number[]) {
    // FNV-1a over the seeds, then twelve rounds, as the generator's author advises.
    const state = Uint32Array.of(0x9e3779b9, 0x243f6a88, 0xb7e15162, 1);
    seeds.forEach((seed, i) => {
      const lane = i % 3;
      state[lane] = Math.imul(state[lane]! ^ (seed >>> 0), 0x01000193) ^ (Math.floor(seed / 2 ** 32) >>> 0);
    });
    this.#state = state;
    for (let i = 0; i < 12; i++) this.integer();
  }

  /** A whole number from 0 to 2^32 − 1. */
  integer(): number {
    const s = this.#state;
    const sum = (s[0]! + s[1]! + s[3]!) >>> 0;
    s[3]! += 1;
    s[0] = s[1]! ^ (s[1]! >>> 9);
    s[1] = s[2]! + (s[2]! << 3);
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + sum;
    return sum;
  }

  /** A number from `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    return low + ((high - low) * this.integer()) / 2 ** 32;
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor((count * this.integer()) / 2 ** 32);
  }

  /** True with probability `share`. */
  chance(share: number): boolean {
    return this.between(0, 1) < share;
  }

  /** A number from the normal distribution with mean 0 and deviation 1 (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.between(0, 1)));
    return radius * Math.cos(2 * Math.PI * this.between(0, 1));
  }

  /** The numbers from 0 to `count` − 1 in random order (Fisher and Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

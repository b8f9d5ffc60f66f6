/** Options of L-BFGS. */
export interface LbfgsSettings {
  /** Pairs of steps and gradient changes that are remembered. */
  readonly pairs: number;
  /** Root of the mean square by which the first step, along the gradient, moves the elements. */
  readonly firstMove: number;
}

/** Sufficient decrease (Armijo), and how often a step is shortened before the memory is dropped. */
const DECREASE = 1e-4;
const SHORTENED = 6;
/** Pairs with less curvature than this share of |y|² are ignored. */
const CURVATURE = 1e-10;

interface Pair {
  /** The step taken. */
  readonly s: Float32Array;
  /** The change of the gradient over it. */
  readonly y: Float32Array;
  readonly sy: number;
}

/**
 * Limited-memory BFGS (Nocedal 1980, two-loop recursion; Liu and Nocedal 1989) for vectors of millions of elements,
 * with an ask-and-tell interface: the caller evaluates the objective at `trial` and calls `update` with the result.
 * Every evaluation counts as one step. Full steps are tried first; one that does not decrease the loss enough is
 * shortened.
 */
export class Lbfgs {
  /** The point to evaluate next. */
  readonly trial: Float32Array<ArrayBuffer>;
  readonly #settings: LbfgsSettings;
  readonly #point: Float32Array<ArrayBuffer>;
  readonly #gradient: Float32Array;
  readonly #direction: Float32Array;
  readonly #pairs: Pair[] = [];
  #loss = Number.POSITIVE_INFINITY;
  #slope = 0;
  #stride = 0;
  #shortened = 0;
  #ended = false;

  /** @param start initial point; copied. */
  constructor(start: Float32Array, settings: LbfgsSettings) {
    this.#settings = settings;
    this.trial = Float32Array.from(start);
    this.#point = Float32Array.from(start);
    this.#gradient = new Float32Array(start.length);
    this.#direction = new Float32Array(start.length);
  }

  /** The best point so far. */
  get best(): Float32Array<ArrayBuffer> {
    return this.#point;
  }

  /** The loss at `best`. */
  get loss(): number {
    return this.#loss;
  }

  /** True when no step, not even along the gradient, decreases the loss. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes the loss and gradient at `trial`, and sets the next trial. A NaN loss counts as large. */
  update(loss: number, gradient: Float32Array): void {
    if (this.#loss === Number.POSITIVE_INFINITY) this.#begin(loss, gradient);
    else if (loss <= this.#loss + DECREASE * this.#stride * this.#slope) this.#accept(loss, gradient);
    else this.#shorten(loss);
    for (let i = 0; i < this.trial.length; i++) this.trial[i] = this.#point[i]! + this.#stride * this.#direction[i]!;
  }

  #begin(loss: number, gradient: Float32Array): void {
    this.#loss = loss;
    this.#gradient.set(gradient);
    this.#descend();
  }

  #accept(loss: number, gradient: Float32Array): void {
    this.#remember(gradient);
    this.#point.set(this.trial);
    this.#gradient.set(gradient);
    this.#loss = loss;
    this.#shortened = 0;
    if (this.#pairs.length === 0) this.#descend();
    else this.#turn();
  }

  /** Shortens the step to the minimum of the interpolating parabola, within 0.1 to 0.5 of the step. */
  #shorten(loss: number): void {
    this.#shortened += 1;
    if (this.#shortened > SHORTENED) {
      this.#ended = this.#pairs.length === 0;
      this.#pairs.length = 0;
      this.#shortened = 0;
      this.#descend();
      return;
    }
    const rise = loss - this.#loss - this.#stride * this.#slope;
    const lowest = Number.isFinite(rise) ? (-this.#slope * this.#stride) / (2 * rise) : 0;
    this.#stride *= Math.min(0.5, Math.max(0.1, lowest));
  }

  /** A step along the gradient of a fixed length, without curvature information. */
  #descend(): void {
    const square = dot(this.#gradient, this.#gradient);
    scaled(this.#direction, this.#gradient, -1);
    this.#slope = -square;
    this.#stride = square > 0 ? this.#settings.firstMove * Math.sqrt(this.#gradient.length / square) : 0;
    if (square === 0) this.#ended = true;
  }

  #remember(gradient: Float32Array): void {
    // The oldest pair's buffers are reused.
    const full = this.#pairs.length === this.#settings.pairs;
    const { s, y } = full ? this.#pairs.shift()! : { s: this.#vector(), y: this.#vector() };
    for (let i = 0; i < s.length; i++) {
      s[i] = this.trial[i]! - this.#point[i]!;
      y[i] = gradient[i]! - this.#gradient[i]!;
    }
    const sy = dot(s, y);
    if (sy > CURVATURE * dot(y, y)) this.#pairs.push({ s, y, sy });
  }

  /**
   * The two-loop recursion: the direction −H g. Each iteration updates and computes the next product in one pass over
   * memory.
   */
  #turn(): void {
    const [direction, pairs] = [this.#direction, this.#pairs];
    const shares = new Array<number>(pairs.length);
    scaled(direction, this.#gradient, -1);
    let product = dot(direction, pairs.at(-1)!.s);
    for (let k = pairs.length - 1; k >= 0; k--) {
      shares[k] = product / pairs[k]!.sy;
      product = moved(direction, pairs[k]!.y, -shares[k]!, pairs[k - 1]?.s ?? pairs[0]!.y);
    }
    const { y, sy } = pairs.at(-1)!;
    const scale = sy / dot(y, y);
    scaled(direction, direction, scale);
    product *= scale;
    pairs.forEach((pair, k) => {
      product = moved(direction, pair.s, shares[k]! - product / pair.sy, pairs[k + 1]?.y ?? this.#gradient);
    });
    this.#slope = product;
    this.#stride = 1;
    if (product < 0) return;
    pairs.length = 0;
    this.#descend();
  }

  #vector(): Float32Array {
    return new Float32Array(this.#point.length);
  }
}

/** Summed in double precision. Four accumulators, so that additions can overlap. */
function dot(x: Float32Array, y: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length - (x.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += x[i]! * y[i]!;
    b += x[i + 1]! * y[i + 1]!;
    c += x[i + 2]! * y[i + 2]!;
    d += x[i + 3]! * y[i + 3]!;
  }
  for (let i = whole; i < x.length; i++) a += x[i]! * y[i]!;
  return a + b + (c + d);
}

/** Adds `factor` times `x`, and returns the dot product of the result with `along`. */
function moved(to: Float32Array, x: Float32Array, factor: number, along: Float32Array): number {
  let [a, b] = [0, 0];
  const whole = to.length - (to.length % 2);
  for (let i = 0; i < whole; i += 2) {
    const p = to[i]! + factor * x[i]!;
    const q = to[i + 1]! + factor * x[i + 1]!;
    to[i] = p;
    to[i + 1] = q;
    a += p * along[i]!;
    b += q * along[i + 1]!;
  }
  if (whole === to.length) return a + b;
  to[whole] = to[whole]! + factor * x[whole]!;
  return a + b + to[whole]! * along[whole]!;
}

function scaled(to: Float32Array, x: Float32Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] = factor * x[i]!;
}

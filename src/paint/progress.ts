import type { Level } from './pictures/levels.js';

/** The objective's terms before their weights, and the whole. */
export type PaintLosses = Readonly<Record<string, number>>;

/** How far a painting is. */
export interface PaintProgress {
  /** Which of several paintings, from 1 on. */
  readonly run: number;
  readonly runs: number;
  /** Steps done, over all sizes of this painting. */
  readonly step: number;
  readonly steps: number;
  /** The size that is painted at now. */
  readonly width: number;
  readonly height: number;
  readonly losses: PaintLosses;
  readonly secondsLeft: number;
  /** The preview, when this step renewed it. */
  readonly preview?: string;
}

/** How long painting takes: a step costs what its pixels cost. */
export class Pace {
  #seconds: number;
  #pixels: number;
  #last = performance.now();

  /** @param before seconds and pixels of the steps done in earlier runs. */
  constructor(before = { seconds: 0, pixels: 0 }) {
    this.#seconds = before.seconds;
    this.#pixels = before.pixels;
  }

  /** What to carry over into a resumed painting. */
  get spent(): { seconds: number; pixels: number } {
    return { seconds: this.#seconds, pixels: this.#pixels };
  }

  /** Starts the clock, also after a pause that is not to count. */
  resume(): void {
    this.#last = performance.now();
  }

  /** Counts a step of a level. */
  tick({ width, height }: Level): void {
    const now = performance.now();
    this.#seconds += (now - this.#last) / 1000;
    this.#last = now;
    this.#pixels += width * height;
  }

  /** Seconds for so many pixels more. */
  secondsFor(pixels: number): number {
    return this.#pixels === 0 ? 0 : (pixels * this.#seconds) / this.#pixels;
  }
}

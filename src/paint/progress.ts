import type { Level } from './pictures/levels.js';

/** Losses: the unweighted terms of the objective, and the total. */
export type PaintLosses = Readonly<Record<string, number>>;

/** Progress of a painting. */
export interface PaintProgress {
  /** Which of several paintings, from 1 on. */
  readonly run: number;
  readonly runs: number;
  /** Steps done, over all sizes of this painting. */
  readonly step: number;
  readonly steps: number;
  /** The current size. */
  readonly width: number;
  readonly height: number;
  readonly losses: PaintLosses;
  readonly secondsLeft: number;
  /** Path of the preview, when this step has updated it. */
  readonly preview?: string;
}

/** Estimates the remaining time: the cost of a step is proportional to its pixels. */
export class PaintingPace {
  #seconds: number;
  #pixels: number;
  #last = performance.now();

  /** @param before seconds and pixels of the steps done in earlier runs. */
  constructor(before = { seconds: 0, pixels: 0 }) {
    this.#seconds = before.seconds;
    this.#pixels = before.pixels;
  }

  /** State for a resumed painting. */
  get spent(): { seconds: number; pixels: number } {
    return { seconds: this.#seconds, pixels: this.#pixels };
  }

  /** Starts the clock, also after a pause that does not count. */
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

  /** Estimated seconds for a number of pixels. */
  secondsFor(pixels: number): number {
    return this.#pixels === 0 ? 0 : (pixels * this.#seconds) / this.#pixels;
  }
}

import type { LossNetwork } from '../../losses/networks/network.js';
import { colourKept } from '../../quality/colour/colour.js';
import { lightKept } from '../../quality/colour/light.js';
import { localDifferences } from '../../quality/colour/local-differences.js';
import type { Picture } from '../../quality/motion/warping.js';
import { meanSquaredError } from '../../quality/mse.js';
import { ssim } from '../../quality/ssim.js';
import { PeopleComparison, type PeopleMeasurement } from './people.js';
import { StrokesComparison, type StrokesMeasurement } from './strokes.js';
import { StyleComparison, type StyleDistances } from './style.js';

/** Everything that is measured of one painting. */
export interface PictureMeasurement extends StyleDistances, StrokesMeasurement, PeopleMeasurement {
  /** Share of the source's local differences of light that is kept. */
  readonly light: number;
  /** Share of its local differences of colour that is kept; undefined for a source without colour. */
  readonly colour: number | undefined;
  readonly ssim: number;
  /** Mean squared error, values from 0 to 1. */
  readonly mse: number;
}

/** Options of `PictureComparison`. */
export interface PictureComparisonOptions {
  /** Style pictures with which paintings are compared. */
  readonly pictures: readonly string[];
  readonly threads: number;
  /** Whether to look for faces. */
  readonly faces: boolean;
}

/** Measures paintings against their sources and style pictures. */
export class PictureComparison {
  private constructor(
    private readonly style: StyleComparison,
    private readonly strokes: StrokesComparison,
    private readonly people: PeopleComparison,
  ) {}

  /**
   * @throws TrainError `TRAIN_PICTURE` when a style picture cannot be read; EngineError `EVAL_FACES` when faces are wanted
   * and their detector is missing.
   */
  static async open(
    network: LossNetwork,
    { pictures, threads, faces }: PictureComparisonOptions,
  ): Promise<PictureComparison> {
    const opened: { close(): Promise<void> }[] = [];
    const keep = <T extends { close(): Promise<void> }>(one: T): T => {
      opened.push(one);
      return one;
    };
    try {
      const people = keep(await PeopleComparison.open(threads, faces));
      const style = keep(await StyleComparison.open(network, pictures, threads));
      return new PictureComparison(style, await StrokesComparison.open(network, pictures, threads), people);
    } catch (error) {
      await Promise.all(opened.map((one) => one.close()));
      throw error;
    }
  }

  /** Measures a painting against its source of the same size. */
  async compare(painting: Picture, source: Picture): Promise<PictureMeasurement> {
    const [own, kept] = [localDifferences(source), localDifferences(painting)];
    return {
      ...(await this.style.compare(painting, source)),
      ...(await this.strokes.compare(painting, source)),
      ...(await this.people.compare(painting, source)),
      light: lightKept(kept, own),
      colour: colourKept(kept, own),
      ssim: ssim(painting, source),
      mse: meanSquaredError(painting, source),
    };
  }

  /** Style distances of a source to each style picture. */
  async styleDistances(source: Picture): Promise<readonly number[]> {
    return (await this.style.compare(source, source)).styles;
  }

  /** Ends the sessions. */
  async close(): Promise<void> {
    await Promise.all([this.style.close(), this.strokes.close(), this.people.close()]);
  }
}

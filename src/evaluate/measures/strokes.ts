import { SizedSession } from '../../engine/threads/sized-session.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import type { Picture } from '../../quality/motion/warping.js';
import type { GramSet } from '../../quality/style/comparison.js';
import { crispness } from '../../quality/style/crispness.js';
import { STROKE_UNIT, seesStrokes, strokeDistance, strokeLayers, strokesModel } from '../../quality/style/strokes.js';
import { STYLE_SIDE } from '../../quality/style/style-picture.js';
import { stylePictureAt } from '../sources/pictures.js';
import { compareFeatures } from './style.js';

/** Strokes of a painting against those of each style picture, and its shapes against those of the source. */
export interface StrokesMeasurement {
  /** Distance of the strokes to those of each style picture; none where the loss network cannot tell. */
  readonly strokes: readonly number[];
  /** Crispness relative to that of each style picture. */
  readonly crispness: readonly number[];
  /** Distance of the shapes to those of the source; undefined where the loss network cannot tell. */
  readonly structure: number | undefined;
}

/** Features of a style picture. */
interface Target {
  readonly grams: GramSet | undefined;
  readonly crispness: number;
}

/** Compares the strokes of paintings with those of style pictures, and their shapes with those of the source. */
export class StrokesComparison {
  private readonly session: SizedSession;
  private readonly targets: Target[] = [];

  private constructor(
    private readonly network: LossNetwork,
    threads: number,
  ) {
    this.session = new SizedSession(({ width, height }) => strokesModel(network, width, height), threads);
  }

  /** @param pictures files that can be read: others are refused before. */
  static async open(network: LossNetwork, pictures: readonly string[], threads: number): Promise<StrokesComparison> {
    const comparison = new StrokesComparison(network, threads);
    try {
      for (const file of pictures) {
        const picture = await stylePictureAt(file, STYLE_SIDE);
        const { grams } = await comparison.features(picture, picture);
        comparison.targets.push({ grams, crispness: crispness(picture) });
      }
    } catch (error) {
      await comparison.close();
      throw error;
    }
    return comparison;
  }

  /** Compares a painting with its source of the same size. */
  async compare(painted: Picture, source: Picture): Promise<StrokesMeasurement> {
    const { grams, structure } = await this.features(painted, source);
    const own = crispness(painted);
    return {
      strokes: grams ? this.targets.map((target) => strokeDistance(grams, target.grams!)) : [],
      crispness: this.targets.map((target) => own / target.crispness),
      structure,
    };
  }

  /** Gram matrices and structure distance, in the central part whose sides the pyramid divides. */
  private async features(painted: Picture, source: Picture): Promise<{ grams?: GramSet; structure?: number }> {
    if (!seesStrokes(this.network)) return {};
    const layers = strokeLayers(this.network);
    const { grams, distance } = await compareFeatures(
      this.session,
      [painted, source],
      layers,
      STROKE_UNIT,
      'structure',
    );
    return { grams, structure: distance };
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.close();
  }
}

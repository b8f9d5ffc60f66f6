import type { LossNetwork } from '../../losses/networks/network.js';
import { middle } from '../../quality/middle.js';
import type { Picture } from '../../quality/motion/warping.js';
import { type GramSet, gramName } from '../../quality/style/comparison.js';
import { crispness } from '../../quality/style/crispness.js';
import { STROKE_UNIT, seesStrokes, strokeDistance, strokeLayers, strokesModel } from '../../quality/style/strokes.js';
import { STYLE_SIDE } from '../../train/data/style-picture.js';
import { SizedSession } from '../../train/session/sized-session.js';
import { stylePictureAt } from '../sources/pictures.js';

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
    const [a, b] = [middle(painted, STROKE_UNIT), middle(source, STROKE_UNIT)];
    const dims = [1, a.height, a.width, 3];
    const layers = strokeLayers(this.network);
    const names = layers.flatMap((each, scale) => each.map((layer) => gramName(scale, layer)));
    const runs = await this.session.sessionFor(a);
    const feeds = {
      painted: { type: 'uint8' as const, dims, data: a.data },
      photograph: { type: 'uint8' as const, dims, data: b.data },
    };
    const found = await runs.run(feeds, [...names, 'structure']);
    const values = (name: string) => found[name]!.data as Float32Array;
    const grams = layers.map((each, scale) => new Map(each.map((layer) => [layer, values(gramName(scale, layer))])));
    return { grams, structure: values('structure')[0]! };
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.close();
  }
}

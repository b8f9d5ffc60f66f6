import { SizedSession } from '../../engine/threads/sized-session.js';
import type { LossNetwork } from '../../losses/networks/network.js';
import { middle } from '../../quality/middle.js';
import type { Picture } from '../../quality/motion/warping.js';
import { comparisonModel, type GramSet, gramName, styleDistance } from '../../quality/style/comparison.js';
import { measureStyle } from '../../quality/style/style-picture.js';

/** Scales of the picture at which style is compared. */
const SCALES = 4;
/** Both sides of a compared picture are cropped to a multiple of this. */
const UNIT = 4 * 2 ** (SCALES - 1);

/** Distances of a picture measured with the loss network, as training minimises them. */
export interface StyleDistances {
  /** Style distance to each style picture. */
  readonly styles: readonly number[];
  /** Content distance to the source. */
  readonly content: number;
}

/** Measures distances of painted pictures from styles and sources. */
export class StyleComparison {
  private readonly session: SizedSession;

  private constructor(
    private readonly network: LossNetwork,
    private readonly targets: readonly GramSet[],
    threads: number,
  ) {
    this.session = new SizedSession(({ width, height }) => comparisonModel(network, width, height, SCALES), threads);
  }

  /** @throws TrainError `TRAIN_PICTURE` when a style picture cannot be read. */
  static async open(network: LossNetwork, pictures: readonly string[], threads: number): Promise<StyleComparison> {
    const targets: GramSet[] = [];
    const layers = Array.from({ length: SCALES }, () => network.styleLayers);
    for (const picture of pictures) {
      const measured = await measureStyle([picture], network, { scale: 1, layers, threads });
      targets.push(
        measured.map((layers) => new Map([...layers].map(([name, gram]) => [name, gram.data as Float32Array]))),
      );
    }
    return new StyleComparison(network, targets, threads);
  }

  /** Measures a picture against its source of the same size, in the central part whose sides the pyramid divides. */
  async compare(painted: Picture, source: Picture): Promise<StyleDistances> {
    const layers = Array.from({ length: SCALES }, () => this.network.styleLayers);
    const { grams, distance } = await compareFeatures(this.session, [painted, source], layers, UNIT, 'content');
    return { styles: this.targets.map((target) => styleDistance(grams, target)), content: distance };
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.close();
  }
}

/**
 * The Gram matrices of a painting and its distance from its source, by a model that takes both as `painted` and
 * `photograph`.
 *
 * @param layers those of the Gram matrices, by scale. @param unit multiple to whose size the middle of both is cropped.
 * @param name of the distance.
 */
export async function compareFeatures(
  session: SizedSession,
  [painted, source]: readonly [Picture, Picture],
  layers: readonly (readonly string[])[],
  unit: number,
  name: string,
): Promise<{ readonly grams: GramSet; readonly distance: number }> {
  const [a, b] = [middle(painted, unit), middle(source, unit)];
  const dims = [1, a.height, a.width, 3];
  const runs = await session.sessionFor(a);
  const feeds = {
    painted: { type: 'uint8' as const, dims, data: a.data },
    photograph: { type: 'uint8' as const, dims, data: b.data },
  };
  const names = layers.flatMap((each, scale) => each.map((layer) => gramName(scale, layer)));
  const found = await runs.run(feeds, [...names, name]);
  const values = (output: string) => found[output]!.data as Float32Array;
  const grams = layers.map((each, scale) => new Map(each.map((layer) => [layer, values(gramName(scale, layer))])));
  return { grams, distance: values(name)[0]! };
}

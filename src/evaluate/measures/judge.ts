import type { LossNetwork } from '../../losses/networks/network.js';
import { middle } from '../../quality/middle.js';
import type { Picture } from '../../quality/motion/warping.js';
import { type GramSet, gramName, judgeModel, styleDistance } from '../../quality/style/judge.js';
import { measureStyle } from '../../train/data/style-picture.js';
import { SizedSession } from '../../train/session/sized-session.js';

/** Scales of the picture at which style is compared, as in training. */
const SCALES = 4;
/** Both sides of a judged picture are cut to a multiple of this. */
const UNIT = 4 * 2 ** (SCALES - 1);

/** What the loss network says of a picture. */
export interface Verdict {
  /** Style distance to each of the judge's pictures. */
  readonly styles: readonly number[];
  /** Content distance to the source. */
  readonly content: number;
}

/** Compares painted pictures with styles and with their sources. */
export class Judge {
  private readonly session: SizedSession;

  private constructor(
    private readonly network: LossNetwork,
    private readonly targets: readonly GramSet[],
    threads: number,
  ) {
    this.session = new SizedSession(({ width, height }) => judgeModel(network, width, height, SCALES), threads);
  }

  /** @throws TrainError `TRAIN_PICTURE` when a style picture cannot be read. */
  static async open(network: LossNetwork, pictures: readonly string[], threads: number): Promise<Judge> {
    const targets: GramSet[] = [];
    for (const picture of pictures) {
      const measured = await measureStyle([picture], network, { scale: 1, scales: SCALES, threads });
      targets.push(
        measured.map((layers) => new Map([...layers].map(([name, gram]) => [name, gram.data as Float32Array]))),
      );
    }
    return new Judge(network, targets, threads);
  }

  /** Judges a picture beside its source, both of one size; the middle of them, cut to what the pyramid divides. */
  async judge(painted: Picture, source: Picture): Promise<Verdict> {
    const [a, b] = [middle(painted, UNIT), middle(source, UNIT)];
    const dims = [1, a.height, a.width, 3];
    const names = Array.from({ length: SCALES }, (_, scale) =>
      this.network.styleLayers.map((layer) => [layer, gramName(scale, layer)] as const),
    );
    const runs = await this.session.sessionFor(a);
    const feeds = {
      painted: { type: 'uint8' as const, dims, data: a.data },
      photograph: { type: 'uint8' as const, dims, data: b.data },
    };
    const found = await runs.run(feeds, [...names.flat().map(([, name]) => name), 'content']);
    const values = (name: string) => found[name]!.data as Float32Array;
    const grams = names.map((layers) => new Map(layers.map(([layer, name]) => [layer, values(name)])));
    return { styles: this.targets.map((target) => styleDistance(grams, target)), content: values('content')[0]! };
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.close();
  }
}

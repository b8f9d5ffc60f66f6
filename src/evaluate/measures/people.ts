import { PersonMask } from '../../engine/painter/person-mask.js';
import { GraphSession } from '../../engine/threads/graph-session.js';
import { sharp } from '../../media/sharp.js';
import type { Picture } from '../../quality/motion/warping.js';
import { FACE_SIDE, faceModel } from '../../quality/people/face-network.js';
import { readFaceWeights } from '../../quality/people/face-weights.js';
import { type Face, facesFound, facesOf } from '../../quality/people/faces.js';
import { maskOverlap } from '../../quality/people/mask.js';

/** How well the people of a source can still be recognised in its painting. */
export interface PeopleMeasurement {
  /** Faces in the source, and how many of them are found in the painting; undefined where faces are not looked for. */
  readonly faces: { readonly source: number; readonly found: number } | undefined;
  /** Overlap of the person's mask; undefined where there is no person in the source. */
  readonly person: number | undefined;
}

/** Looks for the people of sources in their paintings. */
export class PeopleComparison {
  private mask: { readonly size: string; readonly network: PersonMask } | undefined;
  /** Faces and masks of sources, which come again with every style. */
  private readonly known = new WeakMap<Picture, { readonly faces: readonly Face[]; readonly mask: Float32Array }>();

  private constructor(
    private readonly detector: { readonly session: GraphSession; readonly anchors: Float32Array } | undefined,
    private readonly threads: number,
  ) {}

  /** @throws EngineError `EVAL_FACES` when faces are wanted and their detector is missing. */
  static async open(threads: number, faces: boolean): Promise<PeopleComparison> {
    if (!faces) return new PeopleComparison(undefined, threads);
    const weights = await readFaceWeights();
    const session = await GraphSession.open(faceModel(weights), { threads });
    return new PeopleComparison({ session, anchors: weights.get('Output/extra_dim')!.data }, threads);
  }

  /** Compares a painting with its source of the same size. */
  async compare(painting: Picture, source: Picture): Promise<PeopleMeasurement> {
    const own = this.known.get(source) ?? (await this.find(source));
    this.known.set(source, own);
    const { faces, mask } = await this.find(painting);
    return {
      faces: this.detector ? { source: own.faces.length, found: facesFound(own.faces, faces) } : undefined,
      person: maskOverlap(own.mask, mask),
    };
  }

  private async find(picture: Picture) {
    return { faces: await this.faces(picture), mask: await this.person(picture) };
  }

  private async faces({ data, width, height }: Picture): Promise<Face[]> {
    if (!this.detector) return [];
    const { session, anchors } = this.detector;
    const square = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(FACE_SIDE, FACE_SIDE, { fit: 'contain', position: 'left top', background: 'black' })
      .raw()
      .toBuffer();
    const picture = { type: 'uint8' as const, dims: [1, FACE_SIDE, FACE_SIDE, 3], data: new Uint8Array(square) };
    const { codes, scores } = await session.run({ picture }, ['codes', 'scores']);
    return facesOf(codes!.data as Float32Array, scores!.data as Float32Array, anchors, Math.max(width, height));
  }

  private async person({ data, width, height }: Picture): Promise<Float32Array> {
    const size = `${width}×${height}`;
    if (this.mask?.size !== size) {
      await this.mask?.network.close();
      this.mask = { size, network: await PersonMask.open({ width, height }, this.threads) };
    }
    // Each picture by itself: the network remembers the one before.
    this.mask.network.reset();
    const found = await this.mask.network.find(Uint8Array.from(data));
    return Float32Array.from(found.data as Float32Array);
  }

  /** Frees the networks. */
  async close(): Promise<void> {
    await Promise.all([this.detector?.session.close(), this.mask?.network.close()]);
  }
}

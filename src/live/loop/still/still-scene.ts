import type { LivePicture, PaintLook } from '../../../engine/painter/live-painter.js';
import type { Size } from '../../../frame.js';
import { PictureChange } from './picture-change.js';

/** Pictures of a still scene that are painted where they do not stop changing before: by then what settles has. */
const SETTLING = 24;

/** A painted picture, to be shown again. */
type Painted = Pick<LivePicture, 'data' | 'channels'>;

/**
 * Finds out when painting would only give the same picture again: the source and the look stand still, and the painting
 * has settled. The source is compared with what was painted, not with the picture before, so that nothing creeps.
 */
export class StillScene {
  private readonly change: PictureChange;
  private readonly seen: Uint8Array;
  private look: string | undefined;
  private given: PaintLook['given'];
  private painted: Painted | undefined;
  /** Pictures painted since the source and the look stand still. */
  private still = 0;
  /** Whether the last picture was shown again. */
  resting = false;

  /** @param size of the pictures in pixels */
  constructor(size: Size) {
    this.change = new PictureChange(size);
    this.seen = new Uint8Array(3 * size.width * size.height);
  }

  /**
   * What was painted last, where a picture of the source would become the same; else undefined. Must be asked for each
   * picture, before its buffer is taken over.
   *
   * @param state what else the painting depends on, such as the size that it is painted at
   */
  again(source: Uint8Array, look: PaintLook, state: string): Painted | undefined {
    const { given, ...rest } = look;
    const wanted = JSON.stringify([rest, state]);
    const same = wanted === this.look && given === this.given && !this.change.differs(this.seen, source);
    this.resting = same && this.painted !== undefined && this.still > SETTLING;
    if (this.resting) return this.painted;
    this.still = same ? this.still + 1 : 0;
    if (!same) this.seen.set(source);
    this.look = wanted;
    this.given = given;
    return undefined;
  }

  /** To be told what the last picture became; undefined where painting failed. */
  became(painted: Painted | undefined, { mask }: PaintLook): void {
    const before = this.painted;
    this.painted = painted && { data: painted.data, channels: painted.channels };
    // Persons are found more slowly than pictures are painted: two alike say nothing.
    const found = mask !== 'none' && mask !== 'picture';
    if (this.still === 0 || found || !painted || !before) return;
    if (Buffer.compare(before.data, painted.data) === 0) this.still = SETTLING + 1;
  }
}

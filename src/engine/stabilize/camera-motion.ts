import type { Size } from '../../frame.js';
import { type Projections, projectionsOf } from './projections.js';
import { type Slide, slideOf } from './shift.js';
import { growthOf, type Part } from './zoom.js';

/** Where the scene is in a picture, relative to the first picture of a shot. */
export interface ScenePlace {
  /** Pixels to the right and down, to the fraction. */
  readonly x: number;
  readonly y: number;
  /** How much larger it is. */
  readonly zoom: number;
  /** True for the first picture, and for one that shows another scene than the picture before. */
  readonly cut: boolean;
}

/** Parts that each band is cut into. */
const PARTS = 4;
/** Largest motion between two pictures, as a share of the axis: what moves faster is blurred anyway. */
const FARTHEST = 0.04;
/** Above this rest, what a part shows has changed. */
const CHANGED = 0.35;
/** A part may stand still where that explains it nearly as well as the best motion does: as a share of what is left, and more. */
const STILL = { share: 0.5, more: 0.005 } as const;
/** Motions that are this near, in bins, are one. */
const NEAR = 0.35;
/** Smallest side of a picture in pixels. */
const SMALLEST = 48;
/** Pictures after which the one that others are compared with is changed at the latest. */
const OLDEST = 30;

/**
 * Follows the motion of the camera over pictures of one size, in their order.
 *
 * Motion is the camera's when half of what can be seen moves alike, or half of the picture grows from its middle; a scene
 * in which more moves each its own way, or turns, stays where it is. Pictures are compared with one that may be some
 * back, so that a camera that stands still stays at exactly the same place.
 */
export class Camera {
  private reference: Projections | undefined;
  private before: Projections | undefined;
  private origin: Place = START;
  private last: Place = START;
  private age = 0;

  constructor(private readonly size: Size) {}

  /** @param data RGB24; only looked at */
  next(data: Uint8Array): ScenePlace {
    if (Math.min(this.size.width, this.size.height) < SMALLEST) return this.nowhere();
    const now = projectionsOf(data, this.size);
    const { reference, before } = this;
    this.before = now;
    if (!reference || !before) return this.restart(now, START, true);
    const seen = between(reference, now);
    if (seen.x === undefined || seen.y === undefined) {
      const lately = before === reference ? seen : between(before, now);
      return lately.cut ? this.restart(now, START, true) : this.restart(now, moved(this.last, lately), false);
    }
    const place = moved(this.origin, seen);
    const far = Math.max(Math.abs(seen.x) / this.size.width, Math.abs(seen.y) / this.size.height) > FARTHEST / 3;
    if (far || seen.zoom !== 1 || ++this.age >= OLDEST) return this.restart(now, place, false);
    this.last = place;
    return { ...place, cut: false };
  }

  /** For pictures that are too small to be cut up. */
  private nowhere(): ScenePlace {
    return { ...START, cut: this.age++ === 0 };
  }

  private restart(now: Projections, place: Place, cut: boolean): ScenePlace {
    this.reference = now;
    this.origin = place;
    this.last = place;
    this.age = 0;
    return { ...place, cut };
  }
}

type Place = Omit<ScenePlace, 'cut'>;
const START: Place = { x: 0, y: 0, zoom: 1 };
const FARTHEST_ZOOM = 14;

const moved = (from: Place, { x = 0, y = 0, zoom }: ReturnType<typeof between>): Place => ({
  x: from.x + x,
  y: from.y + y,
  // Only what lies between two pictures matters: it must not grow beyond all bounds.
  zoom: Math.abs(Math.log(from.zoom * zoom)) < FARTHEST_ZOOM ? from.zoom * zoom : 1,
});

/** Motion from one picture to another in pixels, undefined along an axis where parts disagree. */
function between(earlier: Projections, later: Projections) {
  const columns = slides(earlier.columns, later.columns);
  const rows = slides(earlier.rows, later.rows);
  const all = [...columns, ...rows].filter((slide) => slide !== undefined);
  const changed = all.filter(({ rest }) => rest > CHANGED).length;
  const pixels = (bins: number | undefined) => (bins === undefined ? undefined : bins * later.bin);
  const cut = changed > 0.6 * all.length;
  const sure = (parts: readonly (Part | undefined)[]) =>
    parts.map((part) => (part && part.rest <= CHANGED ? part : undefined));
  const growth = cut ? undefined : growthOf([sure(columns), sure(rows)], later.columns[0]!.length / 2);
  return {
    x: pixels(growth ? growth.x : common(columns)),
    y: pixels(growth ? growth.y : common(rows)),
    zoom: 1 + (growth?.rate ?? 0),
    cut,
  };
}

function slides(earlier: readonly Float32Array[], later: readonly Float32Array[]): (Part | undefined)[] {
  const most = Math.max(1, Math.floor(earlier[0]!.length * FARTHEST));
  // Away from the ends, so that each part can be followed either way.
  const length = Math.floor((earlier[0]!.length - 2 * most) / PARTS);
  return earlier.flatMap((profile, band) =>
    Array.from({ length: PARTS }, (_, part) => {
      const from = most + part * length;
      const slide = slideOf(profile, later[band]!, from, length, most);
      return slide && { ...slide, at: from + (length - profile.length) / 2 };
    }),
  );
}

function mayBeStill({ rest, least, restAtNone }: Slide): boolean {
  return rest <= CHANGED && restAtNone < least * (1 + STILL.share) + STILL.more;
}

/** The motion that at least half of the parts share: none where so many may stand still. */
function common(parts: readonly (Slide | undefined)[]): number | undefined {
  const still = parts.filter((part) => !part || mayBeStill(part)).length;
  if (still >= parts.length / 2) return 0;
  const moved = parts.filter((part) => part !== undefined);
  const sure = moved.filter(({ rest }) => rest <= CHANGED).map(({ by }) => by);
  let most: number[] = [];
  for (const by of sure) {
    const alike = sure.filter((other) => Math.abs(other - by) <= NEAR);
    if (alike.length > most.length) most = alike;
  }
  if (most.length < moved.length / 2) return undefined;
  return most.reduce((sum, by) => sum + by, 0) / most.length;
}

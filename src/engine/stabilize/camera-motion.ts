import type { Size } from '../../frame.js';
import { describeFrame, type FrameDescriptor, isCut } from './cut.js';
import { MAX_RESIDUAL, MAX_SHIFT, partShifts } from './parts.js';
import type { Projections } from './projections.js';
import type { ShiftEstimate } from './shift.js';
import { estimateZoom, type ProfilePart } from './zoom.js';

/** Position of the scene in a picture, relative to the first picture of a shot. */
export interface ScenePosition {
  /** Pixels to the right and down, with fractions. */
  readonly x: number;
  readonly y: number;
  /** Magnification. */
  readonly zoom: number;
  /** True for the first picture and after a cut. */
  readonly cut: boolean;
}

/**
 * A part may be still where zero motion explains it nearly as well as the best motion: relative and absolute tolerance
 * of the residual.
 */
const STILL = { share: 0.5, more: 0.005 } as const;
/** Motions closer than this, in bins, count as equal. */
const SAME_MOTION = 0.35;
/** Pictures after which the reference picture is replaced at the latest. */
const MAX_REFERENCE_AGE = 30;

/** What of the pictures so far matters for the motion of later ones. */
export interface CameraMotionState {
  readonly reference: Projections | undefined;
  readonly before: FrameDescriptor | undefined;
  readonly origin: Position;
  readonly last: Position;
  readonly age: number;
}

/**
 * Estimates camera motion over successive pictures of one size.
 *
 * Motion counts as camera motion when at least half of the visible parts shift alike or scale from the middle;
 * otherwise, as with rotation, the scene stays where it is. Pictures are compared with a reference that may be several
 * pictures old, so that a still camera keeps exactly the same position.
 */
export class CameraMotionEstimator {
  private reference: Projections | undefined;
  private before: FrameDescriptor | undefined;
  private origin: Position = START;
  private last: Position = START;
  private age = 0;

  constructor(private readonly size: Size) {}

  /** What is known so far; setting it goes on from there. */
  get state(): CameraMotionState {
    const { reference, before, origin, last, age } = this;
    return { reference, before, origin, last, age };
  }

  set state({ reference, before, origin, last, age }: CameraMotionState) {
    this.reference = reference;
    this.before = before;
    this.origin = origin;
    this.last = last;
    this.age = age;
  }

  /** @param data RGB24; only read */
  update(data: Uint8Array): ScenePosition {
    return this.follow(describeFrame(data, this.size));
  }

  /** As `update` with the same picture once more, which is not looked at again. */
  repeat(): ScenePosition {
    return this.follow(this.before!);
  }

  private follow(described: FrameDescriptor): ScenePosition {
    const { before, reference } = this;
    const cut = !before || isCut(before, described);
    this.before = described;
    const now = described.projections;
    // Too small for its motion to be seen.
    if (!now) return { ...START, cut };
    if (cut || !reference) return this.restart(now, START, cut);
    const seen = estimateMotion(reference, now);
    if (seen.x === undefined || seen.y === undefined) {
      const { projections: earlier = reference } = before;
      const lately = earlier === reference ? seen : estimateMotion(earlier, now);
      return this.restart(now, moved(this.last, lately), false);
    }
    const place = moved(this.origin, seen);
    const far = Math.max(Math.abs(seen.x) / this.size.width, Math.abs(seen.y) / this.size.height) > MAX_SHIFT / 3;
    if (far || seen.zoom !== 1 || ++this.age >= MAX_REFERENCE_AGE) return this.restart(now, place, false);
    this.last = place;
    return { ...place, cut: false };
  }

  private restart(now: Projections, place: Position, cut: boolean): ScenePosition {
    this.reference = now;
    this.origin = place;
    this.last = place;
    this.age = 0;
    return { ...place, cut };
  }
}

type Position = Omit<ScenePosition, 'cut'>;
const START: Position = { x: 0, y: 0, zoom: 1 };
const MAX_LOG_ZOOM = 14;

const moved = (from: Position, { x = 0, y = 0, zoom }: ReturnType<typeof estimateMotion>): Position => ({
  x: from.x + x,
  y: from.y + y,
  // Only the change between two pictures matters; the product must not overflow.
  zoom: Math.abs(Math.log(from.zoom * zoom)) < MAX_LOG_ZOOM ? from.zoom * zoom : 1,
});

/** Motion between two pictures in pixels; undefined along an axis where parts disagree. */
function estimateMotion(earlier: Projections, later: Projections) {
  const columns = partShifts(earlier.columns, later.columns);
  const rows = partShifts(earlier.rows, later.rows);
  const pixels = (bins: number | undefined) => (bins === undefined ? undefined : bins * later.bin);
  const sure = (parts: readonly (ProfilePart | undefined)[]) =>
    parts.map((part) => (part && part.residual <= MAX_RESIDUAL ? part : undefined));
  const growth = estimateZoom([sure(columns), sure(rows)], later.columns[0]!.length / 2);
  return {
    x: pixels(growth ? growth.x : commonShift(columns)),
    y: pixels(growth ? growth.y : commonShift(rows)),
    zoom: 1 + (growth?.rate ?? 0),
  };
}

function mayBeStill({ residual, minResidual, residualAtZero }: ShiftEstimate): boolean {
  return residual <= MAX_RESIDUAL && residualAtZero < minResidual * (1 + STILL.share) + STILL.more;
}

/** The motion that at least half of the parts share; zero where as many may be still. */
function commonShift(parts: readonly (ShiftEstimate | undefined)[]): number | undefined {
  const still = parts.filter((part) => !part || mayBeStill(part)).length;
  if (still >= parts.length / 2) return 0;
  const moved = parts.filter((part) => part !== undefined);
  const sure = moved.filter(({ residual }) => residual <= MAX_RESIDUAL).map(({ by }) => by);
  let most: number[] = [];
  for (const by of sure) {
    const alike = sure.filter((other) => Math.abs(other - by) <= SAME_MOTION);
    if (alike.length > most.length) most = alike;
  }
  if (most.length < moved.length / 2) return undefined;
  return most.reduce((sum, by) => sum + by, 0) / most.length;
}

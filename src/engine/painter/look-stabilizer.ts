import { TemporalFilter } from '../stabilize/temporal-filter.js';
import type { ColourMatrix, PictureLook } from '../wrap/look.js';
import { type Placement, type PlacementOffset, SamplingGridAligner, UNALIGNED } from '../wrap/sampling-grid.js';
import type { PaintRequest, PictureBytes, StyleSpec } from './protocol.js';

/** Change from one picture to the next from which on it counts as sudden. */
const SUDDEN_CHANGE = 0.1;

/** The parameters of a look that matter for the temporal filter. */
interface AppliedLook {
  readonly mirror: boolean;
  readonly colours: Float32Array;
  readonly vectors: Float32Array;
}

/** Reduces the flicker of pictures whose look may change with each of them; they come one after the other. */
export class LookStabilizer {
  private readonly aligner: SamplingGridAligner | undefined;
  private readonly filter: TemporalFilter | undefined;
  /** The look of the previous picture. */
  private before: AppliedLook | undefined;

  constructor(private readonly spec: StyleSpec) {
    if (spec.canvas) this.aligner = new SamplingGridAligner(spec.canvas, spec);
    if (spec.steady) this.filter = new TemporalFilter(spec);
  }

  /** Placement of the next picture in its canvas. */
  placementFor(place: PlacementOffset = UNALIGNED, mirror: boolean): Placement {
    return this.aligner?.placementFor(mirror ? { ...place, x: -place.x } : place) ?? UNALIGNED;
  }

  /** Filters a painted picture in place. */
  apply(painted: PictureBytes, { data, place, reset }: PaintRequest, look: PictureLook, matrix: ColourMatrix): void {
    const { mirror, vectors = matrix.colours } = look;
    const now: AppliedLook = { mirror, colours: matrix.colours, vectors };
    if (this.filter && place) {
      const cut = reset || !this.before || isSuddenChange(this.before, now);
      const seen = { ...place, x: mirror ? -place.x : place.x, cut };
      const rows = { data: painted, stride: 3 * this.spec.width, from: 0 };
      this.filter.apply(rows, this.filter.lumaOf(data, mirror), seen);
    }
    this.before = now;
  }
}

/** Whether the look changed suddenly, not gradually as in a fade. */
function isSuddenChange(before: AppliedLook, now: AppliedLook): boolean {
  const far = (a: Float32Array, b: Float32Array) => {
    const most = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    return b.some((value, i) => Math.abs(value - a[i]!) > SUDDEN_CHANGE * most);
  };
  return before.mirror !== now.mirror || far(before.colours, now.colours) || far(before.vectors, now.vectors);
}

import type { StateTensor } from '../analysis/recurrent-state.js';
import type { SessionSpec } from '../runtime/spec.js';
import type { NoisePeriod } from '../wrap/noise.js';
import type { Axes } from '../wrap/picture-nodes.js';
import type { PaddedCanvas, Placement } from '../wrap/sampling-grid.js';
import type { TilePlan } from '../wrap/tiles.js';

/** `workerData` of a frame worker. */
export interface FrameWorkerSpec {
  /** Paints the picture, or one tile of it. */
  readonly paint: SessionSpec;
  /** For networks that need statistics of the whole picture: computes them from a thumbnail, as inputs of `paint`. */
  readonly statistics?: SessionSpec;
  /** Present when the picture is painted in tiles. */
  readonly tiles?: TilePlan;
  /**
   * Present when the sampling grid is aligned with camera motion; with the axes of the network's input; not with tiles.
   */
  readonly canvas?: PaddedCanvas & { readonly axes: Axes };
  /**
   * Present when noise varies the strokes and its window is not always at the picture's corner: in tiles or a canvas.
   */
  readonly noise?: NoisePeriod;
  /** Recurrent states; not with tiles. */
  readonly states?: readonly StateTensor[];
  /** Put the original to the left of the result. */
  readonly compare: boolean;
  /** The pictures are successive frames: filter over time. */
  readonly steady?: boolean;
  /** Size of the pictures in pixels. */
  readonly width: number;
  readonly height: number;
}

/** A picture to paint. */
export interface PaintRequest {
  /** RGB24; the buffer is taken over. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Its placement in the canvas, if there is one. */
  readonly placement?: Placement | undefined;
  /** Resets the recurrent state before painting. */
  readonly reset?: boolean;
}

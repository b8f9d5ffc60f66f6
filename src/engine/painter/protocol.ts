import type { StateTensor } from '../analysis/recurrent-state.js';
import type { SessionSpec } from '../runtime/spec.js';
import type { Canvas, Laid } from '../wrap/grid.js';
import type { NoisePeriod } from '../wrap/noise.js';
import type { Axes } from '../wrap/picture-nodes.js';
import type { TilePlan } from '../wrap/tiles.js';

/** What a worker thread is started for. */
export interface WorkerSpec {
  /** Paints the picture, or one tile of it. */
  readonly paint: SessionSpec;
  /** Where the network needs statistics of the whole picture: gives them from a thumbnail, as inputs of `paint`. */
  readonly statistics?: SessionSpec;
  /** Present when the picture is painted in tiles. */
  readonly tiles?: TilePlan;
  /** Present when the picture follows the scene in a canvas, with the axes of the network's input; not with tiles. */
  readonly canvas?: Canvas & { readonly axes: Axes };
  /** Present when noise varies the strokes and does not always begin at the picture's corner: in tiles or a canvas. */
  readonly noise?: NoisePeriod;
  /** What the network remembers; not with tiles. */
  readonly states?: readonly StateTensor[];
  /** Put the original to the left of the result. */
  readonly compare: boolean;
  /** The pictures follow each other: what is painted is to settle. */
  readonly steady?: boolean;
  /** Size of the pictures in pixels. */
  readonly width: number;
  readonly height: number;
}

/** A picture to paint. */
export interface PaintAsk {
  /** RGB24; the buffer is taken over. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where it lies in the canvas, if there is one. */
  readonly offset?: Laid | undefined;
  /** Begins anew: what the network remembers is forgotten. */
  readonly fresh?: boolean;
}

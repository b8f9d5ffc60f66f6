import type { TilePlan } from './tiles.js';

/** A model and how its session is to run. Buffers travel by transfer or copy, never shared: ONNX Runtime refuses that. */
export interface SessionSpec {
  /** An ONNX file. Input `frame`: uint8 `[1, H, W, 3]`; output `result`: uint8 `[1, h, w, 3]`. */
  readonly model: Uint8Array;
  /** Execution provider, named as ONNX Runtime names it. */
  readonly provider: string;
  readonly threads: number;
}

/** What a worker thread is started for. */
export interface WorkerSpec {
  /** Paints the picture, or one tile of it. */
  readonly paint: SessionSpec;
  /** Where the network needs statistics of the whole picture: gives them from a thumbnail, as inputs of `paint`. */
  readonly statistics?: SessionSpec;
  /** Present when the picture is painted in tiles. */
  readonly tiles?: TilePlan;
  /** Put the original to the left of the result. */
  readonly compare: boolean;
  /** Size of the pictures in pixels. */
  readonly width: number;
  readonly height: number;
}

/** One picture to paint; `data` is transferred. */
export interface PaintRequest {
  readonly id: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a worker says: once when it is ready, then once for each picture. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'painted'; readonly id: number; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'error'; readonly id: number; readonly message: string };

import type { Tensor } from 'onnxruntime-common';

/** A runtime that executes ONNX graphs. */
export type EngineName = 'onnx' | 'tfjs';

/**
 * A model and the options of its session. Buffers are transferred or copied, never shared: ONNX Runtime refuses
 * SharedArrayBuffer.
 */
export interface SessionSpec {
  /** An ONNX file. Input `frame`: uint8 `[1, H, W, 3]`; output `result`: uint8 `[1, h, w, 3]`. */
  readonly model: Uint8Array;
  /** Default `onnx`. */
  readonly engine?: EngineName;
  /** Execution provider as ONNX Runtime names it, or backend as the table of tfjs names it. */
  readonly provider: string;
  /** Compute in half precision; not on the CPU. */
  readonly half?: boolean;
  readonly threads: number;
  /** Outputs that stay on the device where possible, because they are only fed back. */
  readonly keep?: readonly string[];
}

/**
 * Names of the inputs that place a picture in its canvas: amounts of padding and, for devices without dynamic padding,
 * the slice to take.
 */
export const PLACEMENT_INPUTS = { pads: 'pads', from: 'placedFrom', to: 'placedTo' } as const;

/** An inference session. Tensors are those of onnxruntime-common, whichever engine runs. */
export interface Session {
  /**
   * Runs once; may block the calling thread.
   *
   * @param fetches outputs to compute; where a tensor is given, the result is written into its data
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: Readonly<Record<string, Tensor | null>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees what it holds. */
  release(): Promise<void>;
  /** True when a part of the network runs on the CPU because the device lacks it. */
  readonly mixed: boolean;
}
